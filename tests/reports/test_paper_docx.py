"""The Word document has the page of GB/T 9704-2012, and LibreOffice prints it that way."""

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
from docx import Document

from tasks_tracker.reports.paper import Line
from tasks_tracker.reports.writers import write
from tests.factories.papers import make_text_paper
from tests.reports.printed import W, Written, bare, headings_of, lines, pages, part

MILLIMETRE = 1440 / 25.4
FONTS = {"仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"}


@pytest.fixture
def national(written: dict[str, Written]) -> Written:
    return written["national"]


def tree(docx: bytes, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(part(docx, name))


def of(element: ElementTree.Element, path: str) -> list[ElementTree.Element]:
    return element.findall(".//" + "/".join(f"{W}{step}" for step in path.split("/")))


def attribute(element: ElementTree.Element, name: str) -> str:
    return element.attrib[f"{W}{name}"]


def style(docx: bytes, name: str) -> ElementTree.Element:
    (found,) = (
        each for each in of(tree(docx, "word/styles.xml"), "style") if attribute(each, "styleId") == name
    )
    return found


def test_margins_paper_and_grid(national: Written) -> None:
    first, broad, last = of(tree(national.files["docx"], "word/document.xml"), "sectPr")
    for section, size, margins in (
        (first, (210, 297), (37, 26, 35, 28)),
        (broad, (297, 210), (28, 35, 26, 37)),
        (last, (210, 297), (37, 26, 35, 28)),
    ):
        (paper,), (margin,), (grid,) = of(section, "pgSz"), of(section, "pgMar"), of(section, "docGrid")
        assert [round(int(attribute(paper, side)) / MILLIMETRE) for side in ("w", "h")] == list(size)
        sides = ("top", "right", "bottom", "left")
        assert [round(int(attribute(margin, side)) / MILLIMETRE) for side in sides] == list(margins)
        assert (attribute(grid, "type"), attribute(grid, "linePitch")) == ("lines", "579")
        assert attribute(of(section, "type")[0], "val") == "nextPage"
    assert attribute(of(broad, "pgSz")[0], "orient") == "landscape"


def test_body_lines_letters_and_indent(national: Written) -> None:
    normal, body = style(national.files["docx"], "Normal"), style(national.files["docx"], "BodyText")
    (spacing,) = of(normal, "pPr/spacing")
    assert (attribute(spacing, "line"), attribute(spacing, "lineRule")) == ("579", "exact")
    assert attribute(of(normal, "rPr/spacing")[0], "val") == "-5"
    assert attribute(of(normal, "rPr/sz")[0], "val") == "32"
    assert attribute(of(body, "pPr/ind")[0], "firstLineChars") == "200"
    assert of(normal, "pPr/widowControl")


@pytest.mark.parametrize(
    ("name", "font", "size"),
    [
        ("Title", "方正小标宋简体", "44"),
        ("Heading1", "黑体", None),
        ("Heading2", "楷体_GB2312", None),
        ("Heading3", "仿宋_GB2312", None),
        ("BodyText", "仿宋_GB2312", None),
        ("Footer", "宋体", "28"),
        ("TableText", "宋体", "21"),
    ],
)
def test_each_role_has_its_font(name: str, font: str, size: str | None, national: Written) -> None:
    found = style(national.files["docx"], name)
    (fonts,) = of(found, "rPr/rFonts")
    assert attribute(fonts, "eastAsia") == font
    assert attribute(fonts, "ascii") == attribute(fonts, "hAnsi") == "Times New Roman"
    assert [attribute(each, "val") for each in of(found, "rPr/sz")] == ([size] if size else [])
    if name.startswith("Heading"):
        assert of(found, "pPr/keepNext")
        assert attribute(of(found, "pPr/outlineLvl")[0], "val") == str(int(name[-1]) - 1)


def test_every_style_and_every_run_names_a_chinese_font(national: Written) -> None:
    docx = national.files["docx"]
    for name in ("word/document.xml", "word/footer1.xml", "word/footer2.xml"):
        for run in of(tree(docx, name), "r"):
            if of(run, "drawing"):
                continue
            (fonts,) = of(run, "rPr/rFonts")
            assert attribute(fonts, "eastAsia") in FONTS
    for each in of(tree(docx, "word/styles.xml"), "style"):
        assert attribute(of(each, "rPr/rFonts")[0], "eastAsia") in FONTS
    named = {attribute(font, "name") for font in of(tree(docx, "word/fontTable.xml"), "font")}
    assert named == FONTS | {"Times New Roman"}


def test_page_numbers_stand_outside_on_both_sides_of_the_sheet(national: Written) -> None:
    docx = national.files["docx"]
    assert of(tree(docx, "word/settings.xml"), "evenAndOddHeaders")
    sides = {}
    for section in of(tree(docx, "word/document.xml"), "sectPr"):
        assert [attribute(each, "type") for each in of(section, "footerReference")] == ["default", "even"]
    parts = Document(BytesIO(docx)).part.related_parts
    for each in of(section, "footerReference"):
        key = each.attrib["{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"]
        footer = tree(docx, parts[key].partname.lstrip("/"))
        assert "".join(text.text or "" for text in of(footer, "t")) == "— 1 —"
        assert [text.text for text in of(footer, "instrText")] == [" PAGE "]
        its = style(docx, attribute(of(footer, "pStyle")[0], "val"))
        (indent,) = of(its, "pPr/ind")
        sides[attribute(each, "type")] = attribute(of(its, "pPr/jc")[0], "val")
        assert (
            attribute(indent, "rightChars" if sides[attribute(each, "type")] == "right" else "leftChars")
            == "100"
        )
    assert sides == {"default": "right", "even": "left"}


def test_heads_of_tables_come_again_and_no_row_is_cut(national: Written) -> None:
    tables = of(tree(national.files["docx"], "word/document.xml"), "tbl")
    assert len(tables) == 5
    for table in tables:
        rows = of(table, "tr")
        assert all(of(row, "trPr/cantSplit") for row in rows)
        assert [bool(of(row, "trPr/tblHeader")) for row in rows] == [True] + [False] * (len(rows) - 1)
        widths = [int(attribute(column, "w")) for column in of(table, "tblGrid/gridCol")]
        assert sum(widths) == int(attribute(of(table, "tblPr/tblW")[0], "w"))


def test_a_light_is_a_fill_and_a_word(national: Written) -> None:
    fills = set()
    for cell in of(tree(national.files["docx"], "word/document.xml"), "tc"):
        for shade in of(cell, "tcPr/shd"):
            fills.add((attribute(shade, "fill"), "".join(text.text or "" for text in of(cell, "t"))))
    assert {("DA6B17", "◆ 滞后"), ("9E1B2B", "■ 逾期"), ("F0C445", "▲ 预警"), ("459F92", "✓ 正常")} <= fills


def test_pictures_are_sharp_and_say_in_words_what_they_show(national: Written) -> None:
    document = Document(BytesIO(national.files["docx"]))
    shapes = list(document.inline_shapes)
    assert len(shapes) == 3
    said = [shape._inline.docPr.get("descr") for shape in shapes]
    for shape, description, words in zip(shapes, said, ("稳增长", "湖北", "2026-W47"), strict=True):
        assert words in description
        key = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        image = document.part.related_parts[key].image
        assert image.px_width / (shape.width.inches) >= 220
    assert "◆ 滞后" in said[0]


def test_headings_make_the_navigation_pane(national: Written) -> None:
    document = Document(BytesIO(national.files["docx"]))
    styles = ("heading 1", "heading 2", "heading 3", "report annex heading")
    found = [each.text for each in document.paragraphs if each.style.name.lower() in styles]
    assert found == headings_of(national.paper)


def test_nobody_and_no_clock_is_named_but_the_office(national: Written) -> None:
    core = part(national.files["docx"], "docProps/core.xml")
    assert "规划司综合处" in core
    assert not re.search(r"python-docx|created|modified|20\d\d-", core)


def test_a_short_last_paragraph_goes_with_office_and_date(national: Written) -> None:
    (last,) = (each for each in pages(national.word) if "规划司综合处" in each)
    assert "本周批准延期2件" in bare(last)
    assert "校验码" in last


# --- as LibreOffice prints it -----------------------------------------------------------------------------
def test_a_page_has_22_lines(written: dict[str, Written]) -> None:
    printed = pages(written["text"].word)
    assert len(printed) > 3
    assert {len(lines(page)) for page in printed[1:-2]} == {22}  # the last but one may lend a line


def test_no_heading_is_the_last_line_of_a_page(national: Written) -> None:
    headings = {bare(heading) for heading in headings_of(national.paper)}
    for page in pages(national.word):
        assert bare(lines(page)[-1]) not in headings


def test_no_row_is_cut_over_two_pages(written: dict[str, Written]) -> None:
    printed = [bare(page) for page in pages(written["rows"].word)]
    assert len(printed) > 4
    for number in range(60):
        (whole,) = (page for page in printed if f"始{number:03}" in page)
        assert f"终{number:03}" in whole
    assert all("序措施" in page for page in printed[:-1])


def test_what_is_printed_is_what_the_paper_says(national: Written) -> None:
    said = bare("".join(pages(national.word)))
    for each in national.paper.parts:
        for block in each.blocks:
            if isinstance(block, Line):
                assert bare(block.lead + block.text) in said
    assert "签发人：李维" in said


def test_lines_and_tabs_within_a_text_stay() -> None:
    document = Document(BytesIO(write(make_text_paper("甲\n乙\t丙  丁"), "docx")))
    assert "甲\n乙\t丙  丁" in [each.text for each in document.paragraphs]
