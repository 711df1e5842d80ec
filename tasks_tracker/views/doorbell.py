"""Ringing a job after an entry point's action.

A queue that cannot be reached costs a line in the log and nothing else: the beat rings the same job.
"""

from functools import partial

from django.conf import settings
from django.db import transaction

from tasks_tracker import jobs


def ring_open_week() -> None:
    """Have the running week computed soon and the plan drawn anew: its rules or its run changed."""
    transaction.on_commit(jobs.roll_up_open_week.delay, robust=True)


def ring_roll_up() -> None:
    """Have the changed cells computed soon; the beat looks every minute."""
    transaction.on_commit(jobs.roll_up_stale_cells.delay, robust=True)


def ring_import(pk: int) -> None:
    """Have the rows of a confirmed ledger imported; the beat looks for what is left alone."""
    transaction.on_commit(partial(jobs.import_plan.delay, pk), robust=True)


def ring_back_test() -> None:
    """Have the rules of early signals tested on past weeks soon: one of them changed."""
    transaction.on_commit(jobs.back_test_signals.delay, robust=True)


def ring_pack() -> None:
    """Have the waiting files of packs made soon, where there are workers.

    Without any nothing rings: a pack is no work for a request. The command `make_pack` makes it.
    """
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        transaction.on_commit(jobs.make_pack.delay, robust=True)
