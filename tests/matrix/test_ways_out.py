"""Everything that leaves the house, by page, command or job, obeys the scope of whom it is for."""

import inspect
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from tasks_tracker import jobs
from tasks_tracker.actions import audit
from tasks_tracker.models import Mail, Notice, User, WorkbookExport
from tests.matrix.table import FOREIGN, OWN
from tests.matrix.test_matrix import Stage, leaks, stage

__all__ = ["stage"]
pytestmark = pytest.mark.django_db
SUBJECTS = [
    ("national", ""),
    ("key_task:1", OWN),
    ("key_task:5", FOREIGN),
    ("region:420000", OWN),
    ("region:320000", FOREIGN),
    ("actor:hubei", OWN),
    ("actor:jiangsu", FOREIGN),
    ("actor:miit", ""),
]
NARROW = ("reporter", "reviewer", "limited_supervisor", "limited_viewer")


@pytest.mark.parametrize(("about", "side"), SUBJECTS)
@pytest.mark.parametrize("week", ["2026-W46", "2026-W47"])
def test_a_workbook_holds_what_its_maker_sees(about: str, side: str, week: str, stage: Stage) -> None:
    """Every cell of each workbook that is handed out; one about a foreign subject is handed out to nobody."""
    handed_out = []
    for role in NARROW:
        answer = stage.ask("post", "/exports/", role, {"week": week, "about": about})
        assert leaks(stage.world, role, about, answer.text) == []
        if answer.word == "file":
            handed_out.append(role)
            assert stage.world.own.marks.title in answer.text
    if side == FOREIGN:
        assert handed_out == []
    if about == "national":
        assert handed_out == list(NARROW)


@pytest.mark.parametrize("role", NARROW)
def test_the_command_that_exports_obeys_the_scope_too(role: str, stage: Stage, tmp_path: Path) -> None:
    user, file = stage.world.users[role], tmp_path / "book.xlsx"
    options = {"user": user.username, "week": "2026-W47", "output": file, "verbosity": 0}
    call_command("export_workbook", **options)
    book = openpyxl.load_workbook(BytesIO(file.read_bytes()))
    text = "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert stage.world.own.marks.title in text
    assert leaks(stage.world, role, "", text) == []
    with pytest.raises(CommandError):
        call_command("export_workbook", **options | {"scope": "region", "subject": "320000"})


def test_what_others_exported_is_named_within_the_scope_only(stage: Stage) -> None:
    """The list of exports, after the national supervisor took a foreign region along."""
    world = stage.world
    WorkbookExport.objects.create(
        week=world.own.report.week,
        scope="actor",
        subject=world.foreign.item.lead.code,
        made_by=world.users["supervisor"],
        made_at=world.own.report.saved_at,
        items=1,
        size=1,
        sha256="0" * 64,
    )
    for role in NARROW:
        text = stage.ask("get", "/exports/", role).text
        assert leaks(world, role, "", text) == []
    assert world.foreign.marks.unit in stage.ask("get", "/exports/", "supervisor").text


def test_the_log_of_the_audit_administrator_holds_no_texts_of_reports(stage: Stage) -> None:
    answer = stage.ask("post", "/audit/export/", "audit_admin")
    assert answer.word == "file"
    assert leaks(stage.world, "audit_admin", "", answer.text) == []
    assert stage.world.own.marks.reason in answer.text


QUIET = {
    "roll_up_stale_cells": "figures into the database; pages read them through the scope",
    "roll_up_open_week": "the same",
    "close_week": "the same",
    "find_signals": "to each supervisor, how many there are to see (tests/actions/test_signals.py)",
    "back_test_signals": "counts of warnings that came true, per rule",
    "seal_audit_log": "a number and a digest into the log of the worker",
    "continue_imports": "rows into the plan, as whoever confirmed them",
    "expire_imports": "nothing; it deletes",
    "forget_uploads": "nothing; it deletes",
}
# Asked in tests of their own: what they need takes long to make.
ELSEWHERE = {
    "make_pack": "to each reader, that there is a pack to be seen (tests/actions/test_weekly_pack.py)",
    "import_plan": "rows into the plan, as whoever confirmed them (tests/actions/test_imports.py)",
}


def test_reminders_and_mails_tell_nobody_what_is_not_theirs(
    stage: Stage, settings: Any, mailoutbox: list[Any]
) -> None:
    """On the day before the cut-off both units are reminded, by notice and by e-mail, each of its own."""
    world, settings.EMAIL_URL = stage.world, "smtp://mail"
    with transaction.atomic():
        User.objects.filter(pk__in=[world.own.reporter.pk, world.foreign.reporter.pk]).update(email="a@b.cn")
        assert jobs.follow_up.apply().successful()
        for side, other in ((world.own, world.foreign), (world.foreign, world.own)):
            told = [
                str(row) for row in Notice.objects.filter(to=side.reporter).values_list("words", "arguments")
            ]
            mails = Mail.objects.filter(notice__to=side.reporter)
            told += [f"{mail.subject} {mail.body}" for mail in mails]
            assert side.marks.title in "".join(told)
            assert {mark for mark in other.marks.everything if mark in "".join(told)} == set()
        assert jobs.send_mails.apply().successful()
        assert {mail.to[0] for mail in mailoutbox} == {"a@b.cn"}
        transaction.set_rollback(True)


def test_what_each_job_lets_out_is_known() -> None:
    """A job that hands anything to people gets a test here; one that does not, its reason in QUIET."""
    named = {name for name, task in inspect.getmembers(jobs) if hasattr(task, "delay")}
    assert named == {*QUIET, *ELSEWHERE, "follow_up", "send_mails"}


@pytest.mark.parametrize("name", QUIET)
def test_a_quiet_job_says_nothing_about_the_work(
    name: str, stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    world = stage.world
    audit.record(by=None, action="x", obj=world.foreign.item)
    caplog.set_level("DEBUG", logger="tasks_tracker")
    result = getattr(jobs, name).apply()
    assert result.successful()
    assert result.result is None
    said = "".join([*capfd.readouterr(), caplog.text])
    everything = world.own.marks.everything | world.foreign.marks.everything
    assert {mark for mark in everything if mark in said} == set()
