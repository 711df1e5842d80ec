"""The writer: safe text, print layout, lights in words and colours, native charts. No database."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from tasks_tracker.reports import xlsx
from tasks_tracker.reports.colours import FILLS
from tasks_tracker.reports.document import (
    Column,
    Counts,
    Kind,
    Levels,
    Line,
    Mark,
    Moment,
    Row,
    Sheet,
    Sums,
    Workbook,
)
from tasks_tracker.reports.words import labels, ledger_columns, light_marks
from tasks_tracker.reports.xlsx.cells import LONGEST_TEXT, clean
from tests.reports.spreadsheets import BEHIND, LEDGER, SUMMARY, opened

COUNTS = Counts(items=1, lights=(0, 1, 0, 0, 0, 0, 0, 0), owed=1, given=1)
HALF = Sums(2, 2, 0, 1, 1.2)


def ledger_row(title: str = "工作事项", light: str = "on_track") -> Row:
    marks = {mark.code: mark for mark in light_marks()}
    values: dict[str, Any] = {
        Kind.TEXT: "",
        Kind.LONG: title,
        Kind.INTEGER: 1,
        Kind.PERCENT: 0.5,
        Kind.POINTS: -10.0,
        Kind.DATE: date(2026, 12, 31),
        Kind.LIGHT: marks[light],
        Kind.FLAG: 1,
    }
    return tuple(values[column.kind] for column in ledger_columns())


def listing(name: str, rows: Any, columns: tuple[Column, ...]) -> Sheet:
    return Sheet(name=name, title=name, columns=columns, rows=rows, empty="Nothing here.")


def document(rows: Any = (), texts: Any = ()) -> Workbook:
    """A workbook of one measure in one region."""
    line = Line("举措1.1", HALF, code="1.1", measure=1, task=1, counts=COUNTS)
    task, whole = replace(line, code="", measure=0), Line("Total", HALF, counts=COUNTS)
    region = replace(whole, region=420000, title="湖北")
    text = (Column("a", "Status", 10, Kind.LIGHT), Column("b", "Text", 30, Kind.LONG))
    return Workbook(
        title="周台账 & more",
        subtitle="3 促创新 · 2026-W47",
        author="李维",
        week="2026-W47",
        facts=(("Week", "2026-W47"),),
        lights=light_marks(),
        levels=Levels(
            measures=(line,),
            tasks=(task,),
            whole=whole,
            supporting=Line("Supporting", Sums(), counts=COUNTS),
            regions=(region,),
            region_tasks=(replace(task, region=420000),),
            region_measures=(replace(line, region=420000),),
        ),
        history=(Moment("2026-W46", 0.4, 0.5, 1), Moment("2026-W47", 0.5, 0.6, 1)),
        ledger=listing("Ledger", rows, ledger_columns()),
        behind=listing("Behind", texts, text),
        unreported=listing("Silent", (), text),
        rules=(("Rule", "Text"),),
        words=labels(),
    )


def written(**parts: Any) -> bytes:
    stream = BytesIO()
    xlsx.write(document(**parts), stream)
    return stream.getvalue()


def member(data: bytes, pattern: str) -> list[str]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return [archive.read(name).decode() for name in archive.namelist() if re.fullmatch(pattern, name)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("//x","y")', "\t=1", "{=1}"])
def test_text_never_becomes_a_formula(text: str) -> None:
    book = opened(written(texts=[(Mark("behind", "◆ Behind"), text)]), values=False)
    cell = book.worksheets[BEHIND].cell(4, 2)
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07c\x1bd", "abcd"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("\ud800半个", "半个"),
        ("_x0041_ <b>&", "_x005F_x0041_ <b>&"),  # as the format writes what looks like an escape
    ],
)
def test_characters_that_no_spreadsheet_holds_are_left_out(text: str, shown: str) -> None:
    book = opened(written(texts=[(Mark("behind", "◆ Behind"), text)]))
    assert book.worksheets[BEHIND].cell(4, 2).value == shown


def test_text_that_is_too_long_is_cut_with_a_mark() -> None:
    whole = "字" * LONGEST_TEXT
    assert clean(whole) == whole
    assert clean(whole + "字") == "字" * (LONGEST_TEXT - 1) + "…"
    faces = clean("😀" * LONGEST_TEXT)  # two units each
    assert len(faces.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert faces == "😀" * ((LONGEST_TEXT - 1) // 2) + "…"


def test_a_light_is_a_fill_and_a_word_with_its_character() -> None:
    rows = [ledger_row(light=code) for code in FILLS]
    sheet = opened(written(rows=rows)).worksheets[LEDGER]
    column = [each.key for each in ledger_columns()].index("light") + 1
    marks = {mark.code: mark.text for mark in light_marks()}
    for row, (code, (fill, _ink)) in enumerate(FILLS.items(), 4):
        cell = sheet.cell(row, column)
        assert cell.value == marks[code]
        assert cell.fill.fgColor.rgb == f"FF{fill.removeprefix('#')}"


def test_lists_print_on_a4_across_with_repeated_heads_and_page_numbers() -> None:
    for sheet in opened(written(rows=[ledger_row()])).worksheets[LEDGER : LEDGER + 3]:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.freeze_panes == "C4"
        assert "&P" in sheet.oddFooter.center.text
        assert "&N" in sheet.oddFooter.center.text
        assert sheet.auto_filter.ref


def test_a_title_that_begins_with_a_digit_does_not_become_a_font_size() -> None:
    sheets = "".join(member(written(), r"xl/worksheets/.*xml"))
    (header,) = set(re.findall(r"<oddHeader>(.*?)<", sheets))
    assert "&amp;R&amp;9 3 促创新" in header
    assert "周台账 &amp;&amp; more" in header


def test_the_summary_has_four_native_charts_with_stored_points() -> None:
    charts = member(written(rows=[ledger_row()]), r"xl/charts/chart\d+\.xml")
    assert len(charts) == 4
    kinds = [re.findall(r"<c:(bar|line)Chart>", chart)[0] for chart in charts]
    assert sorted(kinds) == ["bar", "bar", "bar", "line"]
    for chart in charts:
        assert "<c:numCache>" in chart
        assert "<c:strCache>" in chart


def test_an_empty_ledger_says_so_and_its_formulas_still_have_ranges() -> None:
    book = opened(written(), values=False)
    assert book.worksheets[LEDGER]["A4"].value == "Nothing here."
    ranges = [value.attr_text for name, value in book.defined_names.items() if name.startswith("ledger_")]
    assert len(ranges) == 12
    assert all(each.endswith("$4") for each in ranges)


def test_the_ledger_is_read_row_by_row_while_it_is_written() -> None:
    """Nothing holds all rows: each is asked for when the one before is on its way to the disk."""
    alive: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(3_000):
            alive.append(number)
            yield ledger_row(f"事项{number}")

    stream = BytesIO()
    assert xlsx.write(document(rows=rows()), stream) == 3_000 == len(alive)
    sheet = opened(stream.getvalue()).worksheets[LEDGER]
    assert sheet.max_row == 3_003
    assert sheet.cell(3_003, 2).value == "事项2999"


def test_the_summary_is_the_sheet_that_opens() -> None:
    book = opened(written(rows=[ledger_row()]))
    assert book.active == book.worksheets[SUMMARY]
