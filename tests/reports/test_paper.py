"""A paper goes to JSON and comes back equal, so that what is published can be frozen."""

import pytest

from tasks_tracker.reports import paper
from tasks_tracker.reports.paper import (
    Bar,
    Block,
    Curve,
    Heading,
    Level,
    Line,
    Mark,
    Paper,
    Part,
    Point,
    Table,
    Tasks,
    Tile,
    TileMap,
)

BEHIND = Mark("behind", "◆ 滞后")
BLOCKS: tuple[Block, ...] = (
    Line("重点任务进展", Level.SECTION),
    Line("本周推进0.8个百分点。", lead="（一）总体。"),
    Table("表1", (Heading("任务", 3), Heading("件数", 1, is_number=True)), (("稳增长", "12"), (BEHIND, "3"))),
    Tasks("七项重点任务", (BEHIND,), (Bar("稳增长", (3,), 6940, 7160), Bar("强链条", (0,), None, None))),
    TileMap(
        "地区", (Tile("湖北", 4, 5, "−1.2", 2), Tile("台湾", 8, 7, "—", None, is_outside=True)), ("滞后",)
    ),
    Curve("进度曲线", (Point("2026-W46", 7050, 6830, 6700, 6900), Point("2026-W47", 7130)), "计划", "实际"),
)


def make_paper(*blocks: Block) -> Paper:
    return Paper(
        title="新型工业化重点任务推进情况周报",
        serial="第47期",
        office="规划司",
        dated="2026年11月22日",
        subtitle="全国",
        remark="演示数据",
        language="zh-hans",
        parts=(Part("overall", "一、总体情况", blocks),),
        annexes=(Part("behind", "附件1", ()),),
        facts=(("周次", "2026-W47"),),
    )


def test_a_paper_comes_back_equal_and_is_written_the_same() -> None:
    there = paper.written(make_paper(*BLOCKS))
    assert paper.read(there) == make_paper(*BLOCKS)
    assert paper.written(paper.read(there)) == there


@pytest.mark.parametrize("text", ["", "{}", '{"parts":[{}],"annexes":[],"facts":[]}'])
def test_what_is_no_paper_is_not_taken_for_one(text: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        paper.read(text)
