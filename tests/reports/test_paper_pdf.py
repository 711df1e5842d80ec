"""The PDF: pages, bookmarks, properties, embedded fonts, and pictures that tell what they show."""

from io import BytesIO
from struct import unpack

import pytest
from pypdf import PdfReader

from tasks_tracker.reports import pdf
from tasks_tracker.reports.paper import Bar, Curve, Mark, Point, Tasks, Tile, TileMap
from tasks_tracker.reports.pdf.data import sheet_of_pictures
from tasks_tracker.reports.pictures import described
from tasks_tracker.reports.writers import write
from tests.factories.papers import make_paper, make_text_paper
from tests.reports.printed import Written, bare, headings_of, lines, outline, pages

POINTS = 72 / 25.4


@pytest.fixture
def national(written: dict[str, Written]) -> Written:
    return written["national"]


def test_bookmarks_are_the_headings(national: Written) -> None:
    assert outline(national.files["pdf"]) == headings_of(national.paper)


def test_properties_name_title_author_and_language_and_no_clock(national: Written) -> None:
    reader = PdfReader(BytesIO(national.files["pdf"]))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == (national.paper.title, national.paper.office)
    assert reader.metadata.subject == national.paper.subtitle
    assert str(reader.root_object["/Lang"]).lower().startswith("zh")
    assert reader.metadata.creation_date is None


def test_pages_are_a4_and_broad_annexes_lie_on_their_side(national: Written) -> None:
    reader = PdfReader(BytesIO(national.files["pdf"]))
    sizes = [tuple(round(float(side) / POINTS) for side in page.mediabox[2:]) for page in reader.pages]
    assert sizes[0] == sizes[-1] == (210, 297)
    first = sizes.index((297, 210))
    broad = [place for place, size in enumerate(sizes) if size == (297, 210)]
    assert broad == list(range(first, len(sizes) - 1))
    assert pages(national.files["pdf"])[first].startswith("附件 1")


def test_word_and_pdf_have_about_as_many_pages(national: Written) -> None:
    assert abs(len(pages(national.files["pdf"])) - len(pages(national.word))) <= 4


def test_every_font_is_embedded(national: Written) -> None:
    fonts = [
        font.get_object()
        for page in PdfReader(BytesIO(national.files["pdf"])).pages
        for font in page["/Resources"].get_object().get("/Font", {}).values()
    ]
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_page_numbers_are_right_on_odd_and_left_on_even_pages(national: Written) -> None:
    for number, page in enumerate(PdfReader(BytesIO(national.files["pdf"])).pages[:6], 1):
        places = []

        def note(text: str, cm: list[float], *_rest: object, at: list[float] = places) -> None:
            if "—" in text and cm[5] < 90:
                at.append(cm[4])

        page.extract_text(visitor_text=note)
        assert places, number
        assert (min(places) > 300) == (number % 2 == 1), number


def test_a_page_has_22_lines(written: dict[str, Written]) -> None:
    printed = pages(written["text"].files["pdf"])
    assert len(printed) > 3
    assert {len(lines(page)) for page in printed[1:-2]} == {22}  # the last but one may lend a line


def test_no_heading_is_the_last_line_of_a_page(national: Written) -> None:
    headings = {bare(heading) for heading in headings_of(national.paper)}
    for page in pages(national.files["pdf"]):
        assert bare(lines(page)[-1]) not in headings


def test_no_row_is_cut_over_two_pages_and_heads_come_again(written: dict[str, Written]) -> None:
    printed = [bare(page) for page in pages(written["rows"].files["pdf"])]
    for number in range(60):
        (whole,) = (page for page in printed if f"始{number:03}" in page)
        assert f"终{number:03}" in whole
    assert sum("序措施" in page for page in printed) >= len(printed) - 1


def test_a_row_higher_than_a_page_is_cut_and_nothing_of_it_lost() -> None:
    text = "始" + "长" * 3000 + "终"
    said = bare("".join(pages(write(make_text_paper(text), "pdf"))))
    assert said.count("长") == 6000


def test_a_ledger_of_thousands_goes_without_tags(national: Written) -> None:
    tagged = PdfReader(BytesIO(national.files["pdf"])).root_object
    long = PdfReader(BytesIO(write(make_paper(600), "pdf"))).root_object
    assert "/StructTreeRoot" in tagged
    assert "/StructTreeRoot" not in long


# --- pictures ---------------------------------------------------------------------------------------------
LIGHTS = (Mark("behind", "◆ 滞后"), Mark("done", "● 已完成"))
UNKNOWN = Tasks("图", LIGHTS, (Bar("稳增长", (3, 0), 6940, 7160), Bar("强链条", (0, 0), None, None)))
CURVE = Curve(
    "图",
    (Point("W45", None), Point("W46", 7050, 6830, 6700, 6900), Point("W47", 7130), Point("W48", 7200)),
    "计划",
    "完成率",
)


def test_pictures_say_in_words_what_is_known_and_what_is_not() -> None:
    said = described(UNKNOWN).splitlines()
    assert said[1].startswith("稳增长: ◆ 滞后 3; ")
    assert "69.4%" in said[1]
    assert "71.6%" in said[1]
    assert said[2].count("—") == 2
    tiles = TileMap(
        "图", (Tile("湖北", 4, 5, "−1.2", 2), Tile("台湾", 8, 7, "—", None, is_outside=True)), ("滞后",) * 5
    )
    assert described(tiles) == "图\n湖北 −1.2"
    assert described(CURVE).splitlines()[1:] == ["W46: 计划 70.5%, 完成率 68.3%", "W48: 计划 72.0%, 完成率 —"]


@pytest.mark.parametrize(
    "picture",
    [
        UNKNOWN,
        CURVE,
        Tasks("", LIGHTS, ()),
        TileMap("", (Tile("Inner Mongolia Autonomous Region", 0, 0, "−12.34", 0),), ("滞后",)),
        Curve("", (), "计划", "完成率"),
        Curve("", (Point("W1", None),), "计划", "完成率"),
        Curve("", (Point("W1", 0, 0),), "计划", "完成率"),
    ],
)
def test_pictures_are_drawn_156_mm_wide_whatever_is_missing(picture: Tasks | TileMap | Curve) -> None:
    (png,) = pdf.draw((picture,), "zh-hans")
    assert png.startswith(b"\x89PNG")
    width, _height = unpack(">II", png[16:24])
    assert round(width / pdf.DOTS * 25.4) == 156


def test_the_words_of_two_lines_that_end_together_stand_apart() -> None:
    near = Curve("", (Point("W1", 5000, 5010), Point("W2", 5100, 5102)), "计划", "完成率")
    (drawn,) = sheet_of_pictures((near,), "zh-hans")["pictures"]
    upper, lower = sorted((end["at"] for end in drawn["ends"]), reverse=True)
    assert upper - lower >= (drawn["high"] - drawn["low"]) * 7 // 100
