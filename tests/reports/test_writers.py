"""One paper, three files: they say the same, and the same every time. No database."""

import subprocess
import sys
from hashlib import sha256

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks_tracker.reports import pdf
from tasks_tracker.reports.letters import printable
from tasks_tracker.reports.paper import Line, Paper, Part
from tasks_tracker.reports.pdf import typesetter
from tasks_tracker.reports.writers import FORMATS, MEDIA_TYPES, NoChineseFont, UnknownFormat, write
from tests.factories.papers import make_line_paper, make_paper, make_text_paper
from tests.processes import ROOT, clean_environment
from tests.reports.printed import (
    Written,
    bare,
    book_numbers,
    book_texts,
    outline,
    pages,
    part,
    texts_of,
    word_texts,
)
from tests.reports.spreadsheets import formulas, opened

HOSTILE = (
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0"',
    "$ x^2 $ *bold* _under_ `code` @label <label> \\ #let x = 1 ~ -- ---",
    "= 1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "+1 -1 @SUM(A1)",
    "</w:t></w:r></w:p> &amp; <b>&nbsp;</b> ]]> {head} {{ x }} %s %(x)s",
    "“引号”‘单引号’——破折号……①②③　全角空格",
    "𠮷野家 𪚥 😀👨‍👩‍👧 ❤️ é ü",
    "\u202e倒\u202c \u200b零宽",
)
NOT_IN_EVERY_FONT = HOSTILE[-2:]  # a character that no font has is a box; the file is whole nevertheless
CHINESE = "工业化任务周报，。、；：“”（）《》—…％＋"
LATIN = "abcXYZ0123456789.,;:!?'\"#$%&*+-/=@\\^_`|~<>()[]{}"


def digest(paper: Paper, form: str) -> str:
    return sha256(write(paper, form)).hexdigest()


def test_every_format_has_a_media_type_and_no_other_is_written() -> None:
    assert set(FORMATS) == set(MEDIA_TYPES)
    with pytest.raises(UnknownFormat):
        write(make_line_paper("正文"), "doc")


def digest_elsewhere(form: str, **environment: str) -> str:
    """The digest of the paper as a process of its own writes it."""
    program = (
        "import django; django.setup()\n"
        "from tests.reports.test_writers import digest, make_paper\n"
        f"print(digest(make_paper(), {form!r}))"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "industrialization.settings", "MODE": "demo"}
    here = clean_environment(**settings, **environment)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_paper_is_the_same_file_in_another_process_and_another_year(form: str) -> None:
    there = {"PYTHONHASHSEED": "7", "TZ": "America/Lima", "SOURCE_DATE_EPOCH": "1893456000"}
    assert digest_elsewhere(form) == digest_elsewhere(form, **there)


def test_all_three_say_the_same(written: dict[str, Written]) -> None:
    paper, files = written["national"].paper, written["national"].files
    in_word, in_book = set(word_texts(files["docx"])), set(book_texts(files["xlsx"]))
    numbers = book_numbers(files["xlsx"])
    on_pages = bare("".join(pages(files["pdf"])))
    texts = texts_of(paper)
    assert len(texts) > 900
    for text in texts:
        assert text in in_word, text
        assert bare(text) in on_pages, text
        assert text in in_book or value(text) in numbers, text
    for name, words in paper.facts:
        for said in (in_word, in_book):
            assert any(name in each and words in each for each in said)


def value(text: str) -> float | None:
    try:
        return round(float(text.replace("−", "-")), 9)
    except ValueError:
        return None


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_read_as_anything_but_text(text: str) -> None:
    paper = make_text_paper(text)
    assert word_texts(write(paper, "docx")).count(text) == 2
    assert book_texts(write(paper, "xlsx")).count(text) == 2
    said = bare("".join(pages(write(paper, "pdf"))))
    assert "root:" not in said
    if text.isprintable() and text not in NOT_IN_EVERY_FONT:
        assert said.count(bare(text)) == 2


