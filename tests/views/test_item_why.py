"""How the figures of one work item come about: each sentence holds the item's own numbers."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import rollup, standing
from tasks_tracker.actions.supervision import override_light
from tasks_tracker.models import State, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)


@pytest.fixture
def say(cast: Cast, log_in: LogIn) -> Callable[..., dict[str, str]]:
    """`say(item)` rolls the week up and reads the sentences of the item's page, by what they are about."""

    def read(item: WorkItem, week: str = "") -> dict[str, str]:
        if not week:
            rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
        response: Any = log_in(cast.li).get(f"/items/{item.code}/{week}", headers={"accept-language": "en"})
        assert response.status_code == 200
        return {one.name: one.text for one in response.context["because"]}

    return read


def test_percent_plan_variance_weeks_and_weight_are_told(cast: Cast, say: Any) -> None:
    item = make_item("HB-1", weight=3, milestones=[(date(2026, 7, 1), 20_00), (date(2026, 12, 1), 80_00)])
    report_and_accept(item, 45_00, by=cast.chen, decided_by=cast.li)
    told = say(item)
    assert told["Percent"] == (
        "45.00%, as 陈晓岚 (Hubei authority) reported it for 2026-W47; 李维 accepted it on 2026-11-19 11:00."
    )
    # 1 July to 1 December is 153 days, 142 of them gone on 20 November: 20 + 60 × 142 ÷ 153 = 75.68 %.
    assert told["Planned"] == (
        "75.68% = 20.00% + (80.00% − 20.00%) × 142 ÷ 153 days: in a straight line from "
        "milestone “节点1” 2026-07-01 to milestone “节点2” 2026-12-01, rounded down."
    )
    assert told["Variance"] == "−30.68 points = 45.00% − 75.68% planned"
    # 45 % was planned 63.75 days after 1 July, on 2 September: 78.25 days before.
    assert told["In weeks"] == "The plan stood where the item stands on 2026-09-02: it is 11.2 weeks late."
    assert "below −30" in told["Light"]
    assert told["Weight"] == "To its measure it adds weight × percent: 3 × 45.00% = 135.00."


def test_an_item_ahead_of_its_plan_is_not_late(cast: Cast, say: Any) -> None:
    item = make_item()
    report_and_accept(item, 95_00)
    assert "In weeks" not in say(item)
    assert "from the start 2026-01-01 to the due day 2026-12-31" in say(item)["Planned"]


def test_what_is_unknown_is_neither_nothing_nor_all(cast: Cast, say: Any) -> None:
    told = say(make_item(weight=2))
    assert told["Percent"] == "No report was accepted yet: unknown, which is neither 0% nor 100%."
    assert told["Weight"] == "2: unknown, so it adds nothing to the lower bound of its measure."
    assert "Variance" not in told


def test_what_counts_by_rule_says_the_rule(cast: Cast, say: Any) -> None:
    closed = say(make_item(state=State.CLOSED, closed_on=THIS_WEEK, due_on=date(2026, 11, 1)))
    assert closed["Percent"] == "Closed: it counts as 100%."
    assert closed["Planned"] == "100% from the due day 2026-11-01 on."
    put_off = make_item()
    standing.advance(put_off, LAST_WEEK, starts_on=date(2027, 1, 4), due_on=date(2027, 6, 1))
    later = say(put_off)
    assert later["Percent"] == "Its start lies ahead: it counts as 0%."
    assert later["Planned"] == "0% before the start on 2027-01-04."


def test_a_light_set_by_hand_stands_beside_the_rule_of_the_computed_one(cast: Cast, say: Any) -> None:
    item = make_item(is_key=True)
    report_and_accept(item, 40_00, LAST_WEEK)
    override_light(
        item=item, light="at_risk", expires_on=date(2026, 12, 3), reason="已协调", by=cast.li, now=FRIDAY
    )
    told = say(item)
    assert told["Light"] == "Set by 李维 through 2026-12-03: 已协调"
    assert "below −30" in told["Computed"]


def test_a_cancelled_item_is_in_no_figure(cast: Cast, say: Any) -> None:
    item = make_item()
    standing.advance(item, THIS_WEEK, state=State.CANCELLED)
    assert say(item)["Weight"] == "Cancelled: in no figure."


def test_a_decomposed_item_stands_where_its_parts_stand(cast: Cast, say: Any, log_in: LogIn) -> None:
    whole = make_item("WHOLE", decomposed=True)
    report_and_accept(make_item("P1", weight=3, parent=whole), 100_00)
    report_and_accept(make_item("P2", weight=1, parent=whole), 50_00)
    make_item("P3", weight=1, parent=whole)
    told = say(whole)
    assert told["Percent"] == "From its parts: 87.50% = 70.00% lower bound ÷ 80.00% coverage."
    assert told["Weight"] == "Its parts are counted in its place, each with its own weight."
    assert "Light" not in told
    html = log_in(cast.li).get("/items/WHOLE/").content.decode()
    assert "350.00" in html.split("<tfoot>")[1]


def test_a_frozen_week_names_the_report_that_counted_then(cast: Cast, say: Any) -> None:
    item = make_item()
    report_and_accept(item, 40_00, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    report_and_accept(item, 42_00, by=cast.chen, decided_by=cast.li)
    assert say(item)["Percent"].startswith("42.00%")
    assert say(item, "?week=2026-W46")["Percent"].startswith("40.00%")
