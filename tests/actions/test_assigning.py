"""Splitting items, assigning new ones, distributing a measure: what is written, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tasks_tracker.actions import lifecycle, requests
from tasks_tracker.actions.assigning import Part, assign_item, decompose_item, distribute_measure
from tasks_tracker.actions.item_rows import RowsRefused
from tasks_tracker.actions.replan import StepRefused, Terms, change_plan
from tasks_tracker.models import (
    AuditEntry,
    Cell,
    CompletionRequest,
    Standing,
    State,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.rules.ledger_csv import Row, Sheet
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_measure,
    make_plan,
    make_region,
)
from tests.factories.cast import Cast
from tests.factories.proof import DUE, NOW, agreed, an_item_in_a_frozen_week, cell, compute, refusal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    return an_item_in_a_frozen_week()


def ask_without(**arguments: Any) -> CompletionRequest:
    return requests.request_completion(statement="已完成。", **arguments)


def change(item: WorkItem, cast: Cast, **changes: Any) -> None:
    seen = Terms.of(item)
    change_plan(item=item, terms=replace(seen, **changes), seen=seen, reason="调整。", by=cast.li, now=NOW)


# --- parts --------------------------------------------------------------------------------------------------
def part(cast: Cast, **changes: Any) -> Part:
    values: dict[str, Any] = {"title": "武汉分项", "lead": cast.wuhan, "weight": 2}
    run = {"starts_on": date(2026, 2, 1), "due_on": DUE}
    return Part(**values | run | changes)


def test_the_parts_are_counted_in_place_of_the_whole_from_this_week_on(item: WorkItem, cast: Cast) -> None:
    parts = [part(cast), part(cast, title="省本级", lead=cast.hubei, weight=1)]
    children = decompose_item(item=item, parts=parts, reason="按地市分解。", by=cast.chen, now=NOW)
    assert [child.code for child in children] == ["A-1", "A-2"]
    assert not agreed(item, LAST_WEEK).decomposed
    assert agreed(item, THIS_WEEK).decomposed
    compute(item)
    cells = Cell.objects.filter(rollup__week=THIS_WEEK)
    assert {(each.lead, each.items, each.weight) for each in cells} == {
        (cast.wuhan, 1, 2),
        (cast.hubei, 1, 1),
    }
    assert (cell(LAST_WEEK).items, cell(LAST_WEEK).weight) == (1, 3)
    week = WeekRollup.objects.get(week=THIS_WEEK)
    assert not Standing.objects.at(item.plan, week.point).get(item=item).due  # type: ignore[attr-defined]
    for step in (lifecycle.suspend_item, lifecycle.cancel_item):
        assert refusal(step, item=item, reason="调整。", by=cast.li) == "parts_running"
    assert refusal(ask_without, item=item, by=cast.chen) == "parts_running"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"weight": 0}, "bad_weight"),
        ({"due_on": DUE + DAY}, "outside_whole"),
        ({"starts_on": date(2025, 12, 1)}, "outside_plan"),
    ],
)
def test_a_part_fits_its_whole(changes: dict[str, Any], code: str, item: WorkItem, cast: Cast) -> None:
    arguments = {"item": item, "reason": "分解。", "by": cast.chen}
    assert refusal(decompose_item, parts=[part(cast), part(cast, **changes)], **arguments) == code
    assert refusal(decompose_item, parts=[], **arguments) == "no_parts"


def test_a_unit_gives_parts_to_its_own_line_a_supervisor_within_the_scope(item: WorkItem, cast: Cast) -> None:
    foreign = [part(cast, lead=cast.jiangsu)]
    assert refusal(decompose_item, item=item, parts=foreign, reason="分解。", by=cast.chen) == "not_own_unit"
    for user in (cast.liu, cast.wang, cast.sun, cast.zhao):
        with pytest.raises(PermissionDenied):
            decompose_item(item=item, parts=[part(cast)], reason="分解。", by=user, now=NOW)
    assert decompose_item(item=item, parts=foreign, reason="分解。", by=cast.li, now=NOW)


def test_parts_keep_within_the_dates_of_the_whole_later_too(item: WorkItem, cast: Cast) -> None:
    [child] = decompose_item(item=item, parts=[part(cast)], reason="分解。", by=cast.chen, now=NOW)
    item.refresh_from_db()
    with pytest.raises(StepRefused, match="parts_outside"):
        change(item, cast, due_on=DUE - DAY)
    with pytest.raises(StepRefused, match="outside_whole"):
        change(child, cast, due_on=DUE + DAY)


# --- assigning ----------------------------------------------------------------------------------------------
def row(number: int = 1, **changes: Any) -> Row:
    values: dict[str, Any] = {
        "code": "",
        "title": "新增事项",
        "measure": "1.1",
        "region": "420000",
        "lead": "hubei",
        "weight": 2,
        "starts_on": date(2026, 2, 1),
        "due_on": DUE,
        "commitment": "binding",
        "is_key": False,
        "expected_result": "",
        "deliverable": "",
        "supporting": (),
        "milestones": (),
    }
    return Row(number=number, **values | changes)


def test_a_draft_counts_nowhere_until_it_is_assigned(cast: Cast) -> None:
    plan, _measure = make_plan(), make_measure()
    draft = assign_item(plan=plan, row=row(), draft=True, by=cast.li, now=NOW)
    assert (draft.code, draft.state) == ("42-1.1-01", State.DRAFT)
    compute(draft)
    assert not Cell.objects.exists()
    lifecycle.assign_draft(item=draft, reason="下达。", by=cast.li, now=NOW)
    compute(draft)
    assert (cell().items, cell().unknown_items) == (1, 1)
    assert assign_item(plan=plan, row=row(), by=cast.li, now=NOW).code == "42-1.1-02"


def test_a_supervisor_assigns_within_the_own_scope(cast: Cast) -> None:
    plan, _measure = make_plan(), make_measure()
    with pytest.raises(PermissionDenied):
        assign_item(plan=plan, row=row(), by=cast.sun, now=NOW)
    assert assign_item(plan=plan, row=row(region="320000", lead="jiangsu"), by=cast.sun, now=NOW)
    for user in (cast.chen, cast.zhou, cast.zhao, cast.system_admin):
        with pytest.raises(PermissionDenied):
            assign_item(plan=plan, row=row(), by=user, now=NOW)


def test_a_measure_is_distributed_to_all_regions_or_to_none_and_never_twice(cast: Cast) -> None:
    plan, _measure = make_plan(), make_measure()
    codes = [f"{number}0000" for number in range(30, 67)]
    for code in codes:
        make_region(code)
    rows = [row(n, code=f"{code[:2]}-1.1-B1", region=code) for n, code in enumerate(codes, 1)]
    with pytest.raises(RowsRefused) as refused:
        distribute_measure(
            plan=plan,
            sheet=Sheet((*rows[:-1], row(37, code="66-1.1-B1", region="660000", lead="无名")), ()),
            name="B1",
            by=cast.li,
            now=NOW,
        )
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(37, "lead")]
    assert not WorkItem.objects.exists()
    arguments = {"plan": plan, "sheet": Sheet(tuple(rows), ()), "name": "B1", "by": cast.li, "now": NOW}
    assert len(distribute_measure(**arguments).wanted) == 37
    again = distribute_measure(**arguments)
    assert (len(again.wanted), again.already_there, WorkItem.objects.count()) == (0, 37, 37)
    assert AuditEntry.objects.filter(action="distribute_measure").count() == 1
    compute(WorkItem.objects.first() or WorkItem())
    assert Cell.objects.filter(rollup__week=THIS_WEEK).count() == 37
