"""Indicators: set by supervisors, filled with values that are never changed, shown with exact attainment."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import rollup
from tasks_tracker.actions.editing import EditRefused
from tasks_tracker.actions.indicators import record_value
from tasks_tracker.models import AuditEntry, Indicator, IndicatorValue, TargetChange, User, WorkItem
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_item,
    make_measure,
    make_user,
    make_value,
    moment,
)
from tests.factories.cast import Cast
from tests.views.editing import filled_in, words

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)
VALUE = {"value": "150", "as_of": "2026-11-18", "source": "统计快报"}


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    item = make_item("HB-1", lead=cast.hubei, region=cast.hubei_region)
    for week in (LAST_WEEK, THIS_WEEK):
        rollup.roll_up_week(plan=item.plan, week=week, now=THURSDAY)
    return item


@pytest.fixture
def client(cast: Cast, log_in: LogIn) -> Client:
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    return client


def page(indicator: Indicator) -> str:
    return reverse("indicator", args=[indicator.pk])


def record(indicator: Indicator) -> str:
    return reverse("indicator_value", args=[indicator.pk])


# --- setting them -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["measure", "item"])
def test_a_supervisor_sets_an_indicator(place: str, item: WorkItem, cast: Cast, client: Client) -> None:
    subject = "1.1" if place == "measure" else "HB-1"
    data = {
        "name": "示范工厂",
        "unit": "家",
        "commitment": "binding",
        "direction": "rising",
        "target": "12.50",
    }
    data |= {"target_on": "2027-12-31", "source": "工作要点"}
    url = reverse(f"{place}_indicator_new", args=[subject])
    assert client.post(url, data).headers["Location"] == reverse(place, args=[subject])
    indicator = Indicator.objects.get()
    assert (indicator.target, indicator.target_text, getattr(indicator, place) is not None) == (
        Decimal("12.5"),
        "",
        True,
    )
    assert "示范工厂" in words(client.get(reverse(place, args=[subject])))
    assert AuditEntry.objects.get(action="create_indicator").by == cast.li


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("__all__", {"target": "5", "target_text": "100个左右"}),
        ("__all__", {"target": None}),
        ("__all__", {"baseline": "1"}),  # of which day?
        ("direction", {"baseline": "10", "baseline_on": "2025-12-31", "target": "5"}),
        ("direction", {"baseline": "5", "baseline_on": "2025-12-31", "target": "8", "direction": "falling"}),
        ("target", {"target": "1.23456"}),
        ("target", {"target": "NaN"}),
        ("target", {"target": "123456789012"}),
        ("source", {"source": ""}),
    ],
)
def test_what_is_no_target_is_refused_in_words(
    field: str, changes: dict[str, Any], item: WorkItem, client: Client
) -> None:
    data = {"name": "n", "commitment": "binding", "direction": "rising", "target": "12", "source": "s"}
    data = {k: v for k, v in ({"target_on": "2027-12-31"} | data | changes).items() if v is not None}
    response = client.post(reverse("measure_indicator_new", args=["1.1"]), data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Indicator.objects.exists()


def test_a_new_target_needs_a_reason_and_stays_on_record(item: WorkItem, cast: Cast, client: Client) -> None:
    indicator = make_indicator()
    url = reverse("indicator_edit", args=[indicator.pk])
    assert client.post(url, filled_in(client, url, target="250")).status_code == 422
    assert client.post(url, filled_in(client, url, name="改名")).status_code == 302
    assert client.post(url, filled_in(client, url, target="250", reason="任务加重。")).status_code == 302
    change = TargetChange.objects.get()
    assert (change.field, change.old_value, change.new_value, change.by) == ("target", "200", "250", cast.li)
    assert "任务加重。" in words(client.get(page(indicator)))


def test_a_stale_form_overwrites_nothing(item: WorkItem, client: Client) -> None:
    indicator = make_indicator()
    url = reverse("indicator_edit", args=[indicator.pk])
    stale = filled_in(client, url, target="300", reason="我的理由")
    client.post(url, filled_in(client, url, target="250", reason="任务加重。"))
    response = client.post(url, stale)
    assert response.status_code == 409
    [difference] = response.context["form"].differences
    assert (difference.was, difference.now, difference.typed) == ("200", "250", "300")
    assert Indicator.objects.get().target == 250


# --- values -------------------------------------------------------------------------------------------------
def test_a_reporter_of_the_lead_unit_records_values_of_the_items_indicator(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    indicator = make_indicator(item=item)
    client = log_in(cast.chen)
    assert record(indicator) in words(client.get(page(indicator)))
    assert client.post(record(indicator), VALUE).headers["Location"] == page(indicator)
    value = IndicatorValue.objects.get()
    assert (value.value, value.as_of, value.recorded_by) == (150, date(2026, 11, 18), cast.chen)
    assert "50.0%" in words(client.get(page(indicator)))
    assert "50.0%" in words(client.get(reverse("item", args=["HB-1"])))
    assert AuditEntry.objects.get(action="record_value").after["value"] == "150"


def test_a_correction_takes_the_place_of_a_value_and_both_stay(
    item: WorkItem, cast: Cast, client: Client
) -> None:
    indicator = make_indicator()
    wrong = make_value(indicator, "130")
    url = reverse("indicator_correct", args=[indicator.pk, wrong.pk])
    assert client.get(url).context["form"]["value"].value() == "130"
    data = {"value": "120", "as_of": "2026-10-31", "source": "更正"}
    assert client.post(url, data).status_code == 302
    wrong.refresh_from_db()
    right = wrong.corrected_by
    assert (wrong.value, wrong.is_current) == (130, False)
    assert (right.value, right.is_current, right.recorded_by) == (120, True, cast.li)
    response = client.post(url, data | {"value": "110"})  # somebody was quicker
    assert response.status_code == 409
    assert "corrected this value already" in words(response)
    assert IndicatorValue.objects.count() == 2
    entry = AuditEntry.objects.get(action="correct_value")
    assert (entry.before["value"], entry.after["value"]) == ("130", "120")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("as_of", {"as_of": "2026-11-20"}),  # tomorrow
        ("as_of", {"as_of": "2026-10-31"}),  # there is one of that day
        ("as_of", {"as_of": "1850-01-01"}),
        ("value", {"value": "many"}),
        ("value", {"value": "1.00001"}),
        ("source", {"source": " "}),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    field: str, changes: dict[str, str], item: WorkItem, client: Client
) -> None:
    indicator = make_indicator()
    make_value(indicator)
    response = client.post(record(indicator), VALUE | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert IndicatorValue.objects.count() == 1


def test_a_retired_indicator_takes_no_values_and_is_not_shown(
    item: WorkItem, cast: Cast, client: Client
) -> None:
    indicator = make_indicator()
    client.post(reverse("indicator_retire", args=[indicator.pk]), {"retired": "1"})
    indicator.refresh_from_db()
    assert client.get(reverse("measure", args=["1.1"])).context["sections"].indicators.lines == []
    with pytest.raises(EditRefused, match="retired"):
        record_value(
            indicator=indicator,
            value=Decimal(1),
            as_of=date(2026, 11, 1),
            source="x",
            by=cast.li,
            now=THURSDAY,
        )
    client.post(reverse("indicator_retire", args=[indicator.pk]), {"retired": "0"})
    assert len(client.get(reverse("measure", args=["1.1"])).context["sections"].indicators.lines) == 1


# --- showing them -------------------------------------------------------------------------------------------
def test_a_past_week_shows_the_values_that_were_known_in_it(
    item: WorkItem, cast: Cast, client: Client
) -> None:
    indicator = make_indicator()
    wrong = make_value(indicator, "130", recorded_at=moment(LAST_WEEK))
    correct = {"as_of": wrong.as_of, "source": "更正", "corrects": wrong, "by": cast.li, "now": THURSDAY}
    record_value(indicator=indicator, value=Decimal(120), **correct)

    def shown(week: str) -> tuple[Decimal, Fraction | None]:
        [line] = (
            client.get(reverse("measure", args=["1.1"]), {"week": week}).context["sections"].indicators.lines
        )
        return line.value.value, line.attainment

    assert shown("2026-W46") == (130, 3_000)
    assert shown("2026-W47") == (120, 2_000)


def test_a_target_in_words_has_no_attainment(item: WorkItem, client: Client) -> None:
    indicator = make_indicator(target=None, target_text="100个左右")
    make_value(indicator)
    text = words(client.get(page(indicator)))
    assert "100个左右" in text
    assert "target in words" in text
    assert client.get(page(indicator)).context["line"].attainment is None


def test_the_item_page_costs_the_same_with_many_indicators(
    item: WorkItem, client: Client, django_assert_num_queries: Any
) -> None:
    make_value(make_indicator(item=item))
    client.get(reverse("item", args=["HB-1"]))
    with django_assert_num_queries(27):
        client.get(reverse("item", args=["HB-1"]))
    for n in range(8):
        for day in (1, 2, 3):
            make_value(make_indicator(item=item, name=f"指标{n}{day}"), as_of=date(2026, 9, day))
    with django_assert_num_queries(27):
        client.get(reverse("item", args=["HB-1"]))


# --- who may ------------------------------------------------------------------------------------------------
def test_who_sees_edits_and_records_what(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    of_item, of_measure = make_indicator(item=item), make_indicator(measure=make_measure("2.1"))
    first = make_user("supervisor", username="first")
    first.key_tasks.add(make_measure("1.1").key_task)
    expected = {  # see, edit, record: of the item; of measure 2.1
        cast.li: ((200, 200, 302), (200, 200, 302)),
        first: ((200, 200, 302), (404, 404, 404)),
        cast.sun: ((404, 404, 404), (200, 403, 403)),
        cast.zhao: ((200, 403, 403), (200, 403, 403)),
        cast.chen: ((200, 403, 302), (200, 403, 403)),
        cast.zhou: ((200, 403, 403), (200, 403, 403)),
        cast.liu: ((404, 404, 404), (200, 403, 403)),
        cast.wang: ((404, 404, 404), (200, 403, 403)),
        cast.system_admin: ((403, 403, 403), (403, 403, 403)),
        cast.audit_admin: ((403, 403, 403), (403, 403, 403)),
    }
    for user, answers in expected.items():
        client = log_in(user)
        for indicator, codes in zip((of_item, of_measure), answers, strict=True):
            IndicatorValue.objects.all().delete()
            assert (
                client.get(page(indicator)).status_code,
                client.get(reverse("indicator_edit", args=[indicator.pk])).status_code,
                client.post(record(indicator), VALUE).status_code,
            ) == codes, (user.username, indicator)


def test_only_those_in_charge_add_indicators(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    for user, code in ((cast.chen, 403), (cast.zhao, 403), (cast.sun, 404), (cast.li, 200)):
        assert log_in(user).get(reverse("item_indicator_new", args=["HB-1"])).status_code == code
    assert log_in(cast.sun).get(reverse("measure_indicator_new", args=["1.1"])).status_code == 403
