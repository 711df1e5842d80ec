"""Every address needs a login except a named few, and looking changes nothing."""

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions.rollup import roll_up_week
from tasks_tracker.models import Indicator, IndicatorValue, Slip, User, WorkItem
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_industry,
    make_item,
    make_measure,
    make_report,
    make_slip,
    make_value,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.repository.addresses import Address, addresses, unnamed_patterns

OPEN = {
    "login": "people must be able to log in",
    "logout": "POST only; ends the session, if any",
    "set_language": "the log-in page has the language switch too",
    "healthz": "for the machine that watches the processes",
}
UNNAMED = {"<path:object_id>/", "(?P<url>.*)$"}  # the admin site's own redirects
NOT_LOOKED_AT = {
    "logout": "refuses GET",
    "set_language": "redirects without looking at anything",
    "admin:logout": "refuses GET",
    "admin:jsi18n": "a script of Django's own",
    "admin:view_on_site": "no model of ours has an address on the admin site",
}
ANY = [1, "x", "2026-W47", "420000", "1.1", "tasks_tracker"]


def values_of_the_world(item: WorkItem) -> list[object]:
    """What may stand in an address: codes, numbers and the week."""
    report, slip = item.reports.first(), Slip.objects.first()
    return [
        "2026-W47",
        item.code,
        item.pk,
        report.pk if report else 1,
        slip.pk if slip else 1,
        item.measure.code,
        1,
        item.region.code,
        item.lead.code,
        item.plan.code,
        *Indicator.objects.values_list("pk", flat=True),
        *IndicatorValue.objects.values_list("pk", flat=True),
        "tasks_tracker",
        "steel",
    ]


@pytest.fixture
def world(cast: Cast, time_machine: object) -> WorkItem:
    """A few items in every state of a week, rolled up."""
    time_machine.move_to(moment(date(2026, 11, 19), 15), tick=False)  # type: ignore[attr-defined]
    reported = make_item("HB-1", industry=make_industry(), owner=cast.chen)
    behind = make_item("HB-2", weight=2)
    make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("5.2"))
    make_item("S-1", measure=make_measure("S1.1"))
    for week, now in ((LAST_WEEK, moment(LAST_WEEK, 12)), (THIS_WEEK, moment(THIS_WEEK, 12))):
        report_and_accept(reported, 6_000, week)
        make_report(behind, week, percent=1_000, written_by=cast.chen)
        roll_up_week(plan=reported.plan, week=week, now=now)
    make_slip(make_item("HB-3", is_key=True))
    for place in ({"measure": reported.measure}, {"item": reported}):
        make_value(make_indicator(**place))
    return reported


def test_every_address_has_a_name() -> None:
    assert [pattern for pattern in unnamed_patterns() if pattern not in UNNAMED] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
def test_an_address_needs_a_login(address: Address, client: Client) -> None:
    urls = list(address.urls(ANY))
    assert urls, f"no value fits the parameters {address.parameters}"
    response = client.get(urls[0])
    asks_for_login = response.status_code == 302 and any(
        response["Location"].startswith(reverse(name)) for name in (settings.LOGIN_URL, "admin:login")
    )
    assert asks_for_login == (address.name not in OPEN), f"{urls[0]} → {response.status_code}"


def rows() -> dict[str, object]:
    """Every row of every table, but for the sessions that the log-ins of this test made."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in models
        if model._meta.label != "sessions.Session"
    }


@pytest.mark.django_db
def test_looking_changes_no_row_and_every_page_answers_somebody(
    world: WorkItem, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    """As each role, GET every address of the app with everything of the world that fits."""
    values = values_of_the_world(world)
    clients = [log_in(user) for user in cast.one_of_each_role()]
    before = rows()
    unanswered = []
    for address in (a for a in addresses() if a.name not in NOT_LOOKED_AT and ":" not in a.name):
        answers = [client.get(url).status_code for url in address.urls(values) for client in clients]
        assert max(answers, default=200) < 500, f"{address.name} breaks"
        if not {200, 302, 405} & set(answers):
            unanswered.append(f"{address.name}{address.parameters}: {sorted(set(answers))}")
    after = rows()
    changed = [name for name in before if before[name] != after[name]]
    assert changed == []
    assert unanswered == []


@pytest.mark.django_db
def test_looking_at_the_admin_site_changes_no_row(
    world: WorkItem, cast: Cast, log_in: Callable[[User], Client]
) -> None:
    root = User.objects.create_superuser("root", password="x", role="system_admin")
    values: list[object] = [world.pk, cast.chen.pk, "tasks_tracker"]
    clients = [log_in(user) for user in (root, cast.system_admin, cast.security_admin, cast.li)]
    before = rows()
    for address in (a for a in addresses() if a.name.startswith("admin:") and a.name not in NOT_LOOKED_AT):
        for url in address.urls(values):
            assert all(client.get(url).status_code < 500 for client in clients), url
    after = rows()
    assert [name for name in before if before[name] != after[name]] == []
