"""Key tasks and measures proposed from outlines of several styles, all of our own writing."""

from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.drafting import (
    LONGEST_SHORT,
    LONGEST_TITLE,
    MOST_PROPOSALS,
    Proposal,
    propose,
    propose_sentence,
    short_title,
    shortened,
)
from tasks_tracker.rules.numerals import chinese, number_of
from tasks_tracker.rules.outline import Locator, locate, occurrences, split_paragraphs
from tasks_tracker.rules.outline_marks import entries_of, written

ARTICLE = """某省办好船舶工业的三件实事
一、统一思想
造船要靠人。
二、办好各项任务
一是全力提升设计本领。设计是造船的龙头。建设图纸共享库，向中小船厂开放。推广数字样船，三年覆盖八成船型。
二是着力补齐配套链条。开展“百厂对接”，编制配套地图。设立中试泊位。
三是加快绿色转型。发展甲醇动力船。
三、形成合力
加强统筹协调。成立工作专班，每月会商一次。
深化改革开放。扩大市场合作，吸引外资投资。
来源：测试
"""
PLAN = """船舶工业行动方案
一、总体要求
（一）指导思想。质量为先。
（二）主要目标。产值翻番。
二、重点任务
(一)提升设计能力
1.建设联合设计中心。面向中小船厂开放图纸。（省工信厅牵头）
２．推广数字样船，覆盖新船型。
（二）拓展绿色船型
1、发展甲醇动力船。
2、改造内河老旧船。
三、保障措施
（一）加强组织领导。成立专班。
（二）强化资金支持。设立专项资金。
（三）完善标准监管。修订检验规范。
"""
STATE_COUNCIL = """一、总体要求
质量为先。
二、加快港口改造
（一）更新岸桥。三年更新一百台。
（二）建设岸电。
三、提升航道能力
（三）疏浚支流航道。
（四）改造船闸。
四、组织实施
各市要落实责任。加强监测评估。
"""
RULES = """第一章　总则
第一条　为了规范园区，制定本办法。
第二章　园区建设
第二条　园区应当编制规划。
第三条　园区应当建设污水处理设施。
第三章　企业服务
第四条　建立服务专员制度。
第五条　公开办事清单。
第四章　附则
第六条　本办法自公布之日起施行。
"""


def drafted(text: str) -> list[Proposal]:
    return propose(split_paragraphs(text))


def outline(text: str) -> list[tuple[str, list[str]]]:
    """Titles of the key tasks, each with those of its measures."""
    made = drafted(text)
    return [
        (task.title, [m.title for m in made if m.parent == place])
        for place, task in enumerate(made)
        if task.is_key_task
    ]


def supporting(text: str) -> list[tuple[str, str]]:
    return [(proposal.area, proposal.title) for proposal in drafted(text) if proposal.area]


def test_firstly_secondly_make_key_tasks_and_their_sentences_make_measures() -> None:
    assert outline(ARTICLE) == [
        (
            "全力提升设计本领",
            ["设计是造船的龙头", "建设图纸共享库，向中小船厂开放", "推广数字样船，三年覆盖八成船型"],
        ),
        ("着力补齐配套链条", ["开展“百厂对接”，编制配套地图", "设立中试泊位"]),
        ("加快绿色转型", ["发展甲醇动力船"]),
    ]


def test_a_sentence_that_only_explains_is_proposed_as_dropped() -> None:
    assert [proposal.title for proposal in drafted(ARTICLE) if not proposal.kept] == ["设计是造船的龙头"]


def test_what_follows_the_only_numbered_part_is_supporting_by_its_words() -> None:
    assert supporting(ARTICLE) == [
        ("coordination", "成立工作专班，每月会商一次"),
        ("reform", "扩大市场合作，吸引外资投资"),
    ]


def test_nested_numbers_of_either_width_make_tasks_and_measures() -> None:
    assert outline(PLAN) == [
        ("提升设计能力", ["建设联合设计中心", "推广数字样船，覆盖新船型"]),
        ("拓展绿色船型", ["发展甲醇动力船", "改造内河老旧船"]),
    ]
    assert supporting(PLAN) == [
        ("coordination", "加强组织领导"),
        ("reform", "强化资金支持"),
        ("governance", "完善标准监管"),
    ]


def test_parts_are_key_tasks_where_numbers_run_on_through_them() -> None:
    assert outline(STATE_COUNCIL) == [
        ("加快港口改造", ["更新岸桥", "建设岸电"]),
        ("提升航道能力", ["疏浚支流航道", "改造船闸"]),
    ]
    assert [title for _area, title in supporting(STATE_COUNCIL)] == ["各市要落实责任", "加强监测评估"]


def test_chapters_are_key_tasks_and_articles_measures() -> None:
    assert outline(RULES) == [
        ("园区建设", ["园区应当编制规划", "园区应当建设污水处理设施"]),
        ("企业服务", ["建立服务专员制度", "公开办事清单"]),
    ]


