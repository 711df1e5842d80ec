"""Opening workbooks that somebody supplies: what is read, and what is refused, in little memory."""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from tasks_tracker.reports.sheets import read_grid, sheet_names
from tasks_tracker.rules.grids import MOST_ROWS, Grid
from tasks_tracker.rules.outline import UnreadableText
from tests.factories.files import older_office, zipped
from tests.factories.ledgers import changed, parts_of, renumbered, saved, ugly, workbook

MEGABYTE = 1024 * 1024


def texts(grid: Grid) -> list[tuple[str, ...]]:
    return [line.cells for line in grid.lines]


def refusal(content: bytes, name: str = "台账") -> str:
    try:
        read_grid(content, name if name in sheet_names(content) else "")
    except UnreadableText as refused:
        return refused.code
    return "read"


# --- what is read -----------------------------------------------------------------------------------------
def test_values_are_read_as_a_person_reads_them() -> None:
    row = (1, 2.0, 0.5, True, date(2026, 3, 31), datetime(2026, 3, 31, 8, 30), " 文字 ", None, 12.1)

    def as_percent(sheet: Any) -> None:
        sheet["C2"].number_format = "0%"

    grid = read_grid(workbook([row], ("表头",), change=as_percent), "台账")
    assert texts(grid)[1] == (
        "1", "2", "50%", "yes", "2026-03-31", "2026-03-31 08:30:00", " 文字 ", "", "12.1",
    )  # fmt: skip


def test_merged_cells_say_their_value_in_each_place() -> None:
    grid = read_grid(ugly(), "任务台账")
    lines = {line.number: line for line in grid.lines}
    assert set(lines[1].cells) == {"2026年重点任务台账"}
    assert lines[5].cells[1] == lines[4].cells[1] == "1.1"
    assert lines[5].cells[3] == "湖北省经信厅"


def test_hidden_rows_and_columns_are_known() -> None:
    grid = read_grid(ugly(), "任务台账")
    assert [line.number for line in grid.lines if line.hidden] == [6]
    assert grid.hidden_columns == {7}
    assert max(line.number for line in grid.lines) == 9  # formatted rows far below hold nothing


def test_a_formula_without_its_value_is_named() -> None:
    assert read_grid(ugly(), "任务台账").unknown_values == ("G9",)


def test_sheets_are_listed_in_their_order() -> None:
    assert sheet_names(ugly()) == ["说明", "任务台账"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_of_any_encoding(encoding: str, delimiter: str) -> None:
    content = "\r\n".join(delimiter.join(row) for row in (("事项", "单位"), ("甲", '"乙\n丙"'))).encode(
        encoding
    )
    assert texts(read_grid(content, "")) == [("事项", "单位"), ("甲", "乙\n丙")]


def test_only_the_beginning_is_read_where_only_that_is_asked_for() -> None:
    content = workbook([(n, "1.1") for n in range(500)])
    assert len(read_grid(content, "台账", 30).lines) == 30


# --- what is refused --------------------------------------------------------------------------------------
def test_what_is_no_workbook_is_told_apart() -> None:
    assert refusal(b"") == "empty"
    assert refusal(older_office("Workbook")) == "old_excel"
    assert refusal(older_office("EncryptedPackage")) == "encrypted"
    assert refusal(zipped({"word/document.xml": b"<x/>"})) == "binary"
    assert refusal(zipped({"xl/workbook.bin": b"", "[Content_Types].xml": b"<x/>"})) == "old_excel"
    assert refusal(b"\x89PNG\r\n\x1a\n" + b"\0" * 99) == "binary"
    assert refusal(workbook() + b" " * 11 * MEGABYTE) == "too_large"


def test_macros_are_refused() -> None:
    parts = parts_of(workbook())
    assert refusal(zipped(parts | {"xl/vbaProject.bin": b"x"})) == "macros"
    types = parts["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert refusal(zipped(parts | {"[Content_Types].xml": types})) == "macros"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/theme/theme1.xml", "xl/styles.xml"]
)
def test_entities_are_refused(part: str, tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    parts = parts_of(workbook())
    for entity in (f'<!ENTITY x SYSTEM "file://{secret}">', '<!ENTITY x "xxxxxxxxxx">'):
        _declaration, end, body = parts[part].rpartition(b"?>")
        content = b"%s<!DOCTYPE a [%s]>%s" % (end and b'<?xml version="1.0"?>', entity.encode(), body)
        assert refusal(zipped(parts | {part: content})) == "damaged"


def test_a_truncated_workbook_is_damaged() -> None:
    content = workbook()
    assert {refusal(content[:length]) for length in range(4, len(content) - 1, 97)} == {"damaged"}


def test_too_many_rows_are_refused() -> None:
    assert refusal("\n".join(["事项,单位"] * (MOST_ROWS + 1)).encode()) == "too_many_rows"
    book = Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for number in range(MOST_ROWS + 1):
        sheet.append((number,))
    assert refusal(saved(book)) == "too_many_rows"


def peak_of(act: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def sheet_of(rows: Any) -> bytes:
    """A workbook whose sheet holds this XML for its rows."""
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts_of(workbook()).items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, part)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(head)
            for piece in rows:
                part.write(piece)
            part.write(b"</sheetData></worksheet>")
    return buffer.getvalue()


def test_a_million_rows_are_refused_in_flat_memory() -> None:
    content = sheet_of(
        b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(first, first + 1000))
        for first in range(1, 1_000_000, 1000)
    )
    assert len(content) < 10 * MEGABYTE
    assert peak_of(lambda: refusal(content)) < 16 * MEGABYTE


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    content = sheet_of(b"<row/>" * 100_000 for _ in range(400))
    assert len(content) < MEGABYTE
    assert peak_of(lambda: refusal(content)) < 4 * MEGABYTE
    assert refusal(content) == "bomb"
    shared = zipped(
        parts_of(workbook()) | {"xl/sharedStrings.xml": b"<sst>" + b" " * 30 * MEGABYTE + b"</sst>"}
    )
    assert refusal(shared) == "bomb"
    assert refusal(zipped(parts_of(workbook()) | {f"x{n}": b"" for n in range(2_001)})) == "bomb"


def test_merged_ranges_without_end_are_bounded() -> None:
    sheet = parts_of(workbook())["xl/worksheets/sheet1.xml"]
    one = b'</sheetData><mergeCells><mergeCell ref="J1:XFD1048576"/></mergeCells>'
    content = zipped(parts_of(workbook()) | {"xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", one)})
    assert [line.number for line in read_grid(content, "台账").lines] == [1, 2, 3]
    many = b"".join(b'<mergeCell ref="A1:B2"/>' for _ in range(20_001))
    swollen = sheet.replace(b"</sheetData>", b"</sheetData><mergeCells>" + many + b"</mergeCells>")
    assert refusal(zipped(parts_of(workbook()) | {"xl/worksheets/sheet1.xml": swollen})) == "bomb"


# --- anything at all --------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_to_a_workbook_it_is_read_or_refused(seed: int) -> None:
    """Some 360 changed workbooks: bytes of the container, and of its parts, changed, lost or doubled."""
    chance = random.Random(seed)
    whole, parts = ugly(), parts_of(ugly())
    for _round in range(30):
        if chance.random() < 0.4:
            content = changed(whole, chance)
        else:
            name = chance.choice([n for n in parts if n.endswith((".xml", ".rels"))])
            change = chance.choice((changed, renumbered))
            content = zipped(parts | {name: change(parts[name], chance)})
        try:
            for sheet in sheet_names(content):
                read_grid(content, sheet)
        except UnreadableText:
            continue
