"""The workbook of a week goes out and comes back: through the file format, and through another program."""

import re
import shutil
import subprocess
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks_tracker.forms.week_check import read_filled
from tasks_tracker.forms.week_sheet import columns
from tasks_tracker.models import Problem
from tasks_tracker.reports.document import Mark
from tasks_tracker.reports.reading import read_workbook
from tasks_tracker.reports.week_sheet import ENTRY, Filled, Identity, SheetRow, WeekSheet, held
from tasks_tracker.reports.xlsx.week_sheet import write_week_sheet

SEEN = "2 2026-11-16T02:00:00.123456+00:00"
KINDS = {code: str(label) for code, label in Problem.Kind.choices}
NASTY = (
    "=1+1",
    '=HYPERLINK("http://x","点")',
    "+86 10",
    "-已完成",
    "@张三",
    "'撇号",
    "  前后空格  ",
    "第一行\n第二行",
    "制表\t符",
    "𠮷野家 😀",
    "_x000D_ _x0041_",
    "<b>&amp;\"'</b>",
    "２０２６年３月底",
    "100个左右",
    "0012",
    "1e5",
    "TRUE",
    "#REF!",
    "2026-03-01",
    "字" * 2000,
)


def row(number: int, code: str = "", **values: str) -> SheetRow:
    code = code or f"GY-{number}"
    shown = {
        "code": code,
        "title": f"事项{number}",
        "due_on": date(2026, 12, 31),
        "light": Mark("behind", "◆ 滞后"),
    }
    shown |= {
        "status": "退回：请核对",
        "last_percent": 0.5,
        "planned": "—",
        "last_note": "=上期",
        "last_problem": "",
    }
    blank = dict.fromkeys(ENTRY, "")
    return SheetRow(number, code, SEEN, True, shown | {"last_steps": "@"}, blank | values)


def written(*rows: SheetRow) -> bytes:
    words = dict.fromkeys(("page", "no_data", "empty", "wrong_percent", "wrong_no_change", "wrong_kind"), "–")
    stream = BytesIO()
    sheet = WeekSheet(
        title="每周进展填报表",
        subtitle="湖北",
        author="陈晓岚",
        identity=Identity(1, date(2026, 11, 16), "hubei", "chen", "2026-11-19T15:00:00+08:00"),
        notes=("演示数据",),
        columns=columns(),
        rows=rows,
        kinds=KINDS,
        yes="是",
        help=(("填写", "只填黄色"),),
        words=words | {"table": "填报表", "help": "填写说明"},
    )
    write_week_sheet(sheet, stream)
    return stream.getvalue()


def saved_by_openpyxl(data: bytes) -> bytes:
    stream = BytesIO()
    openpyxl.load_workbook(BytesIO(data)).save(stream)
    return stream.getvalue()


def saved_by_libreoffice(data: bytes, folder: Path) -> bytes:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (libreoffice-calc)")
    (folder / "出.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    convert = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "back")]
    command = [office, profile, *convert, str(folder / "出.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return (folder / "back" / "出.xlsx").read_bytes()


def with_values(*rows: SheetRow) -> dict[int, dict[str, str]]:
    return {row.item_id: {key: held(row.values[key]) for key in ENTRY} for row in rows}


def read_values(filled: Filled) -> dict[int | None, dict[str, str]]:
    return {row.item_id: dict(row.typed) for row in filled.rows}


# What a text field of a report can hold; openpyxl takes x005F_ for its own.
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60).filter(
    lambda text: "x005F_" not in text
)
PERCENTS = st.integers(0, 10_000).map(lambda n: f"{n / 100:.2f}".rstrip("0").rstrip("."))
VALUES = st.fixed_dictionaries(
    {
        "percent": st.just("") | PERCENTS,
        "progress_note": TEXTS,
        "decrease_reason": TEXTS,
        "kind": st.sampled_from(["", *KINDS]),
        "description": TEXTS,
        "next_steps": TEXTS | st.sampled_from(NASTY),
    }
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(VALUES, min_size=1, max_size=6))
def test_whatever_stands_in_a_row_comes_back_unchanged(values: list[dict[str, str]]) -> None:
    rows = [row(number, **each) for number, each in enumerate(values, 1)]
    filled = read_filled(written(*rows))
    assert read_values(filled) == with_values(*rows)
    assert all(one.is_unchanged for one in filled.rows)


def test_a_text_stays_the_text_that_it_is() -> None:
    rows = [row(n, progress_note=text, description=text) for n, text in enumerate(NASTY, 1)]
    data = written(*rows)
    for returned in (data, saved_by_openpyxl(data)):
        filled = read_filled(returned)
        assert read_values(filled) == with_values(*rows)
        assert all(one.is_unchanged for one in filled.rows)


def test_texts_that_look_like_formulas_are_no_formulas_and_stay_texts_when_typed_over() -> None:
    texts = ("=1+1", "+1", "-1", "@a")
    data = written(*(row(n, progress_note=text) for n, text in enumerate(texts, 1)))
    sheet = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    column = [column.key for column in columns()].index("progress_note") + 1
    for number, text in enumerate(texts, 7):
        cell = sheet.cell(number, column)
        assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
        assert cell.quotePrefix
    assert not any(cell.data_type == "f" for line in sheet.iter_rows() for cell in line)


def test_what_libreoffice_saves_comes_back_unchanged_too(tmp_path: Path) -> None:
    """Another program has opened it, made its own styles, words and order of parts of it, and saved it."""
    texts = [text for text in NASTY if "_x00" not in text]
    rows = [row(n, percent=f"{n}.25", kind="funds", progress_note=text) for n, text in enumerate(texts, 1)]
    filled = read_filled(saved_by_libreoffice(written(*rows), tmp_path))
    assert read_values(filled) == with_values(*rows)
    assert [one.number for one in filled.rows if not one.is_unchanged] == []
    assert filled.identity.made_by == "chen"


def test_libreoffice_finds_locks_drop_downs_and_hidden_columns(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(BytesIO(saved_by_libreoffice(written(row(1)), tmp_path)))
    sheet = book.worksheets[0]
    keys = {str(cell.value): cell.column for cell in sheet[5]}
    assert sheet.protection.sheet
    assert sheet.cell(7, keys["title"]).protection.locked
    assert not sheet.cell(7, keys["progress_note"]).protection.locked
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert f'"{",".join(KINDS.values())}"' in lists
    assert book.worksheets[2].sheet_state in ("hidden", "veryHidden")


def test_the_identity_stands_in_a_hidden_sheet_with_names() -> None:
    book = openpyxl.load_workbook(BytesIO(written(row(1))))
    assert book.worksheets[2].sheet_state == "veryHidden"
    names = {name: defined.attr_text for name, defined in book.defined_names.items()}
    assert names["week_workbook_week"] == "'_about'!$B$4"
    assert [line[1].value for line in book.worksheets[2].iter_rows(min_row=2)] == [
        "1",
        "1",
        "2026-W47",
        "hubei",
    ]


def test_a_size_that_a_sheet_claims_is_not_believed() -> None:
    data = written(row(1))

    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:XFD1048576"/>', part)
            new.writestr(name, part)
    [table, *_others] = read_workbook(BytesIO(stream.getvalue()))
    assert len(table.rows) == 7
    assert max(map(len, table.rows)) == len(columns())
