"""Sentences, the passages in them that stand for measures, and coverage."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.passages import Coverage, Mark, coverage, is_heading, part_of, sentences

TEXT = "更换数控系统,建立台账。用好贴息券；设立车间，公布空档期！无号"
words = st.text(alphabet="一二甲乙。，；！”“（）a 　\n", max_size=60)


def mark(code: str, phrase: str, text: str = TEXT) -> Mark:
    start = text.index(phrase)
    return Mark(code, start, start + len(phrase))


def pieces(text: str, *marks: Mark) -> list[list[tuple[str, tuple[str, ...]]]]:
    return [[(piece.text, piece.codes) for piece in sentence.pieces] for sentence in sentences(text, marks)]


def test_a_text_is_cut_at_its_full_stops() -> None:
    assert [s.text for s in sentences(TEXT)] == [
        "更换数控系统,建立台账。",
        "用好贴息券；设立车间，公布空档期！",
        "无号",
    ]


def test_a_quotation_mark_behind_the_stop_belongs_to_the_sentence() -> None:
    assert [s.text for s in sentences("他说“快办！”大家都办。")] == ["他说“快办！”", "大家都办。"]


def test_a_measure_stands_for_the_clause_in_which_its_phrase_begins() -> None:
    assert pieces(TEXT, mark("1.1", "贴息券"))[1] == [
        ("用好贴息券；", ("1.1",)),
        ("设立车间，公布空档期！", ()),
    ]


def test_a_phrase_over_two_clauses_makes_them_one() -> None:
    assert pieces(TEXT, mark("1.1", "车间，公布"))[1] == [
        ("用好贴息券；", ()),
        ("设立车间，公布空档期！", ("1.1",)),
    ]


def test_several_phrases_in_a_clause_cut_it_at_each_beginning() -> None:
    text = "开展甲行动和乙试点。"
    found = pieces(text, mark("1.1", "甲行动", text), mark("1.2", "乙试点", text))
    assert found == [[("开展甲行动和", ("1.1",)), ("乙试点。", ("1.2",))]]


def test_phrases_that_begin_at_one_place_share_their_clause() -> None:
    text = "开展甲行动。"
    found = pieces(text, mark("1.2", "甲行动", text), mark("1.1", "甲行", text))
    assert found == [[("开展甲行动。", ("1.1", "1.2"))]]


def test_a_phrase_beyond_its_sentence_stands_where_it_begins() -> None:
    text = "甲乙。丙丁。"
    assert pieces(text, Mark("1.1", 1, 5)) == [[("甲乙。", ("1.1",))], [("丙丁。", ())]]


def test_coverage_counts_sentences_and_the_characters_of_marked_clauses() -> None:
    found = coverage(sentences("甲乙，丙 丁。戊己。", [Mark("1.1", 0, 1)]))
    assert found == Coverage(sentences=2, covered=1, characters=9, covered_characters=3)
    assert found.open == 1
    assert found.share_of_characters == Fraction(10_000, 3)


def test_nothing_has_no_coverage() -> None:
    assert coverage([]).share_of_characters is None


def test_what_does_not_end_like_a_sentence_is_a_heading() -> None:
    assert [
        is_heading(text) for text in ("一、总体要求", "发布时间:2024-11-05 ", "办好。", "“办好！”", "办好；")
    ] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_part_runs_from_the_first_to_the_last() -> None:
    assert list(part_of([9, 7, 7])) == [7, 8, 9]
    assert list(part_of([])) == []


@given(words, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=5))
def test_whatever_the_marks_no_character_is_lost_and_no_measure_stands_twice(
    text: str, places: list[tuple[int, int]]
) -> None:
    marks = [
        Mark(str(n), start, min(start + length, len(text)))
        for n, (start, length) in enumerate(places)
        if start < len(text)
    ]
    found = sentences(text, marks)
    assert "".join(sentence.text for sentence in found) == text
    codes = [code for sentence in found for code in sentence.codes]
    assert sorted(codes) == sorted(mark.code for mark in marks)
    assert all(piece.text for sentence in found for piece in sentence.pieces)
    share = coverage(found)
    assert 0 <= share.covered <= share.sentences
    assert 0 <= share.covered_characters <= share.characters
