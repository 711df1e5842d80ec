"""Importing rows in pieces: interrupted, done twice, overtaken by somebody else; and files that expire."""

from datetime import date, timedelta

import pytest

from tasks_tracker.actions import import_rows, ledger_files
from tasks_tracker.actions.evidence import sweep
from tasks_tracker.actions.import_rows import confirm_import, import_piece, left_alone
from tasks_tracker.actions.imports import Choices, ImportRefused, check_ledger, expire_imports, send_ledger
from tasks_tracker.jobs import continue_imports, import_plan
from tasks_tracker.models import Actor, Cell, ImportRow, Plan, PlanImport, StaleCell, User, WorkItem
from tasks_tracker.queries.verification import verify_week
from tests.factories import THIS_WEEK, make_item, make_measure, make_plan, make_region, moment
from tests.factories.cast import Cast
from tests.factories.ledgers import HEADER, workbook

pytestmark = pytest.mark.django_db
NOW = moment(THIS_WEEK + timedelta(days=4))
MANY = [
    (
        n,
        "1.1",
        f"事项{n}",
        "湖北省经信厅" if n % 2 else "江苏省工信厅",
        "规划司",
        "2026年底",
        n % 5 + 1,
        "9个",
    )
    for n in range(1, 8)
]


@pytest.fixture
def plan(cast: Cast) -> Plan:
    make_region("100000")
    make_measure("1.1")
    return make_plan()


def checked(plan: Plan, by: User, rows: object = MANY) -> PlanImport:
    found = send_ledger(plan=plan, content=workbook(rows, HEADER), file_name="台账.xlsx", by=by, now=NOW)  # type: ignore[arg-type]
    check_ledger(plan_import=found, choices=Choices.of(found), seen=found.revision, by=by, now=NOW)
    return found


def confirmed(plan: Plan, by: User, rows: object = MANY) -> PlanImport:
    found = checked(plan, by, rows)
    confirm_import(plan_import=found, draft=False, seen=found.revision, by=by, now=NOW)
    return found


def state_of(found: PlanImport) -> tuple[str, int, int, int]:
    found.refresh_from_db()
    return found.state, found.imported, found.there, found.refused


def test_pieces_add_up_and_the_figures_hold(plan: Plan, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "PIECE", 3)
    found = confirmed(plan, cast.li)
    assert [import_piece(pk=found.pk, now=NOW) for _piece in range(5)] == [True, True, True, False, False]
    assert state_of(found) == ("done", 7, 0, 0)
    assert WorkItem.objects.count() == 7
    assert sum(Cell.objects.filter(rollup__week=THIS_WEEK).values_list("weight", flat=True)) == 20
    codes = sorted(WorkItem.objects.values_list("code", flat=True))
    assert codes == [f"32-1.1-0{n}" for n in (1, 2, 3)] + [f"42-1.1-0{n}" for n in (1, 2, 3, 4)]


def test_a_killed_worker_leaves_whole_pieces_and_another_goes_on(
    plan: Plan, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "PIECE", 3)
    found = confirmed(plan, cast.li)
    import_piece(pk=found.pk, now=NOW)

    def killed(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tasks_tracker.actions.import_rows._count", killed)  # everything is written but counted
        with pytest.raises(KeyboardInterrupt):
            import_piece(pk=found.pk, now=NOW)
    assert WorkItem.objects.count() == 3
    assert state_of(found) == ("running", 3, 0, 0)
    assert left_alone(now=NOW + timedelta(minutes=1)) == []
    assert left_alone(now=NOW + timedelta(minutes=3)) == [found.pk]
    PlanImport.objects.update(touched_at=NOW - timedelta(days=3650))
    continue_imports()
    assert state_of(found) == ("done", 7, 0, 0)
    import_plan(found.pk)
    assert WorkItem.objects.count() == 7


def test_what_came_meanwhile_is_recognised(plan: Plan, cast: Cast) -> None:
    found = confirmed(plan, cast.li)
    make_item(
        "42-1.1-01",
        title="事项1",
        measure=plan.policy.measures.get(),
        region=cast.hubei_region,
        lead=cast.hubei,
    )  # the same item, by hand, and with the code that was proposed
    make_item("32-1.1-01", title="另一件", region=cast.jiangsu_region, lead=cast.jiangsu)
    Actor.objects.filter(pk=cast.bureau.pk).update(retired_on=date(2026, 11, 1))
    import_plan(found.pk)
    assert state_of(found) == ("done", 0, 0, 7)
    Actor.objects.update(retired_on=None)
    again = confirmed(plan, cast.li)
    import_plan(again.pk)
    assert state_of(again) == ("done", 6, 1, 0)
    assert WorkItem.objects.filter(title="事项2").get().code == "32-1.1-02"
    assert WorkItem.objects.count() == 8


def test_a_row_that_names_an_item_is_that_item(plan: Plan, cast: Cast) -> None:
    header = ("编号", "举措", "事项", "牵头单位", "时限")
    rows = [("A-1", "1.1", "甲", "hubei", "2026-12-31"), ("A-1", "1.1", "乙", "hubei", "2026-12-31")]
    found = send_ledger(plan=plan, content=workbook(rows, header), file_name="台账.xlsx", by=cast.li, now=NOW)
    check_ledger(plan_import=found, choices=Choices.of(found), seen=1, by=cast.li, now=NOW)
    assert [row.state for row in found.rows.all()] == ["new", "refused"]
    assert found.rows.get(number=3).notes[0]["code"] == "code_twice"


def test_the_roll_up_agrees_with_the_journal(plan: Plan, cast: Cast) -> None:
    found = confirmed(plan, cast.li)
    while import_piece(pk=found.pk, now=NOW):
        pass
    assert verify_week(plan.weeks.get(week=THIS_WEEK)) == []
    assert StaleCell.objects.count() == 2  # one for each cell and not for each item


def test_a_confirmation_counts_once(plan: Plan, cast: Cast) -> None:
    found = checked(plan, cast.li)
    seen = found.revision
    confirm_import(plan_import=found, draft=False, seen=seen, by=cast.li, now=NOW)
    with pytest.raises(ImportRefused, match="closed"):
        confirm_import(plan_import=found, draft=False, seen=seen, by=cast.li, now=NOW)


# --- files ------------------------------------------------------------------------------------------------
def test_a_file_goes_when_its_day_has_come(
    plan: Plan, cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    old, done = checked(plan, cast.li, MANY[:1]), confirmed(plan, cast.li, MANY[1:2])
    import_plan(done.pk)
    sweep(now=NOW + timedelta(days=29))  # what goes with the reports leaves these alone
    assert ledger_files.content_of(old.sha256)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert expire_imports(now=NOW + timedelta(days=30)) == 0
        assert expire_imports(now=NOW + timedelta(days=31)) == 2
    for found, state in ((old, "discarded"), (done, "done")):
        found.refresh_from_db()
        assert (found.state, found.has_file) == (state, False)
        with pytest.raises(ledger_files.NoFile, match="file_missing"):
            ledger_files.content_of(found.sha256)
    assert not ImportRow.objects.filter(of=old).exists()
    assert ImportRow.objects.get(of=done).item


def test_the_same_file_of_two_imports_stays_for_the_other(
    plan: Plan, cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    first, second = checked(plan, cast.li), checked(plan, cast.li)
    PlanImport.objects.filter(pk=first.pk).update(expires_on=THIS_WEEK)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert expire_imports(now=NOW) == 1
    assert ledger_files.content_of(second.sha256)
