"""The jobs that ring from the first day on are quiet in a system that was just installed."""

from collections.abc import Callable

import pytest

from tasks_tracker import jobs
from tasks_tracker.models import Plan


@pytest.mark.django_db
@pytest.mark.parametrize(
    "job", [jobs.roll_up_stale_cells, jobs.roll_up_open_week, jobs.close_week, jobs.make_pack]
)
def test_before_any_plan_there_is_nothing_to_do(
    job: Callable[[], None], django_assert_num_queries: Callable[..., object]
) -> None:
    assert not Plan.objects.exists()
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        job()
