"""The export page: who may choose what, what is downloaded, what is on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import Plan, User, WorkbookExport
from tests.factories import THIS_WEEK, make_item, make_measure, make_plan, make_user, moment
from tests.factories.cast import Cast
from tests.reports.spreadsheets import LEDGER, opened

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)
URL = "/exports/"


@pytest.fixture(autouse=True)
def plan(cast: Cast) -> Any:
    """One item of 湖北 and one of 江苏 in 2026-W47, on its Friday."""
    make_item("HB-1", lead=cast.hubei, measure=make_measure("1.1"))
    make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("2.1"))
    plan = make_plan()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY)
    with time_machine.travel(FRIDAY, tick=False):
        yield plan


def choose(client: Client, about: str = "national", week: str = "2026-W47") -> Any:
    return client.post(URL, {"about": about, "week": week})


def test_the_page_offers_what_the_user_sees_and_makes_nothing(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.chen).get(URL).content.decode()
    for offered in ('value="national"', 'value="key_task:1"', 'value="region:420000"', 'value="actor:hubei"'):
        assert offered in page
    for foreign in ("key_task:2", "region:320000", "jiangsu", "JS-1"):
        assert foreign not in page
    assert not WorkbookExport.objects.exists()


def test_an_address_chooses_week_and_subject_beforehand(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.li).get(URL, {"week": "2026-W47", "scope": "region", "subject": "420000"})
    assert '<option value="region:420000" selected>' in page.content.decode()


def test_the_workbook_is_a_download_with_a_chinese_name(cast: Cast, log_in: LogIn) -> None:
    response = choose(log_in(cast.chen), "region:420000")
    assert response.status_code == 200
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''")
    assert unquote(disposition).endswith("_2026-W47_国家层面.xlsx") or "湖北" in unquote(disposition)
    data = b"".join(response.streaming_content)
    assert len(data) == int(response["Content-Length"]) == WorkbookExport.objects.get().size
    assert opened(data).worksheets[LEDGER]["A4"].value == "HB-1"


@pytest.mark.parametrize("about", ["region:320000", "key_task:2", "actor:jiangsu", "actor:miit"])
def test_a_foreign_subject_is_forbidden(about: str, cast: Cast, log_in: LogIn) -> None:
    assert choose(log_in(cast.chen), about).status_code == 403
    assert not WorkbookExport.objects.exists()


@pytest.mark.parametrize("who", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_export_nothing(who: str, cast: Cast, log_in: LogIn) -> None:
    client = log_in(getattr(cast, who))
    assert client.get(URL).status_code == 403
    assert choose(client).status_code == 403


@pytest.mark.parametrize(
    ("about", "week"),
    [
        ("region:999999", "2026-W47"),
        ("key_task:x", "2026-W47"),
        ("province:420000", "2026-W47"),
        ("national:1", "2026-W47"),
        ("region", "2026-W47"),
        ("", "2026-W47"),
        ("national", "2026-W60"),
        ("national", "2026-W10"),
        ("national", ""),
    ],
)
def test_what_makes_no_sense_is_said_on_the_page(about: str, week: str, cast: Cast, log_in: LogIn) -> None:
    response = choose(log_in(cast.li), about, week)
    assert response.status_code == 400
    assert response.context["form"].errors
    assert not WorkbookExport.objects.exists()


def test_a_forged_request_makes_nothing(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.li)
    assert choose(client).status_code == 403
    assert not WorkbookExport.objects.exists()


def test_exports_are_listed_to_those_whom_they_concern(cast: Cast, log_in: LogIn) -> None:
    choose(log_in(cast.chen), "actor:hubei")
    choose(log_in(cast.li), "region:320000")
    choose(log_in(cast.li), "national")
    seen = {
        who: len(log_in(getattr(cast, who)).get(URL).context["table"].rows)
        for who in ("chen", "wang", "li", "sun", "zhao")
    }
    # a national supervisor sees all, one of 江苏 that of 江苏, others their own
    assert seen == {"chen": 1, "wang": 0, "li": 3, "sun": 1, "zhao": 0}
    page = log_in(cast.sun).get(URL).content.decode()
    assert "江苏" in page
    assert "湖北" not in page


def test_a_supervisor_of_key_tasks_sees_their_exports(cast: Cast, log_in: LogIn) -> None:
    limited = make_user("supervisor", "limited")
    limited.key_tasks.add(make_measure("1.1").key_task)
    choose(log_in(cast.li), "key_task:1")
    choose(log_in(cast.li), "key_task:2")
    assert [row.record.subject for row in log_in(limited).get(URL).context["table"].rows] == ["1"]
    limited.regions.add(cast.hubei_region)
    assert len(log_in(User.objects.get(pk=limited.pk)).get(URL).context["table"].rows) == 0


def test_the_page_costs_the_same_with_many_exports(
    cast: Cast, log_in: LogIn, django_assert_max_num_queries: Any
) -> None:
    client = log_in(cast.li)
    choose(client, "region:420000")
    with django_assert_max_num_queries(30) as few:
        client.get(URL)
    before = len(few)
    for _number in range(3):
        choose(client, "actor:hubei")
        choose(client, "key_task:1")
        choose(client, "region:320000")
    with django_assert_max_num_queries(before + 2):  # names of key tasks and of units, which came new
        client.get(URL)


def test_before_anything_is_rolled_up_the_page_says_so(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    plan.weeks.all().delete()
    assert log_in(cast.li).get(URL).status_code == 503