def test_a_formula_stays_a_text_wherever_it_stands() -> None:
    paper = make_text_paper("=1+1")
    paper = Paper(**{**vars(paper), "title": "=2+2", "office": "@SUM(A1)", "dated": "+3", "subtitle": "-4"})
    book = write(paper, "xlsx")
    assert list(formulas(opened(book, values=False))) == []
    assert {"=2+2", "@SUM(A1)", "+3", "-4"} <= set(book_texts(book))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300))
def test_any_text_comes_back_unchanged_from_word_and_excel(text: str) -> None:
    text = printable(text)
    paper = make_text_paper(f"始{text}终")
    assert f"始{text}终" in word_texts(write(paper, "docx"))
    assert f"始{text}终" in book_texts(write(paper, "xlsx"))
    assert write(paper, "pdf").startswith(b"%PDF")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(CHINESE + LATIN), min_size=1, max_size=200).map("".join))
def test_any_text_comes_back_unchanged_from_pdf(text: str) -> None:
    paper = make_line_paper(f"始{text}终")
    assert bare(f"始{text}终") in bare("".join(pages(write(paper, "pdf"))))


@pytest.mark.parametrize("form", FORMATS)
def test_what_no_format_can_hold_is_left_out(form: str) -> None:
    data = write(make_text_paper("甲\x00\x0b\ud800\ufffe乙\r\n丙"), form)
    texts = {"docx": word_texts, "xlsx": book_texts, "pdf": lambda made: [bare("".join(pages(made)))]}[form](
        data
    )
    assert any("甲乙\n丙" in text or "甲乙丙" in text for text in texts)


def test_a_paper_without_anything_is_a_paper() -> None:
    empty = Paper("", "", "", "", "", "", "zh-hans", ())
    assert all(write(empty, form) for form in FORMATS)


def test_the_signer_is_named_once() -> None:
    paper = make_line_paper("正文")
    named = Paper(**{**vars(paper), "signer": "李维", "facts": (("签发人", "李维"),)})
    silent = Paper(**{**vars(paper), "signer": "", "facts": ()})
    for one, times in ((paper, 1), (named, 1), (silent, 0)):
        assert sum("李维" in text for text in word_texts(write(one, "docx"))) == times
        assert bare("".join(pages(write(one, "pdf")))).count("李维") == times


def test_an_english_paper_is_english() -> None:
    paper = make_paper(3)
    english = Paper(**{**vars(paper), "language": "en", "title": "Weekly report"})
    assert "Progress" in book_texts(write(english, "xlsx"))
    assert "完成率" in book_texts(write(paper, "xlsx"))
    assert 'w:hint="eastAsia"' not in part(write(english, "docx"), "word/document.xml")


def test_without_a_chinese_font_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {role: {"families": [], "weight": "regular"} for role in typesetter._faces() if role != "latin"}
    monkeypatch.setattr(typesetter, "_faces", lambda: nothing | {"latin": "Libertinus Serif"})
    with pytest.raises(NoChineseFont, match=r"^[^\n]*fonts-noto-cjk[^\n]*$"):
        write(make_line_paper("正文"), "pdf")
    latin = Paper("Report", "No. 1", "Office", "2026", "", "", "en", (Part("x", "One", (Line("Text."),)),))
    assert outline(write(latin, "pdf")) == ["One"]


def test_templates_reach_nothing_outside_their_folder() -> None:
    for reach in ('#read("/etc/passwd")', '#read("../writers.py")', '#import "@preview/cetz:0.3.0": *'):
        compiler = typst.Compiler(
            reach.encode(),
            root=typesetter.FOLDER,
            package_path=typesetter.NOWHERE,
            package_cache_path=typesetter.NOWHERE,
        )
        with pytest.raises(typst.TypstError):
            compiler.compile(format="pdf")


def test_nothing_is_drawn_where_there_is_no_picture() -> None:
    assert pdf.draw((), "zh-hans") == []
