"""The files of the repository, as the guards look at them."""

import re
import subprocess
from functools import cache
from pathlib import Path

from tests.processes import ROOT

CODE = ("tasks_tracker", "industrialization", "templates", "static", "tests", "bin")
CHINESE = re.compile(r"[㐀-鿿豈-﫿]")


@cache
def repository_files(*suffixes: str, under: tuple[str, ...] = CODE) -> list[Path]:
    """Files under version control or about to be, without what others wrote (vendors, migrations)."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *under],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name)
    return sorted(
        path
        for path in paths
        if path.is_file()
        and (not suffixes or path.suffix in suffixes)
        and not {"vendor", "migrations"} & set(path.parts)
    )


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")
