"""When no demonstration is made: nothing is written then."""

from datetime import date

import pytest
from django.core.management import call_command

from tasks_tracker.actions.demo import seed
from tasks_tracker.actions.demo.seed import AlreadySeeded, PlanExists, ReferenceMissing
from tasks_tracker.models import Measure, Plan, User, WorkItem
from tests.factories.demonstration import make


@pytest.fixture
def reference(db: None) -> None:
    call_command("load_reference", verbosity=0)


def test_without_reference_data_nothing_is_made(db: None) -> None:
    with pytest.raises(ReferenceMissing):
        make()
    assert not Plan.objects.exists()


def test_a_second_demonstration_is_refused(reference: None) -> None:
    make(items=3, weeks=2)
    with pytest.raises(AlreadySeeded):
        make(items=3, weeks=2)


def test_a_real_plan_is_never_mixed_with_the_demonstration(reference: None) -> None:
    measure = Measure.objects.first()
    assert measure
    plan = Plan.objects.create(
        code="real", policy=measure.policy, title="x", starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1)
    )
    with pytest.raises(PlanExists):
        make()
    assert list(Plan.objects.all()) == [plan]


def test_a_failure_half_way_leaves_nothing(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed.plan_curve, "draw_plan", lambda plan: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make(items=3, weeks=2)
    assert not WorkItem.objects.exists()
    assert not User.objects.exists()
