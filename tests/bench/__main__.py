"""`python -m tests.bench [--sizes 1000,10000,100000] [--write]`: seeds each size and compares the times.

Needs DATABASE_URL on a PostgreSQL server where databases may be created; `make bench` starts one. Every
number that is judged is a ratio of times measured in this run, so that the machine hardly matters.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import psycopg2

from tests.processes import ROOT, clean_environment

SIZES, SMALL = "1000,10000,100000", "1000,5000"
WEEKS, ROUNDS = 4, 3
MEASURE = ("shell", "--verbosity=0", "--command=from tests.bench.measure import main; main()")
BROWSE = ("shell", "--verbosity=0", "--command=from tests.bench.browser import main; main()")
PASSWORD = "journey-Password-1"  # with which a journey logs in
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Result:
    """Seconds for one number of items; medians of the best round."""

    items: int
    cells: int
    dashboard: float
    first_view: float
    acceptance: float
    roll_up: float
    again: float
    bare_query: float


@dataclass(frozen=True)
class Ratio:
    """What is judged: a ratio and the most that it may be."""

    what: str
    value: float
    limit: float

    @property
    def line(self) -> str:
        """For the table."""
        verdict = "ok" if self.value <= self.limit else "OVER"
        return f"| {self.what} | {self.value:.2f}× | {self.limit:.1f}× | {verdict} |"


def measured(sizes: list[int]) -> tuple[list[Result], str]:
    """Seed a database for each size, then measure them in turn, so that a busy machine is busy for all.

    Then what a browser sees of the largest, in a sentence.

    Of the rounds the best counts: what else runs on the machine can only add to a time.
    """
    with ExitStack() as stack:
        addresses = [stack.enter_context(database(f"bench_{size}")) for size in sizes]
        for size, address in zip(sizes, addresses, strict=True):
            begin = monotonic()
            run(address, "migrate", "--verbosity=0")
            run(address, "load_reference", "--verbosity=0")
            run(
                address,
                "seed_demo",
                f"--weeks={WEEKS}",
                f"--items={size}",
                "--seed=1",
                DEMO_PASSWORD=PASSWORD,
            )
            print(f"{size} items seeded in {monotonic() - begin:.0f} s", flush=True)
        rounds: list[list[dict[str, float]]] = []
        for number in range(1, ROUNDS + 1):
            rounds.append([json.loads(run(address, *MEASURE).splitlines()[-1]) for address in addresses])
            print(f"round {number} of {ROUNDS} measured", flush=True)
        seen = run(addresses[-1], *BROWSE).splitlines()[-1]
    results = [
        Result(**{name: min(each[name] for each in of_size) for name in of_size[0]})  # type: ignore[arg-type]
        for of_size in zip(*rounds, strict=True)
    ]
    return results, seen


def run(address: str, *command: str, **environment: str) -> str:
    """What a management command on the database prints; ends the program when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=address, LOG_LEVEL="WARNING", **environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} → {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def database(name: str) -> Iterator[str]:
    """A database of that name on the server of DATABASE_URL; gone afterwards."""
    server, _, _ = os.environ.get("DATABASE_URL", "").rpartition("/")
    if not server.startswith("postgres"):
        sys.exit("The measurements are made on PostgreSQL: make bench.")
    execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    yield f"{server}/{name}"
    execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def execute(server: str, *statements: str) -> None:
    """Run statements outside any transaction."""
    connection = psycopg2.connect(f"{server}/postgres")
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def ratios(results: list[Result]) -> list[Ratio]:
    """From the smallest to the largest size, and at the largest."""
    first, last = results[0], results[-1]
    span = f"from {first.items} to {last.items} items"
    return [
        Ratio(f"National dashboard, growth {span}", last.dashboard / first.dashboard, 1.3),
        Ratio(f"The same, first view after a change, growth {span}", last.first_view / first.first_view, 1.3),
        Ratio(f"Accepted report → cells updated, growth {span}", last.acceptance / first.acceptance, 1.5),
        Ratio(f"Roll-up, all written ÷ bare query, {last.items} items", last.roll_up / last.bare_query, 2.0),
        Ratio(f"Roll-up, unchanged ÷ bare query, {last.items} items", last.again / last.bare_query, 2.0),
    ]


def tables(results: list[Result], judged: list[Ratio]) -> str:
    """Markdown: the times in milliseconds, then what is judged."""
    columns = {
        "dashboard": "Dashboard",
        "first_view": "First view",
        "acceptance": "Accepted → updated",
        "roll_up": "Roll-up, all written",
        "again": "Roll-up, unchanged",
        "bare_query": "Bare query",
    }
    rows = [
        f"| {result.items} | {result.cells} | "
        + " | ".join(f"{1000 * getattr(result, column):.0f}" for column in columns)
        + " |"
        for result in results
    ]
    return "\n".join(
        [
            "| Items | Cells a week | " + " | ".join(columns.values()) + " |",
            "| ---: " * (2 + len(columns)) + "|",
            *rows,
            "",
            "| Measured in the same run | Ratio | At most | |",
            "| --- | ---: | ---: | --- |",
            *(ratio.line for ratio in judged),
        ]
    )


def machine() -> str:
    """Processor, cores, Python and PostgreSQL, in one line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    with closing(psycopg2.connect(os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres")) as connection:
        version = connection.server_version // 10_000
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL {version}"


def page(table: str, seen: str) -> str:
    """The text of docs/benchmarks.md."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    return f"""# Speed

Written by `bin/bench --write` on {today}; `make bench` measures again, `make bench-small` at small sizes.
{machine()}. Demonstration data, {WEEKS} weeks. Milliseconds, medians of the best of {ROUNDS} rounds; the
judged numbers are ratios of times measured in the same run. `tests/bench/measure.py` says what each covers.

{table}

{seen}
At most 700 KB and 1.5 s are wanted. `tests/journeys/test_first_view.py` asserts the bytes, never time.

- *Dashboard*: server time of the national page for a national viewer. It reads cells, whose number ends at
  measures × regions × leads, however many items there are. *First view*: the same when the cells of the
  running week have just changed.
- *Accepted → updated*: accepting one report and recomputing the cells that it makes stale.
- *Roll-up*: the whole running week computed anew; every cell written, or none because nothing changed.
- *Bare query*: only the SELECT … GROUP BY of the roll-up over the same rows, sent past Django.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help=f"default: {SIZES}")
    parser.add_argument("--small", action="store_true", help=f"the same as --sizes {SMALL}")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    arguments = parser.parse_args()
    sizes = sorted(int(size) for size in (SMALL if arguments.small else arguments.sizes).split(","))
    results, seen = measured(sizes)
    judged = ratios(results)
    table = tables(results, judged)
    print(f"\n{table}\n\n{seen}")
    if arguments.write:
        PAGE.write_text(page(table, seen), encoding="utf-8")


if __name__ == "__main__":
    main()
