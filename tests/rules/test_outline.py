"""The policy text as numbered paragraphs, and measures found in it by paragraph and phrase."""

import pytest

from tasks_tracker.rules.outline import (
    MAX_BYTES,
    Locator,
    Place,
    UnreadableText,
    decode,
    locate,
    split_paragraphs,
)

TEXT = "一是让老设备换新颜。分三批更换数控系统。\n\n  二是把链条接起来，编制产业链地图。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    decoded = decode(TEXT.encode(encoding))
    assert decoded.text == TEXT
    assert decoded.encoding == encoding


def test_gbk_is_read_as_the_gb18030_that_contains_it() -> None:
    assert decode(TEXT.encode("gbk")).text == TEXT


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        ("\ufeff　\u200b\n".encode(), "empty"),
        (b"text\0with a NUL", "binary"),
        (b"\x1b[31mcolour", "binary"),
        (b"\x01\x02\x03", "binary"),
        (TEXT.encode("utf-16"), "binary"),
        (b"\xff\xff\xff", "unknown_encoding"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableText) as refusal:
        decode(content)
    assert refusal.value.code == code


def test_blank_lines_do_not_count_as_paragraphs() -> None:
    assert split_paragraphs("\n\u3000甲 \r\n\r\n \u3000\n\u200b\n乙\n") == ["甲", "乙"]


def test_a_measure_is_located_in_its_own_paragraph() -> None:
    outline = locate([Locator("1.1", 2, "产业链地图")], split_paragraphs(TEXT))
    assert outline.located == (Place(Locator("1.1", 2, "产业链地图"), 2),)
    assert outline.missing == outline.moved == ()


def test_its_own_paragraph_wins_over_others_that_hold_the_phrase() -> None:
    outline = locate([Locator("1.1", 2, "数控")], ["数控", "数控", "数控"])
    assert [place.paragraph for place in outline.located] == [2]


def test_in_a_shifted_text_the_only_paragraph_with_the_phrase_is_accepted_as_moved() -> None:
    outline = locate([Locator("1.1", 2, "产业链地图")], ["新加的编者按", *split_paragraphs(TEXT)])
    assert [(place.paragraph, place.moved) for place in outline.moved] == [(3, True)]
    assert outline.moved == outline.located


@pytest.mark.parametrize(
    "paragraphs",
    [
        pytest.param(["甲数控", "乙", "丙数控"], id="in several other paragraphs"),
        pytest.param(["甲", "乙", "丙"], id="in none"),
        pytest.param([], id="no paragraphs"),
    ],
)
def test_a_phrase_that_is_ambiguous_or_absent_is_missing(paragraphs: list[str]) -> None:
    locator = Locator("1.1", 2, "数控")
    outline = locate([locator], paragraphs)
    assert (outline.located, outline.missing) == ((), (locator,))


@pytest.mark.parametrize("number", [0, 3, 99])
def test_a_paragraph_number_outside_the_text_is_no_error(number: int) -> None:
    assert locate([Locator("1.1", number, "地图")], split_paragraphs(TEXT)).moved[0].paragraph == 2


def test_an_empty_phrase_is_found_nowhere() -> None:
    assert len(locate([Locator("1.1", 1, " \u3000")], ["甲"]).missing) == 1


@pytest.mark.parametrize(
    ("phrase", "paragraph"),
    [
        ("首台(套)", "用好首台（套）政策"),
        ("首台（套）", "用好首台(套)政策"),
        ("“换芯换脑”", '开展"换芯换脑"改造'),
        ("“换芯换脑”", "开展「换芯换脑」改造"),
        ("甲,乙", "甲，乙"),
        ("甲。乙", "甲.乙"),
        ("5G", "5g网络"),
        ("产业链地图", "编制产业\u3000链 地图"),
        ("甲—乙", "甲-乙"),
    ],
)
def test_width_style_and_spaces_make_no_difference(phrase: str, paragraph: str) -> None:
    assert len(locate([Locator("1.1", 1, phrase)], [paragraph]).located) == 1


def test_other_words_do_make_a_difference() -> None:
    assert locate([Locator("1.1", 1, "产业链地图")], ["编制供应链地图"]).located == ()


def test_the_order_of_the_measures_is_kept() -> None:
    wanted = [Locator(code, 1, phrase) for code, phrase in [("2.1", "乙"), ("9.9", "丁"), ("1.1", "甲")]]
    outline = locate(wanted, ["甲乙丙"])
    assert [place.locator.code for place in outline.located] == ["2.1", "1.1"]
    assert [locator.code for locator in outline.missing] == ["9.9"]
