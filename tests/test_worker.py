"""A ring reaches a real worker, and what it does is in the tables."""

import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from industrialization.celery import app
from tasks_tracker import jobs
from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.weekly_pack import CLAIM_LASTS
from tasks_tracker.models import Cell, PackFile, StaleCell
from tasks_tracker.rules.weeks import ONE_WEEK, week_of
from tests.conftest import Worker
from tests.factories import make_item, make_user
from tests.factories.cast import make_cast
from tests.processes import wait_for


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


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_of_a_pack_goes_on_with_it(worker: Worker) -> None:
    now = timezone.localtime()
    plan = make_item(lead=make_cast().hubei).plan
    rollup.close_week(plan=plan, week=week_of(now.date()) - ONE_WEEK, now=now, by=None)
    files, done = PackFile.objects.all(), PackFile.objects.filter(state="done")
    (stats,) = app.control.inspect(timeout=5).stats().values()
    jobs.make_pack.delay()
    wait_for("the first file", done.exists)
    for process in stats["pool"]["processes"]:
        os.kill(process, signal.SIGKILL)
    before = {file.pk: file.sha256 for file in done.all()}
    # The broker gives the job to the next process, which leaves what the killed one had claimed.
    wait_for("the rest of the pack", lambda: not files.filter(state="waiting").exists())
    worker.wait_until_idle()
    lost = files.filter(state="making")
    assert 0 < len(before) < files.count() == done.count() + lost.count()
    assert lost.count() > 0
    lost.update(claimed_at=now - CLAIM_LASTS - timedelta(minutes=1))
    jobs.make_pack.delay()  # as the beat does
    worker.wait_until_idle()
    assert done.count() == files.count() == 12
    assert {file.pk: file.sha256 for file in done.filter(pk__in=before)} == before
    assert set(done.filter(pk__in=before).values_list("attempts", flat=True)) == {1}
