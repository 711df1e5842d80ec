"""Two filled-in workbooks handed in at the same moment: one is written whole, the other not at all.

On real connections, like the rest of what happens at once; see test_concurrency.py.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tasks_tracker.actions import week_workbook
from tasks_tracker.actions.handing_in import SUBMIT, RowEntry, RowRefused
from tasks_tracker.actions.progress import Entry, submit_report
from tasks_tracker.actions.week_workbook import UploadGone, hand_in, take_in
from tasks_tracker.models import AuditEntry, ProgressReport, Role, User, WeekUpload, WorkItem
from tests.actions.test_concurrency import cast, outcomes, threads  # noqa: F401 — fixtures
from tests.factories import THIS_WEEK, make_item, make_plan, make_user
from tests.factories.cast import Cast
from tests.views.week_form import THURSDAY

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL"
    ),
]
ROUNDS = 6
ITEMS = 5


def uploaded(items: list[WorkItem], by: User) -> WeekUpload:
    return take_in(
        content=f"{by.pk}".encode(),
        name="填好.xlsx",
        plan=items[0].plan,
        unit=items[0].lead,
        week=THIS_WEEK,
        by=by,
        now=THURSDAY,
    )


def entries(items: list[WorkItem], by: User) -> list[RowEntry]:
    entry = Entry(percent=97_00, progress_note=f"{by.username}报的")
    return [RowEntry(item, SUBMIT, entry, "0 ") for item in items]


def confirming(items: list[WorkItem], by: User) -> Callable[[], str]:
    """One click on “hand in”; what the page would say."""
    upload = uploaded(items, by)

    def click() -> str:
        try:
            hand_in(upload=upload, sha256=upload.sha256, rows=entries(items, by), by=by, now=THURSDAY)
        except RowRefused as refused:
            return refused.refused.code
        except UploadGone:
            return "gone"
        return "handed in"

    return click


def items_of(number: int) -> list[WorkItem]:
    plan = make_plan()
    return [make_item(f"R{number}-{n}", plan=plan) for n in range(ITEMS)]


def writers(items: list[WorkItem]) -> dict[str, int]:
    found: dict[str, int] = {}
    for note in ProgressReport.objects.filter(item__in=items).values_list("progress_note", flat=True):
        found[note] = found.get(note, 0) + 1
    return found


def test_of_two_colleagues_one_hands_in_everything_and_the_other_nothing(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    he = make_user(Role.REPORTER, "he", actor=cast.hubei)
    for number in range(ROUNDS):
        items = items_of(number)
        said = outcomes(threads, confirming(items, cast.chen), confirming(list(reversed(items)), he))
        assert sorted(said) in (["already_waiting", "handed in"], ["changed_meanwhile", "handed in"])
        assert list(writers(items).values()) == [ITEMS]
        loser = cast.chen if said[0] != "handed in" else he
        assert WeekUpload.objects.filter(uploaded_by=loser).exists()


def test_a_double_click_hands_in_once(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    for number in range(ROUNDS):
        items = items_of(number)
        click = confirming(items, cast.chen)
        assert sorted(outcomes(threads, click, click)) == ["gone", "handed in"]
        assert list(writers(items).values()) == [ITEMS]
    handed_in = AuditEntry.objects.filter(action="hand_in_week_workbook")
    assert handed_in.count() == ROUNDS


def test_a_colleague_on_the_web_and_a_workbook_at_once(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    he = make_user(Role.REPORTER, "he", actor=cast.hubei)
    for number in range(ROUNDS):
        items = items_of(number)
        entry = Entry(percent=98_00, progress_note="网上报的")
        on_the_web: Any = partial(
            submit_report, item=items[2], week=THIS_WEEK, entry=entry, by=he, now=THURSDAY, seen_version=0
        )
        said = outcomes(threads, confirming(items, cast.chen), on_the_web)
        found = writers(items)
        if said[0] == "handed in":
            assert found == {"chen报的": ITEMS}
        else:
            assert found == {"网上报的": 1}


def test_two_uploads_of_one_person_leave_one(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    items = items_of(0)
    for _ in range(ROUNDS):
        outcomes(threads, *[lambda: uploaded(items, cast.chen).pk] * 2)
        assert WeekUpload.objects.count() == 1
        week_workbook.discard(upload=WeekUpload.objects.get(), by=cast.chen)
