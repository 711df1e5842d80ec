"""The workbook of a report: numbers are numbers, totals formulas, charts native, sheets ready to print."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tasks_tracker.reports.paper import Heading, Mark, Paper, Part, Table
from tasks_tracker.reports.writers import write
from tasks_tracker.reports.xlsx.figures import number_of
from tests.factories.papers import make_line_paper, make_paper
from tests.reports.printed import Written
from tests.reports.spreadsheets import formulas, opened, recalculated


@pytest.fixture
def national(written: dict[str, Written]) -> bytes:
    return written["national"].files["xlsx"]


def test_every_table_and_every_picture_has_its_sheet(national: bytes) -> None:
    names = opened(national).sheetnames
    assert names[0] == "报告正文"
    assert [name[:1] for name in names[1:]] == [str(number) for number in range(1, len(names))]
    assert any("表1" in name for name in names)
    assert any("附件1" in name for name in names)
    assert all(len(name) <= 31 for name in names)


def test_libreoffice_computes_what_is_stored(national: bytes, tmp_path: Path) -> None:
    stored, computed = opened(national), recalculated({"paper": national}, tmp_path)["paper"]
    count = 0
    for sheet, cell, _formula in formulas(opened(national, values=False)):
        count += 1
        here, there = stored[sheet][cell].value, computed[sheet][cell].value
        if isinstance(here, str):
            assert there == here, (sheet, cell)
        else:
            assert there == pytest.approx(here, abs=1e-9), (sheet, cell)
    assert count > 50


def test_totals_that_add_up_are_formulas_and_others_stay_as_they_were_said(national: bytes) -> None:
    sheet = next(each for each in opened(national, values=False) if "表1" in each.title)
    total = [cell.value for cell in list(sheet.rows)[10]]
    assert total[0] == "合　计"
    assert total[1] == "=SUM(B4:B10)"
    assert total[2:5] == [69.1, 71.3, -2.2]
    assert total[5:] == ["=SUM(F4:F10)", "=SUM(G4:G10)", "=SUM(H4:H10)"]


def test_a_total_that_does_not_add_up_is_not_corrected() -> None:
    heads = (Heading("任务", 2), Heading("件数", 1, is_number=True))
    table = Table("表", heads, (("甲", "1"), ("乙", "2"), ("合计", "4")), has_total=True)
    paper = Paper(**{**vars(make_line_paper("")), "parts": (Part("x", "一、", (table,)),)})
    assert list(formulas(opened(write(paper, "xlsx"), values=False))) == []


def test_lights_are_fills_and_words(national: bytes) -> None:
    found = {
        (cell.fill.fgColor.rgb[-6:], cell.value)
        for sheet in opened(national)
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fill_type == "solid"
    }
    assert {("DA6B17", "◆ 滞后"), ("9E1B2B", "■ 逾期"), ("F0C445", "▲ 预警")} <= found


def test_every_sheet_is_ready_to_print_and_its_heads_stay_in_sight(national: bytes) -> None:
    for sheet in opened(national):
        assert sheet.freeze_panes
        assert sheet.print_title_rows
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)


def test_charts_are_native_and_hold_the_figures(national: bytes) -> None:
    with zipfile.ZipFile(BytesIO(national)) as package:
        charts = [name for name in package.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 4
        assert not [name for name in package.namelist() if "media/" in name]
        assert all(b"<c:numCache>" in package.read(name) for name in charts)


def test_a_table_without_rows_says_so() -> None:
    book = opened(write(make_paper(0), "xlsx"))
    annex = next(sheet for sheet in book if "附件1" in sheet.title)
    assert "没有滞后事项。" in [cell.value for row in annex.rows for cell in row]


def test_captions_that_no_sheet_may_be_called_are_only_captions() -> None:
    heads = (Heading("甲", 1),)
    tables = tuple(Table(name, heads, (("1",),)) for name in ("a/b[c]:*?\\", "'", "同名", "同名", "😀" * 40))
    paper = Paper(**{**vars(make_line_paper("")), "parts": (Part("x", "一、", tables),)})
    names = opened(write(paper, "xlsx")).sheetnames
    assert len(set(names)) == 6
    assert names[1] == "1 a b c"


@pytest.mark.parametrize(
    ("text", "number", "shape"),
    [
        ("12", 12, "0;−0;0"),
        ("1,394", 1394, "#,##0;−#,##0;#,##0"),
        ("69.1", 69.1, "0.0;−0.0;0.0"),
        ("69.10%", 0.691, "0.00%;−0.00%;0.00%"),
        ("−2.2", -2.2, "0.0;−0.0;0.0"),
        ("-2.2", -2.2, "0.0;-0.0;0.0"),
        ("+0.8", 0.8, "+0.0;−0.0;+0.0"),
        ("0.0", 0, "0.0;−0.0;0.0"),
    ],
)
def test_a_number_keeps_the_shape_in_which_it_was_said(text: str, number: float, shape: str) -> None:
    found = number_of(text)
    assert found is not None
    assert found.value == pytest.approx(number)
    assert found.shape == shape


@pytest.mark.parametrize(
    "text",
    [
        "",
        "—",
        "007",
        "1,39",
        "1 394",
        "12件",
        "=1",
        "1e5",
        "−0.0",
        "1234567890123456",
        "１２",
        "08-30",
        "nan",
    ],
)
def test_what_only_looks_like_a_number_stays_text(text: str) -> None:
    assert number_of(text) is None


def test_a_mark_in_a_column_of_numbers_is_a_mark() -> None:
    table = Table("表", (Heading("数", 1, is_number=True),), ((Mark("behind", "3"),), ("4",)), has_total=True)
    paper = Paper(**{**vars(make_line_paper("")), "parts": (Part("x", "一、", (table,)),)})
    sheet = opened(write(paper, "xlsx")).worksheets[1]
    assert [cell.value for row in sheet.iter_rows(min_row=4) for cell in row] == ["3", 4]
