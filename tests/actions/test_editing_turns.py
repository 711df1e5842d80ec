"""Two who edit the same thing at the same moment: one is saved, the other is told, nothing is half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tasks_tracker.actions import rollup
from tasks_tracker.actions.editing import EditRefused, StaleEdit, plain
from tasks_tracker.actions.indicators import record_value
from tasks_tracker.actions.people import edit_actor
from tasks_tracker.actions.policy import edit_outline_row
from tasks_tracker.models import Actor, AuditEntry, IndicatorValue, Measure, WeightChange
from tests.factories import (
    THIS_WEEK,
    make_indicator,
    make_item,
    make_measure,
    make_plan,
    make_user,
    make_value,
    moment,
)
from tests.factories.cast import Cast, make_cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL"
    ),
]
THURSDAY = moment(THIS_WEEK + timedelta(days=3))
ROUNDS = 4


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def outcomes(*calls: Callable[[], Any]) -> list[str]:
    """Make the calls at the same moment: "saved" or how each was refused, sorted."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        try:
            barrier.wait(10)
            call()
        except StaleEdit:
            return "stale"
        except EditRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def test_of_two_new_weights_one_is_saved_and_the_other_is_told(cast: Cast) -> None:
    make_item(measure=make_measure("1.1"), lead=cast.hubei)
    plan = make_plan()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=THURSDAY)
    others = [cast.li, make_user("supervisor", username="other")]
    for _n in range(ROUNDS):
        measure = Measure.objects.get(code="1.1")
        before = measure.weight

        def save(weight: int, by: Any, measure: Measure = measure) -> Callable[[], Any]:
            return lambda: edit_outline_row(
                row=measure,
                plan=plan,
                values={"weight": weight},
                reason="任务加重。",
                seen=plain(measure, ("weight",)),
                by=by,
                now=THURSDAY,
            )

        assert outcomes(save(before + 1, others[0]), save(before + 2, others[1])) == ["saved", "stale"]
        change = WeightChange.objects.latest("pk")
        assert (change.old_weight, change.new_weight) == (before, Measure.objects.get(code="1.1").weight)
    assert (
        WeightChange.objects.count() == AuditEntry.objects.filter(action="change_measure").count() == ROUNDS
    )


def test_of_two_corrections_of_a_value_one_is_saved_and_the_other_is_told(cast: Cast) -> None:
    indicator = make_indicator()
    wrong = make_value(indicator)
    for n in range(ROUNDS):

        def correct(value: int, wrong: IndicatorValue = wrong) -> Callable[[], Any]:
            return lambda: record_value(
                indicator=indicator,
                value=Decimal(value),
                as_of=date(2026, 10, 31),
                source="更正",
                corrects=wrong,
                by=cast.li,
                now=THURSDAY,
            )

        assert outcomes(correct(10 * n), correct(10 * n + 1)) == ["already_corrected", "saved"]
        wrong = IndicatorValue.objects.get(is_current=True)
    assert IndicatorValue.objects.count() == ROUNDS + 1


def test_of_two_first_values_of_a_day_one_is_saved(cast: Cast) -> None:
    indicator = make_indicator()

    def record(value: int) -> Callable[[], Any]:
        day = date(2026, 10, 31)
        return lambda: record_value(
            indicator=indicator, value=Decimal(value), as_of=day, source="月报", by=cast.li, now=THURSDAY
        )

    assert outcomes(record(1), record(2)) == ["day_taken", "saved"]


def test_two_moves_never_make_a_circle(cast: Cast) -> None:
    """湖北 below 江苏 and 江苏 below 湖北, at once."""

    def below(code: str, parent: str) -> Callable[[], Any]:
        actor = Actor.objects.get(code=code)
        names = ("name", "level", "kind", "reports")
        values = {name: getattr(actor, name) for name in names}
        values["parent"] = Actor.objects.get(code=parent)
        return lambda: edit_actor(actor=actor, values=values, seen=plain(actor, ("parent",)), by=cast.li)

    assert outcomes(below("hubei", "jiangsu"), below("jiangsu", "hubei")) == ["below_itself", "saved"]
    for actor in Actor.objects.select_related("parent"):
        assert actor.path == f"{actor.parent.path if actor.parent else ''}{actor.code}/"
