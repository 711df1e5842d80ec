"""The factories tell the truth: what they make counts as the product counts it."""

from datetime import date

import pytest

from tasks_tracker.actions.rollup import roll_up_week
from tasks_tracker.models import Cell, Standing
from tests.factories import THIS_WEEK, make_item, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def test_an_accepted_report_counts_in_its_cell(cast: Cast) -> None:
    item = make_item(weight=3)
    silent = make_item(weight=1)
    report_and_accept(item, 4_000)
    rollup = roll_up_week(plan=item.plan, week=THIS_WEEK, now=moment(date(2026, 11, 20)))
    cell = Cell.objects.get(rollup=rollup, measure=item.measure, region=item.region, lead=cast.hubei)
    assert (cell.items, cell.weight, cell.known_weight, cell.earned) == (2, 4, 3, 12_000)
    assert silent.lead == cast.hubei


def test_milestones_bend_the_plan() -> None:
    item = make_item(milestones=[(date(2026, 11, 16), 2_000), (date(2026, 12, 31), 10_000)])
    rollup = roll_up_week(plan=item.plan, week=THIS_WEEK, now=moment(THIS_WEEK))
    standing = Standing.objects.at(item.plan, rollup.point).get(item=item)
    assert standing.planned == 2_000
