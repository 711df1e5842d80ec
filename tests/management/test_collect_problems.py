"""The command that makes the ledger of problems from earlier reports."""

from io import StringIO

import pytest
from django.core.management import call_command

from tasks_tracker.models import Problem, ProblemCase
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("collect_problems", stdout=out)
    return out.getvalue().strip()


def test_problems_of_earlier_reports_are_followed_once(cast: Cast) -> None:
    for code in ("A", "B"):
        item = make_item(code, lead=cast.hubei)
        report_and_accept(item, 40_00, LAST_WEEK)
        report_and_accept(item, 50_00, THIS_WEEK)
    followed = list(ProblemCase.objects.order_by("item__code").values_list("raised_week", "last_stated_week"))
    assert followed == [(LAST_WEEK, THIS_WEEK)] * 2
    Problem.objects.update(case=None)
    ProblemCase.objects.all().delete()

    assert run() == "已汇集2个问题"
    again = ProblemCase.objects.order_by("item__code").values_list("raised_week", "last_stated_week")
    assert list(again) == followed
    assert run() == "已汇集0个问题"
