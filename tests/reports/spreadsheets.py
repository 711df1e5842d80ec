"""Reading workbooks back: as they were written, and as LibreOffice computes them."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook as Book

from tasks_tracker.actions.workbook import make_workbook
from tasks_tracker.models import Plan, User
from tests.factories import THIS_WEEK
from tests.reports.random_plan import NOW

SUMMARY, LEDGER, BEHIND, UNREPORTED, RULES, WORKINGS = range(6)
HEAD = 5  # the row of the first heads of the summary, counted from 1


def made(plan: Plan, by: User, scope: str = "national", subject: str = "", **more: Any) -> bytes:
    """The bytes of a workbook made by the product."""
    week = more.pop("week", THIS_WEEK)
    workbook = make_workbook(plan=plan, week=week, scope=scope, subject=subject, by=by, now=NOW)
    with workbook.file:
        return workbook.file.read()


def opened(data: bytes, *, values: bool = True) -> Book:
    """The workbook with the values stored beside the formulas, or with the formulas."""
    return openpyxl.load_workbook(BytesIO(data), data_only=values)


def formulas(book: Book) -> Iterator[tuple[str, str, str]]:
    """(sheet, cell, formula) of every formula."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, cell.value


def table(data: bytes, sheet: int, head: int) -> list[dict[str, Any]]:
    """The rows of a list, by the words of its heads; `head` counts from 1."""
    rows = list(opened(data).worksheets[sheet].iter_rows(min_row=head, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if row[0] is not None]


def recalculated(files: dict[str, bytes], folder: Path) -> dict[str, Book]:
    """What LibreOffice computes from the formulas alone: the stored values are taken out first."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice computes the formulas; it is not installed (libreoffice-calc)")
    bare, done = folder / "bare", folder / "done"
    bare.mkdir()
    for name, data in files.items():
        openpyxl.load_workbook(BytesIO(data)).save(bare / f"{name}.xlsx")  # openpyxl stores no values
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    convert = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(done)]
    subprocess.run(
        [office, profile, *convert, *map(str, sorted(bare.iterdir()))],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return {name: openpyxl.load_workbook(done / f"{name}.xlsx", data_only=True) for name in files}
