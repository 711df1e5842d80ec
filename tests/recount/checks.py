"""Tables of pages, each compared with the second count. A check returns where they differ."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from tasks_tracker.models import Actor, KeyTask, Region
from tasks_tracker.rules.weeks import format_week
from tests.recount.arithmetic import FULL, Count, Figure, minus, number, percent, signed, span
from tests.recount.expected import LIGHT_WORDS, Subject, bar, bullet, value
from tests.recount.pages import Table
from tests.recount.week import Week

Check = Callable[[Table], list[str]]


def unequal(table: Table, wanted: list[list[str]]) -> list[str]:
    """Line by line, where a table has to say exactly this."""
    if table.lines == wanted:
        return []
    pairs = zip(table.lines, wanted, strict=False)
    first = next((f"{line}, recounted {other}" for line, other in pairs if line != other), "")
    return [f"{table.name}: {first or f'{len(table.lines)} lines, recounted {len(wanted)}'}"]


def matrix(table: Table, subjects: Mapping[tuple[str, str], Subject]) -> list[str]:
    found = []
    for row, column, text in table.cells():
        subject = subjects[row, column]
        wanted = signed(value(subject.figure, "variance"), 0) if subject.now.scope else "·"
        wanted = "?" if wanted == "no data" else wanted
        if text != wanted:
            found.append(f"{table.name}: {row} × {column}: {text}, recounted {wanted}")
    return found


def light_matrix(table: Table, subjects: Mapping[tuple[str, str], Subject]) -> list[str]:
    """Rows × columns in words: progress, plan, variance and coverage of every cell with items."""
    found = []
    for row, column, text in table.cells():
        subject = subjects[row, column]
        figure, wanted = subject.figure, []
        if not subject.now.scope:
            wanted = ["no work items"]
        elif figure and figure.progress is not None:
            wanted = [
                f"progress {percent(figure.progress)}",
                f"planned {percent(figure.planned)}",
                f"variance {signed(figure.variance)}",
                f"coverage {percent(figure.coverage * FULL)}",
            ]
        found += [f"{table.name}: {row} × {column}: {text}, recounted {w}" for w in wanted if w not in text]
    return found


def grid(table: Table, week: Week, task: KeyTask) -> list[str]:
    """Measures × regions; the last line is the key task."""
    codes = {r.short_label: r.code for r in Region.objects.all()}
    found = []
    for row, column, text in table.cells():
        code, total = row.split()[0], row == "Key task in total"
        part = week.of_task(task.number, codes[column]) if total else week.of_measure(code, codes[column])
        if text != (wanted := grid_cell(part)):
            found.append(f"{table.name}: {row} × {column}: {text}, recounted {wanted}")
    return found


def grid_cell(part: Subject) -> str:
    lights = part.now.lights()
    items = len(part.now.scope)
    if not items:
        return "not applicable"
    if lights["done"] == items:
        return "all done"
    if lights["not_started"] == items:
        return "not started"
    variance = value(part.figure, "variance")
    text = "no data" if variance is None else signed(variance, 0)
    return f"{text} , overdue {lights['overdue']}" if lights["overdue"] else text


def curves(week: Week, figure: Callable[[Count], Figure | None]) -> dict[str, Check]:
    """The curve and the gap: the weeks in which anything was known, latest first."""

    def points() -> Iterator[tuple[date, Figure]]:
        for monday in reversed(week.weeks()):
            there = figure(week.at(monday))
            if there and there.progress is not None:
                yield monday, there

    def curve(table: Table) -> list[str]:
        wanted = [
            [format_week(w), number(f.planned), number(f.progress), span(f, 1), signed(f.variance)]
            for w, f in points()
        ]
        return unequal(table, wanted)

    def gap(table: Table) -> list[str]:
        return unequal(table, [[format_week(w), signed(f.variance, 2)] for w, f in points()])

    return {"Progress week by week": curve, "Variance in the last": gap}


def overdue(table: Table, week: Week) -> list[str]:
    """Every line is an overdue item with its percent."""
    due = [line for line in week.now.scope if line.light == "overdue" and line.task]
    heads = table.heads.index("Percent")
    percents = sorted(percent(line.percent, 0) if line.known else "no data" for line in due)
    shown = [line[heads] for line in table.lines]
    missing = [text for text in shown if text not in percents]
    if missing or len(shown) != min(len(due), 8) or table.name.split()[-1] != str(len(due)):
        return [f"{table.name}: {shown}, recounted {percents}"]
    return []


def units(table: Table, here: Count) -> list[str]:
    """The leads themselves, without what is below them."""
    paths = {actor.label: actor.path for actor in Actor.objects.all()}
    found = []
    for name, head, text in table.cells():
        own = here.where(lambda i, p=paths[name]: i.path == p)
        wanted = {
            "Items": len(own.scope),
            "Owed": own.due,
            "Missing": own.due - own.given,
            "Filled in": percent(own.filled_in, 0) if own.due else "–",
        }.get(head)
        if text != str(wanted):
            found.append(f"{table.name}: {name} / {head}: {text}, recounted {wanted}")
    return found


def timeline(table: Table, here: Count) -> list[str]:
    """Actual and planned of every item that is drawn; the other table holds dates only."""
    if "Actual/plan" not in table.heads:
        return []
    known = {
        (f"{number(i.percent, 0)} /{number(i.planned, 0)}" if i.known else "no data", LIGHT_WORDS[i.light])
        for i in here.scope
    }
    place, light = table.heads.index("Actual/plan"), table.heads.index("Light")
    shown = [(line[place], line[light]) for line in table.lines if line[light] in LIGHT_WORDS.values()]
    return [f"{table.name}: {pair}, not among the recounted" for pair in shown if pair not in known]


def tiles(table: Table, subject: Callable[[str], Subject]) -> list[str]:
    """The map as a table: a line for every region that reports."""
    codes = {name: r.code for r in Region.objects.all() for name in (r.label, r.short_label)}
    found = []
    for name, head, text in table.cells():
        line = subject(codes[name])
        wanted = {
            "Shown on the tiles": signed(value(line.figure, "variance")),
            "Overdue": str(line.now.lights()["overdue"]),
        }.get(head)
        if text.replace("–", "no data") != wanted:
            found.append(f"{table.name}: {name} / {head}: {text}, recounted {wanted}")
    return found


def position(table: Table, week: Week, code: str) -> list[str]:
    """The region beside the median of those that report."""
    there = {r.code: week.whole(r.code) for r in Region.objects.filter(reports=True)}
    found = []
    for name, *_drawn, own, middle in table.lines:
        values = {c: measured(line, name) for c, line in there.items() if line.now.scope}
        known = sorted(value for value in values.values() if value is not None)
        half = len(known) // 2
        median = None
        if known:
            median = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
        wanted = [written(values.get(code), name), written(median, name)]
        if [own, middle] != wanted:
            found.append(f"{table.name}: {name}: {own}, {middle}, recounted {wanted}")
    return found


def measured(line: Subject, name: str) -> Fraction | None:
    """One of the figures in which regions are compared."""
    progress = value(line.figure, "progress")
    return {
        "Progress": progress,
        "Variance": value(line.figure, "variance"),
        "This week": minus(progress, value(line.then, "progress")),
        "Filled in": line.now.filled_in,
        "Share overdue": Fraction(100 * line.now.lights()["overdue"], len(line.now.scope)),
    }[name]


def written(figure: Fraction | None, name: str) -> str:
    if name in ("Filled in", "Share overdue"):
        return percent(figure, 0)
    return percent(figure) if name == "Progress" else signed(figure)


def reporting(table: Table, week: Week, here: Callable[[Count], Count]) -> list[str]:
    """What became of the reports of the last twelve weeks in which there was anything."""
    wanted = []
    counts = {monday: here(week.at(monday)) for monday in week.weeks()}
    for monday, count in [(m, c) for m, c in reversed(counts.items()) if c.lines][:12]:
        reports = [report for line in count.lines for report in line.reports]
        given = [report for report in reports if report[0] in ("accepted", "submitted")]
        wanted.append(
            [
                format_week(monday),
                str(count.due),
                percent(count.filled_in, 0),
                str(sum(late for _s, _n, late in given)),
                str(count.due - count.given),
                str(sum(status == "returned" for status, _n, _l in reports)),
                str(sum(same for _s, same, _l in given)),
            ]
        )
    return unequal(table, wanted)


def shares(table: Table, parts: Mapping[str, tuple[int, Figure | None]], whole: Figure | None) -> list[str]:
    """The parts of an average: their own figures, what each adds, and that the columns come to the foot.

    What a part adds is shown within a hundredth: the last digit is set so that the shown numbers add up.
    """
    if whole is None or whole.progress is None:
        return []
    present = {name: (weight, figure) for name, (weight, figure) in parts.items() if figure and weight}
    total = sum(weight for weight, _figure in present.values())
    foot = [number(v, 2) for v in (whole.coverage * FULL, whole.lower, whole.planned, whole.progress)]
    found = [] if table.lines[-1][-4:] == foot else [f"{table.name}: foot {table.lines[-1]}, not {foot}"]
    sums = [Fraction(0)] * 4
    for line in table.lines:
        name = next((known for known in present if line[0].startswith(f"{known} ")), None)
        if name is None:
            continue
        weight, figure = present[name]
        own = [number(v, 2) for v in (figure.coverage * FULL, figure.lower, figure.planned, figure.progress)]
        if line[3:7] != own:
            found.append(f"{table.name}: {name}: {line[3:7]}, recounted {own}")
        share = Fraction(weight, total)
        adds = [share * figure.coverage * FULL, share * figure.lower, share * figure.planned]
        shown = [Fraction(text) for text in line[7:11]]
        for text, exact in zip(shown, [*adds, adds[1] / whole.coverage], strict=True):
            if abs(text - exact) > Fraction(1, 100):
                found.append(f"{table.name}: {name} adds {float(text)}, recounted {number(exact, 4)}")
        sums = [before + text for before, text in zip(sums, shown, strict=True)]
    if (added := [number(value, 2) for value in sums]) != foot:
        found.append(f"{table.name}: the columns come to {added}, not {foot}")
    return found


def bridge(table: Table, then: Figure | None, now: Figure | None) -> list[str]:
    """From then to now: the ends are the figures of the weeks, and the steps add up to the last digit."""
    shown = [line[-1] for line in table.lines]
    ends = [percent(value(then, "progress"), 2), percent(value(now, "progress"), 2)]
    if [shown[0], shown[-1]] != ends:
        return [f"{table.name}: {shown[0]} to {shown[-1]}, recounted {ends}"]
    if "no data" in ends:
        return []
    steps = [Fraction(line[-2].replace("−", "-")) for line in table.lines[1:-1]]
    gap = Fraction(ends[1].rstrip("%")) - Fraction(ends[0].rstrip("%"))
    return [] if sum(steps) == gap else [f"{table.name}: the steps come to {sum(steps)}, not {gap}"]


def turned(table: Table, then: Count, now: Count) -> list[str]:
    """Lights then × lights now, of what counts in both weeks."""
    before = {line.code: line.light for line in then.scope if line.task}
    after = {line.code: line.light for line in now.scope if line.task}
    codes = {word: code for code, word in LIGHT_WORDS.items()}
    found = []
    for row, column, text in table.cells():
        if row in codes and column in codes:
            n = sum(before[c] == codes[row] and after.get(c) == codes[column] for c in before)
            if (text.split()[0] if n else text) != (str(n) if n else "·"):
                found.append(f"{table.name}: {row} → {column}: {text}, recounted {n}")
    return found


def actors(table: Table, week: Week) -> list[str]:
    """Every lead with all that is below it."""
    paths = {actor.label: actor.path for actor in Actor.objects.all()}
    levels = "|".join(str(level.label) for level in Actor.Level)
    found = []
    for name, head, text in table.cells():
        path = paths[re.sub(f" ({levels})$", "", name)]
        under = week.subject(Count.plan, lambda i, p=path: i.path.startswith(p))
        wanted = _actor_cell(under, head)
        if text != wanted:
            found.append(f"{name} / {head}: {text}, recounted {wanted}")
    return found


def _actor_cell(line: Subject, head: str) -> str | None:
    """Items, figures and lights: of the seven key tasks; reports: of everything."""
    figure, seven = line.figure, line.now.where(lambda i: i.task is not None)
    supporting = len(line.now.scope) - len(seven.scope)
    progress = value(figure, "progress")
    known = figure is not None and progress is not None
    return {
        "Work items": str(len(seven.scope)),
        "Progress, range and plan": bullet(line),
        "Actual / planned": f"{number(progress)} /{number(figure.planned)}" if known else "no data",
        "Variance": signed(figure.variance) if known else "–",
        "Coverage": percent(figure.coverage * FULL) if figure else "–",
        "Lights": bar(seven) if seven.scope else "",
        "Supporting measures": str(supporting or "–"),
        "Filled in": percent(line.now.filled_in) if line.now.due else "–",
        "Not reported": str(line.now.due - line.now.given),
    }.get(head)


def items(table: Table, week: Week) -> list[str]:
    """Every item that counts for itself, on its line."""
    there = {line.code: line for line in week.now.lines}
    place = {head: table.heads.index(head) for head in ("Work item", "Actual / planned", "Variance")}
    found = []
    for cells in table.lines:
        line = next((there[word] for word in cells[place["Work item"]].split() if word in there), None)
        if line is None or not line.counts:
            continue
        known = line.percent if line.known else None
        wanted = {
            "Actual / planned": f"{number(known)} /{number(line.planned)}",
            "Variance": signed(minus(known, line.planned)).replace("no data", "–"),
        }
        found += [
            f"{line.code} / {head}: {cells[place[head]]}, recounted {text}"
            for head, text in wanted.items()
            if cells[place[head]] != text
        ]
    return found
