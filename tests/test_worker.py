"""A ring reaches a real worker, and what it does is in the tables."""

import pytest
from django.utils import timezone

from tasks_tracker import jobs
from tasks_tracker.actions import progress
from tasks_tracker.models import Cell, StaleCell
from tasks_tracker.rules.weeks import week_of
from tests.conftest import Worker
from tests.factories import make_item, make_user
from tests.factories.cast import make_cast


@pytest.mark.django_db(transaction=True)
def test_an_accepted_report_is_rolled_up_by_the_worker(worker: Worker) -> None:
    cast = make_cast()
    now = timezone.localtime()
    week = week_of(now.date())
    item = make_item(lead=cast.hubei)
    entry = progress.Entry(
        percent=4_200,
        progress_note="已开工。",
        next_steps="继续推进。",
        problems=[progress.ProblemEntry(kind="funds", description="资金未到位。")],
    )
    report = progress.submit_report(item=item, week=week, entry=entry, by=cast.chen, now=now)
    progress.accept_report(report=report, by=cast.li, now=now)
    assert StaleCell.objects.exists()
    jobs.roll_up_stale_cells.delay()
    worker.wait_until_idle()
    assert not StaleCell.objects.exists()
    cell = Cell.objects.get(rollup__week=week, measure=item.measure, region=item.region, lead=item.lead)
    assert (cell.items, cell.earned) == (1, 4_200)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_does_not_stop_the_worker(worker: Worker) -> None:
    jobs.roll_up_open_week.delay()  # there is no plan yet
    worker.wait_until_idle()
    make_item(lead=make_user().actor)
    jobs.roll_up_open_week.delay()
    worker.wait_until_idle()
    assert Cell.objects.count() == 1
