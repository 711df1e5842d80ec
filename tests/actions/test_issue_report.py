"""A weekly report by hand: the three formats, in scope, on record."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tasks_tracker.actions import rollup
from tasks_tracker.actions.issue_files import content_of
from tasks_tracker.actions.weekly_report import draft_report, publish_report
from tasks_tracker.models import AuditEntry, Plan
from tests.factories import THIS_WEEK, make_item, make_measure, make_plan, moment
from tests.factories.cast import Cast

BEGINS = {"docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "pdf": b"%PDF-"}


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """One item of Hubei in a week that was rolled up."""
    make_item("HB-1", title="湖北事项", lead=cast.hubei, measure=make_measure("1.1"))
    plan = make_plan(is_demonstration=True)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 18))
    return plan


@pytest.mark.parametrize("form", BEGINS)
def test_the_command_writes_the_report_and_puts_it_on_record(
    form: str, plan: Plan, cast: Cast, tmp_path: Path, capsys: Any
) -> None:
    target = tmp_path / f"a.{form}"
    arguments = ("--week", "2026-W47", "--format", form, "--output", str(target))
    call_command("issue_report", *arguments, "--user", cast.li.username)
    assert target.read_bytes().startswith(BEGINS[form])
    entry = AuditEntry.objects.get(action="issue_report")
    assert entry.by == cast.li
    assert entry.after["sha256"] == sha256(target.read_bytes()).hexdigest()
    assert entry.after["sha256"] in capsys.readouterr().out


def test_without_a_user_the_whole_is_written(plan: Plan, tmp_path: Path) -> None:
    call_command("issue_report", "--week", "2026-W47", "--output", str(tmp_path / "a.docx"))
    assert AuditEntry.objects.get(action="issue_report").by is None


def test_where_an_issue_is_published_its_file_is_handed_out(plan: Plan, cast: Cast, tmp_path: Path) -> None:
    now = moment(THIS_WEEK + timedelta(days=8), 9)
    rollup.close_week(plan=plan, week=THIS_WEEK, now=now, by=cast.li)
    about: dict[str, Any] = {"week": THIS_WEEK, "scope": "national", "subject": ""}
    report = draft_report(plan=plan, language="zh-hans", by=cast.li, now=now, **about)
    issue = publish_report(report=report, seen=1, signer="李维", by=cast.li, now=now)
    arguments = ("issue_report", "--week", "2026-W47", "--output", str(tmp_path / "a.docx"))
    call_command(*arguments)
    assert (tmp_path / "a.docx").read_bytes() == content_of(issue=issue, format="docx", now=now)
    call_command(*arguments, "--user", cast.chen.username)  # who sees a part of it gets that part
    assert (tmp_path / "a.docx").read_bytes() != content_of(issue=issue, format="docx", now=now)
    versions = [e.after["version"] for e in AuditEntry.objects.filter(action="issue_report").order_by("pk")]
    assert versions == [1, 0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--week", "2026-W60"], "2026-W60"),
        (["--week", "2026-W10"], "2026-W10"),
        (["--week", "2026-W47", "--scope", "region", "--subject", "1"], "“1”"),
        (["--week", "2026-W47", "--user", "nobody"], "nobody"),
        (["--week", "2026-W47", "--user", "chen", "--scope", "region", "--subject", "320000"], ".+"),
        (["--week", "2026-W47", "--format", "doc"], "doc"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(
    arguments: list[str], said: str, plan: Plan, tmp_path: Path
) -> None:
    target = tmp_path / "a.docx"
    with pytest.raises(CommandError, match=said):
        call_command("issue_report", *arguments, "--output", str(target))
    assert not target.exists()
    assert not AuditEntry.objects.filter(action="issue_report").exists()
