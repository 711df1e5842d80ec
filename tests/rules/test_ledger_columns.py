"""Columns of an office's own ledger: guessed from their headers. And targets as offices write them."""

from decimal import Decimal

import pytest

from tasks_tracker.rules.grids import Grid, Line, address
from tasks_tracker.rules.ledger_columns import guess_columns, guess_header, header_key, read_ledger
from tasks_tracker.rules.ledger_csv import Terms
from tasks_tracker.rules.targets import Target, read_target


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (
            "序号 重点任务 举措 工作事项 牵头单位 配合单位 完成时限 起始时间 权重",
            "- key_task measure title lead supporting due_on starts_on weight",
        ),
        (
            "行业 地区 年度目标 指标 备注",
            "industry region target indicator -",
        ),
        ("编号 事项名称 责任单位 时限 起止时间", "code title lead due_on run"),
        ("责任单位 牵头单位 主要举措 具体事项", "- lead measure title"),
        ("任务名称(必填) 责任单位(牵头) 完成时限(年月)", "title lead due_on"),
        ("title lead due_on Starts on Key task", "title lead due_on starts_on key_task"),
        ("甲 乙 丙", "- - -"),
    ],
)
def test_columns_are_guessed(headers: str, columns: str) -> None:
    words = (
        headers.split() if "Starts" not in headers else ["title", "lead", "due_on", "Starts on", "Key task"]
    )
    found = guess_columns(words)
    assert [found.get(place, "-") for place in range(len(words))] == columns.split()


def grid(*lines: tuple[str, ...]) -> Grid:
    return Grid("", tuple(Line(number, cells) for number, cells in enumerate(lines, 1)))


HEAD = ("举措", "工作事项", "牵头单位", "时限")


def test_the_header_is_the_line_that_looks_most_like_one() -> None:
    assert (
        guess_header(
            grid(("台账",) * 4, ("责任单位", "工作事项", "责任单位", ""), HEAD, ("1.1", "甲", "乙", "丙"))
        )
        == 3
    )
    assert guess_header(grid(("甲",), ("乙",))) == 1
    assert header_key(HEAD) == header_key((*(f" {word}\n" for word in HEAD), "", ""))
    assert header_key(HEAD) != header_key(HEAD[::-1])


def test_headings_totals_and_the_header_again_are_passed_over() -> None:
    lines = grid(
        HEAD,
        ("一、任务",) * 4,
        ("1.1", "甲", "乙", "2026年底"),
        ("合计", "", "1", ""),
        HEAD,
        ("注：略", "", "", ""),
    )
    found = read_ledger(
        lines, header=1, columns=guess_columns(HEAD), terms=Terms(("title",)), with_hidden=False
    )
    assert [row.number for row in found.sheet.rows] == [3]
    assert found.passed == (2, 4, 5, 6)


def test_cells_are_named_as_a_spreadsheet_does() -> None:
    assert [address(7, 3), address(1, 0), address(2, 26), address(9, 59)] == ["D7", "A1", "AA2", "BH9"]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("100个", Target(Decimal(100), "个")),
        ("１，２００家以上", Target(Decimal(1200), "家")),
        ("≥90.5%", Target(Decimal("90.5"), "%")),
        ("不超过5%", Target(Decimal(5), "%", rising=False)),
        ("100个左右", Target(words="100个左右")),
        ("约100个", Target(words="约100个")),
        ("新增100个", Target(words="新增100个")),
        ("100—200个", Target(words="100—200个")),
        ("123456789012个", Target(words="123456789012个")),
        (" ", None),
        ("长" * 81, None),
    ],
)
def test_targets(text: str, target: Target | None) -> None:
    assert read_target(text) == target
