"""What the demonstration is drawn from: subjects of the measures, and the course of a week."""

from random import Random

import pytest
from django.core.management import call_command

from tasks_tracker.actions.demo.filing import filed_in_closed_week, filed_in_running_week
from tasks_tracker.actions.demo.texts import subject_of, texts
from tasks_tracker.models import Measure


def test_every_measure_of_the_policy_has_a_subject_of_its_own(db: None) -> None:
    call_command("load_reference", verbosity=0)
    assert {m.code for m in Measure.objects.all()} == set(texts()["measures"])


def test_a_measure_without_a_subject_gets_one_from_its_title() -> None:
    subject = subject_of(Measure(code="9.9", title="新的举措"))
    assert all(stem.startswith("新的举措") for stem in (*subject.local, *subject.national))


@pytest.mark.parametrize("hour", range(1, 7 * 24, 9))
def test_a_running_week_never_runs_ahead(hour: int) -> None:
    for number in range(50):
        for version in filed_in_running_week(Random(number), hour * 60, owed=True):
            assert version.minute <= hour * 60
            assert version.decided is None or version.minute < version.decided <= hour * 60


def test_a_closed_week_is_decided_before_it_is_frozen() -> None:
    for number in range(2000):
        versions = filed_in_closed_week(Random(number), may_wait=False)
        moments = [m for v in versions for m in (v.minute, v.decided)]
        assert moments == sorted(moments)
        assert moments[-1] < (7 * 24 + 9) * 60
