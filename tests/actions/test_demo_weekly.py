"""The demonstration has weekly reports: two published ones, one of them revised, and this week's draft."""

from typing import Any

import pytest
from django.core.management import call_command

from tasks_tracker.models import Issue, WeeklyReport
from tasks_tracker.reports.paper import read
from tasks_tracker.rules.weeks import format_week
from tests.factories import demonstration

pytestmark = pytest.mark.django_db


def test_two_are_published_one_is_revised_and_one_is_a_draft(time_machine: Any) -> None:
    time_machine.move_to(demonstration.MONDAY_AFTER, tick=False)
    call_command("load_reference", verbosity=0)
    demonstration.make(items=60, weeks=4)
    found = {
        format_week(report.week): (report.number, report.issues.count(), report.is_open)
        for report in WeeklyReport.objects.all()
    }
    assert found == {
        "2026-W45": (1, 2, False),
        "2026-W46": (2, 1, False),
        "2026-W47": (None, 0, True),
    }
    revised = Issue.objects.get(revision=2)
    assert "演示数据" in revised.reason
    (change,) = revised.changed
    assert "演示数据" in change["now"]
    assert read(revised.paper).serial == "2026年第1期（第2版）"
