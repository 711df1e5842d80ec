"""The first view of the national page, as production serves it: light, and from this host alone."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.cold import first_view, session_of
from tests.journeys.conftest import Site
from tests.processes import free_port, has_answer, running, wait_for

MOST = 700 * 1024


@pytest.fixture(scope="module")
def served(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same installation behind a web process in production mode, with compressed static files."""
    directory, port = tmp_path_factory.mktemp("served"), free_port()
    environment = site.environment | {
        "MODE": "production",
        "HTTPS": "off",
        "SECRET_KEY": "of-the-first-view-" + 40 * "x",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_DIRECTORY": str(directory / "static"),
        "PORT": str(port),
    }
    served = Site(f"http://127.0.0.1:{port}", environment, site.week, site.users)
    served.manage("collectstatic", "--no-input", "--verbosity", "0")
    with running(["bin/web"], environment, directory / "web.log"):
        wait_for(f"the web process; see {directory}/web.log", lambda: has_answer(port))
        yield served


def test_the_first_view_is_light_and_asks_nobody_else(served: Site, page: Page, browser: Browser) -> None:
    served.log_in(page, served.user("viewer"))
    seen = first_view(browser, f"{served.url}/", session_of(page))
    heaviest = sorted(seen.bytes.items(), key=lambda entry: -entry[1])[:6]
    assert seen.charts >= 3
    assert seen.total <= MOST, heaviest
    assert seen.hosts == {urlsplit(served.url).netloc}
    plotly = sum(size for url, size in seen.bytes.items() if "plotly" in url)
    assert 0 < plotly < 520 * 1024, "compressed"


def test_plotly_is_loaded_only_where_charts_are(served: Site, page: Page, browser: Browser) -> None:
    served.log_in(page, served.user("viewer"))
    for path in ("/items/", "/wall/", "/problems/"):
        seen = first_view(browser, f"{served.url}{path}", session_of(page))
        assert [url for url in seen.bytes if "plotly" in url] == []
        assert seen.total < 220 * 1024
