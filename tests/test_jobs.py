"""The job that rings every minute is quiet in a system that was just installed."""

import pytest

from tasks_tracker import jobs
from tasks_tracker.models import Plan


@pytest.mark.django_db
def test_before_any_plan_there_is_nothing_to_roll_up(django_assert_num_queries: object) -> None:
    assert not Plan.objects.exists()
    with django_assert_num_queries(1):  # type: ignore[operator]
        jobs.roll_up_stale_cells()