def test_numbers_inside_a_paragraph_count_too() -> None:
    assert outline("会议要求，一是抓紧修订目录，二是开展普查；三要建立周报。") == [
        ("抓紧修订目录", ["抓紧修订目录"]),
        ("开展普查", ["开展普查"]),
        ("建立周报", ["建立周报"]),
    ]


def test_a_flat_list_is_a_list_of_key_tasks() -> None:
    assert [title for title, _measures in outline("1. 修编标准。\n2. 开展试点。\n3. 组织培训。")] == [
        "修编标准",
        "开展试点",
        "组织培训",
    ]


def test_a_text_without_an_outline_gives_nothing() -> None:
    assert drafted("请各单位按时参加会议。\n2024年产值3.5亿元。\n一是一，不改。") == []


def test_a_number_that_does_not_count_on_is_none() -> None:
    paragraphs = ["1. 甲办理。", "5. 丙不算。", "2. 乙办理。", "1.5亿元不算。"]
    assert [(entry.number, entry.paragraph) for entry in entries_of(paragraphs)] == [(1, 0), (2, 2)]


def test_the_phrase_is_one_that_stands_nowhere_else() -> None:
    text = "一是办甲事。加强监管，检查船厂。二是办乙事。加强监管，检查港口。"
    assert [p.phrase for p in drafted(text) if p.parent is not None] == ["检查船厂", "检查港口"]


def test_every_proposal_of_the_samples_is_located_where_it_says() -> None:
    for text in (ARTICLE, PLAN, STATE_COUNCIL, RULES):
        paragraphs = split_paragraphs(text)
        made = drafted(text)
        found = locate([Locator(p.title, p.paragraph, p.phrase) for p in made], paragraphs)
        assert (len(found.located), found.missing, found.moved) == (len(made), (), ())


def test_a_title_keeps_as_many_clauses_as_fit() -> None:
    long = "建设图纸共享库并向全省中小船厂开放，推广数字样船技术，三年内覆盖八成以上的全部主力船型，形成体系"
    assert shortened(long) == "建设图纸共享库并向全省中小船厂开放，推广数字样船技术"
    assert shortened("建" * 50) == "建" * 39 + "…"
    assert shortened("建设联合中心（省工信厅牵头）。") == "建设联合中心"


def test_a_short_title_drops_the_adverbs() -> None:
    assert short_title("进一步加快建设世界领先的造船基地，做强产业") == "建设世界领先的造船基"
    assert short_title("加快") == "加快"


def test_a_measure_is_made_of_one_sentence() -> None:
    paragraphs = split_paragraphs(ARTICLE)
    made = propose_sentence(paragraphs, 5, 3)
    assert made is not None
    assert (made.title, made.paragraph, made.phrase) == (
        "建设图纸共享库，向中小船厂开放",
        5,
        "建设图纸共享库",
    )
    assert propose_sentence(paragraphs, 99, 1) is propose_sentence(paragraphs, 5, 99) is None


@given(st.integers(1, 999))
def test_numerals_read_back_what_they_write(number: int) -> None:
    assert number_of(chinese(number)) == number
    assert number_of(str(number)) == number


FAMILIES = ("chapter", "section", "article", "firstly", "numeral", "bracketed", "digits", "bracketed_digits")


@given(st.sampled_from(FAMILIES), st.integers(2, 40))
def test_outline_numbers_read_back_what_they_write(family: str, last: int) -> None:
    paragraphs = [f"{written(family, number)}办理某事。" for number in range(1, last + 1)]
    found = entries_of(paragraphs)
    assert [(entry.family, entry.number) for entry in found] == [(family, n) for n in range(1, last + 1)]


def test_circled_numbers_read_back_too() -> None:
    found = entries_of([f"{written('circled', number)}办理某事。" for number in range(1, 21)])
    assert [entry.number for entry in found] == list(range(1, 21))


@given(
    st.text(alphabet="一二三十第章条是要（）()、.．123①②，。；保障措施重点任务\n 　甲A", max_size=120)
    | st.text(max_size=80)
)
def test_any_text_gives_proposals_that_hold_together_and_never_fails(text: str) -> None:
    paragraphs = split_paragraphs(text)
    made = propose(paragraphs)
    assert len(made) <= MOST_PROPOSALS
    for place, proposal in enumerate(made):
        own = paragraphs[proposal.paragraph - 1]
        assert proposal.phrase in own
        assert 0 < len(proposal.phrase) <= 20
        assert proposal.phrase == proposal.phrase.strip()
        assert 0 < len(proposal.title) <= LONGEST_TITLE
        assert len(proposal.short) <= LONGEST_SHORT
        assert proposal.is_key_task == (proposal.short != "")
        if proposal.parent is not None:
            assert proposal.parent < place
            assert made[proposal.parent].is_key_task


@given(st.text(max_size=60), st.text(max_size=6))
def test_a_phrase_is_found_where_it_is_located(paragraph: str, phrase: str) -> None:
    found = occurrences(phrase, paragraph)
    assert bool(found) == bool(locate([Locator("1", 1, phrase)], [paragraph]).located)
    assert all(0 <= start < end <= len(paragraph) for start, end in found)
