"""Sealing while people work, on real connections: nobody waits for it, and the chain never forks.

Only PostgreSQL runs writers side by side; see test_concurrency.py.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tasks_tracker import jobs
from tasks_tracker.actions import audit
from tasks_tracker.models import AuditEntry, AuditSeal, User
from tasks_tracker.queries.audit_chain import Proof
from tests.conftest import Worker
from tests.factories import make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL"
    ),
]
ROUNDS = 5


@pytest.fixture
def li(transactional_db: None) -> User:
    return make_user("supervisor", "li")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def on_own_connection(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connection.close()


def act(by: User) -> AuditEntry:
    return audit.record(by=by, action="x", obj=by)


def proven() -> bool:
    proof = Proof()
    return list(proof.findings()) == [] and proof.waiting == 0


def test_of_many_sealings_at_once_each_entry_is_sealed_once_in_one_chain(
    li: User, threads: ThreadPoolExecutor
) -> None:
    for number in range(1, ROUNDS + 1):
        for _ in range(20):
            act(li)
        barrier = Barrier(4)

        def run(barrier: Barrier = barrier) -> int:
            barrier.wait(10)
            return audit.seal_entries(now=timezone.now()).entries

        sealings = [threads.submit(on_own_connection, run) for _ in range(4)]
        assert sum(sealing.result(30) for sealing in sealings) == 20
        assert AuditSeal.objects.count() == AuditSeal.objects.last().number == 20 * number
    assert proven()


def test_a_sealing_that_was_overtaken_does_nothing(
    li: User, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the end of the chain when another one seals; its own seals are refused, all of them."""
    act(li)
    read, overtaken = Event(), Event()
    link_of = audit.seals.link_of

    def slowly(*args: Any, **kwargs: Any) -> str:
        if not read.is_set():
            read.set()
            assert overtaken.wait(30)
        return link_of(*args, **kwargs)

    monkeypatch.setattr(audit.seals, "link_of", slowly)
    late = threads.submit(on_own_connection, lambda: audit.seal_entries(now=timezone.now()))
    assert read.wait(30)
    assert audit.seal_entries(now=timezone.now()).entries == 1
    overtaken.set()
    assert late.result(30).entries == 0
    assert AuditSeal.objects.count() == 1
    assert proven()


def test_an_act_that_is_committed_late_is_sealed_later_and_holds_nobody_up(
    li: User, threads: ThreadPoolExecutor
) -> None:
    done, go_on = Event(), Event()

    def slowly() -> int:
        with transaction.atomic():
            entry = act(li)
            done.set()
            go_on.wait(30)
        return entry.pk

    slow = threads.submit(on_own_connection, slowly)
    assert done.wait(30)
    quick = act(li).pk
    assert audit.seal_entries(now=timezone.now()).entries == 1
    go_on.set()
    late = slow.result(30)
    assert late < quick
    assert audit.seal_entries(now=timezone.now()).entries == 1
    assert list(AuditSeal.objects.values_list("entry_id", flat=True)) == [quick, late]
    assert proven()


def test_the_worker_seals_and_logs_the_head(li: User, worker: Worker) -> None:
    act(li)
    jobs.seal_audit_log.delay()
    worker.wait_until_idle()
    assert f"Audit log sealed, head {AuditSeal.objects.get()}" in worker.log.read_text()
    assert proven()
