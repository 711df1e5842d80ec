"""Making a workbook: on record, within the scope, with figures that are fresh."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from tasks_tracker.actions import rollup
from tasks_tracker.actions.workbook import make_workbook
from tasks_tracker.models import AuditEntry, Plan, StaleCell, User, WorkbookExport
from tasks_tracker.queries.ledger import UnknownSubject
from tasks_tracker.rules.weeks import UnknownWeek
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.reports.spreadsheets import LEDGER, SUMMARY, made, opened

pytestmark = pytest.mark.django_db
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """One item of 湖北 and one of 江苏 in two weeks, the older one frozen."""
    make_item("HB-1", title="湖北事项", lead=cast.hubei, measure=make_measure("1.1"))
    make_item(
        "JS-1", title="江苏事项", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("2.1")
    )
    plan = make_plan(is_demonstration=True)
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY)
    return plan


def make(plan: Plan, by: User, scope: str = "national", subject: str = "", **more: Any) -> Any:
    arguments = {"week": THIS_WEEK, "now": FRIDAY} | more
    return make_workbook(plan=plan, scope=scope, subject=subject, by=by, **arguments)


def test_an_export_is_on_record_with_its_digest(plan: Plan, cast: Cast) -> None:
    workbook = make(plan, cast.li, "region", "420000")
    data = workbook.file.read()
    export = WorkbookExport.objects.get()
    assert (export.week, export.scope, export.subject) == (THIS_WEEK, "region", "420000")
    assert (export.made_by, export.made_at, export.items) == (cast.li, FRIDAY, 1)
    assert export.size == len(data) == workbook.size
    assert export.sha256 == hashlib.sha256(data).hexdigest()
    entry = AuditEntry.objects.get(action="export_workbook")
    assert (entry.by, entry.object_type, entry.object_id) == (cast.li, "workbookexport", str(export.pk))
    assert entry.after["subject"] == "420000"


def test_the_file_name_says_week_and_scope_and_fits_every_file_system(plan: Plan, cast: Cast) -> None:
    cast.hubei.name = '湖北/经信: "厅"'
    cast.hubei.save()
    name = make(plan, cast.li, "actor", "hubei").name
    assert "_2026-W47_" in name
    assert name.endswith(".xlsx")
    assert not set('\\/:*?"<>| ') & set(name)


def test_a_subject_outside_the_scope_is_refused_and_nothing_is_written(plan: Plan, cast: Cast) -> None:
    for user, scope, subject in [
        (cast.chen, "region", "320000"),
        (cast.chen, "actor", "jiangsu"),
        (cast.sun, "key_task", "1"),
        (cast.audit_admin, "national", ""),
    ]:
        with pytest.raises(PermissionDenied):
            make(plan, user, scope, subject)
    assert not WorkbookExport.objects.exists()
    assert not AuditEntry.objects.filter(action="export_workbook").exists()


def test_an_unknown_subject_or_week_is_named(plan: Plan, cast: Cast) -> None:
    with pytest.raises(UnknownSubject):
        make(plan, cast.li, "region", "999999")
    with pytest.raises(UnknownWeek):
        make(plan, cast.li, week=THIS_WEEK + timedelta(weeks=1))


@pytest.mark.parametrize("who", ["chen", "sun"])
def test_a_scoped_users_workbook_holds_nothing_foreign(who: str, plan: Plan, cast: Cast) -> None:
    user = getattr(cast, who)
    foreign = ("江苏", "JS-1", "jiangsu") if who == "chen" else ("湖北", "HB-1", "hubei")
    own = "HB-1" if who == "chen" else "JS-1"
    texts = {
        str(cell)
        for sheet in opened(made(plan, user))
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    }
    assert own in texts
    assert not [text for text in texts if any(word in text for word in foreign)]


def test_an_accepted_report_that_is_not_rolled_up_yet_is_rolled_up_first(plan: Plan, cast: Cast) -> None:
    report_and_accept(plan.items.get(code="HB-1"), 6_000, by=cast.chen, decided_by=cast.li)
    assert StaleCell.objects.exists()
    book = opened(made(plan, cast.li))
    assert book.worksheets[SUMMARY]["B6"].value == pytest.approx(0.6)
    assert not StaleCell.objects.exists()


def test_a_frozen_week_stays_as_it_was(plan: Plan, cast: Cast) -> None:
    before = opened(made(plan, cast.li, week=LAST_WEEK))
    report_and_accept(plan.items.get(code="HB-1"), 6_000, by=cast.chen, decided_by=cast.li)
    after = opened(made(plan, cast.li, week=LAST_WEEK))
    for number in (SUMMARY, LEDGER):
        sheets = (book.worksheets[number] for book in (before, after))
        was, still = (list(sheet.iter_rows(min_row=5, values_only=True)) for sheet in sheets)
        assert was == still


def test_the_command_writes_the_same_workbook(plan: Plan, cast: Cast, tmp_path: Path, capsys: Any) -> None:
    target = tmp_path / "week.xlsx"
    call_command("export_workbook", "--user", "li", "--week", "2026-W46", "--output", str(target))
    assert "2件工作事项" in capsys.readouterr().out
    assert opened(target.read_bytes()).worksheets[LEDGER].max_row == 5
    assert AuditEntry.objects.get(action="export_workbook").by == cast.li
    call_command(
        *("export_workbook", "--week", "2026-W46", "--scope", "actor", "--subject", "hubei"),
        *("--user", "chen", "--language", "en", "--output", str(target)),
    )
    assert "Ledger" in opened(target.read_bytes()).sheetnames
    assert [export.made_by for export in WorkbookExport.objects.order_by("pk")] == [cast.li, cast.chen]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--week", "2026-W47"], "--user"),
        (["--user", "li", "--week", "2026-W60"], "2026-W60"),
        (["--user", "li", "--week", "2026-W10"], "2026-W10"),
        (["--user", "li", "--week", "2026-W47", "--scope", "region", "--subject", "1"], "“1”"),
        (["--week", "2026-W47", "--user", "nobody"], "nobody"),
        (["--week", "2026-W47", "--user", "chen", "--scope", "region", "--subject", "320000"], ".+"),
    ],
)
def test_the_command_names_what_is_wrong(
    arguments: list[str], said: str, plan: Plan, cast: Cast, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("export_workbook", *arguments, "--output", str(tmp_path / "x.xlsx"))
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_where_it_cannot_write(plan: Plan, cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing"):
        call_command(
            *("export_workbook", "--user", "li", "--week", "2026-W47"),
            *("--output", str(tmp_path / "missing" / "x.xlsx")),
        )
