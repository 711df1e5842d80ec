"""Every address needs a login except a named few; who gets what there is in `tests/matrix`."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tasks_tracker.models import User
from tests.factories import make_industry, make_item, make_slip, report_and_accept
from tests.factories.cast import Cast
from tests.repository.addresses import Address, addresses, unnamed_patterns
from tests.rows import rows

OPEN = {
    "login": "people must be able to log in",
    "logout": "POST only; ends the session, if any",
    "set_language": "the log-in page has the language switch too",
    "healthz": "for the machine that watches the processes",
}
UNNAMED = {"<path:object_id>/", "(?P<url>.*)$"}  # the admin site's own redirects
NOT_LOOKED_AT = {
    "admin:logout": "refuses GET",
    "admin:jsi18n": "a script of Django's own",
    "admin:view_on_site": "no model of ours has an address on the admin site",
}
ANY = [1, "x", "2026-W47", "420000", "1.1", "tasks_tracker"]


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


@pytest.mark.django_db
def test_looking_at_the_admin_site_changes_no_row(cast: Cast, log_in: Callable[[User], Client]) -> None:
    item = make_item(industry=make_industry(), owner=cast.chen)
    report_and_accept(item, 60_00)
    make_slip(item)
    root = User.objects.create_superuser("root", password="x", role="system_admin")
    values: list[object] = [item.pk, cast.chen.pk, "tasks_tracker"]
    clients = [log_in(user) for user in (root, cast.system_admin, cast.security_admin, cast.li)]
    before = rows()
    for address in (a for a in addresses() if a.name.startswith("admin:") and a.name not in NOT_LOOKED_AT):
        for url in address.urls(values):
            assert all(client.get(url).status_code < 500 for client in clients), url
    after = rows()
    assert [name for name in before if before[name] != after[name]] == []
