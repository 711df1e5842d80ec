"""Texts with locked figures: what is a token, what is not, and what was typed."""

import pytest

from tasks_tracker.rules.texts import shortened
from tasks_tracker.rules.tokens import Piece, filled, pieces, quoted, strangers, typed_numbers

FIGURES = {"progress": "69.1%", "done": "435"}


def test_a_text_is_read_with_its_figures() -> None:
    text = "完成率{progress}，已完成{done}件。"
    assert filled(text, FIGURES) == "完成率69.1%，已完成435件。"
    assert pieces(text)[:3] == [Piece("完成率"), Piece("", "progress"), Piece("，已完成")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{done}件，{done}", []),
        ("{invented}", ["{invented}"]),
        ("{ 70 }%", ["{ 70 }"]),
        ("{Done}", ["{Done}"]),
        ("{}", ["{}"]),
        ("完成{done", ["{done"]),
        ("完成done}", ["}"]),
        ("{{done}}", ["{}"]),
    ],
)
def test_nothing_else_in_braces_is_a_figure(text: str, found: list[str]) -> None:
    assert strangers(text, FIGURES) == found


def test_words_of_others_hold_no_token_and_no_line_break() -> None:
    said = quoted("已完成{done}件\n\n 下周继续")
    assert strangers(said, FIGURES) == []
    assert filled(said, {}) == said
    assert "\n" not in said


def test_numbers_that_somebody_typed_are_found() -> None:
    generated = "共{done}件，其中第3批。"
    assert typed_numbers("共{done}件，其中第3批约70.5个。", generated) == ["70.5"]
    assert typed_numbers("第3批{done}", generated) == []


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("短句。", "短句。"),
        ("第一句话。第二句话很长很长很长。", "第一句话。"),
        ("这一句没有句号但有逗号，后面还有很多很多", "这一句没有句号但…"),
        ("逗号在后面的一句话，还有", "逗号在后面的一句话…"),
    ],
)
def test_a_text_is_cut_where_a_sentence_or_clause_ends(text: str, short: str) -> None:
    assert shortened(text, 10 if "逗号在" in text else 8) == short
