"""The first view of the national page in a cold browser, as production serves it: bytes and time.

`python -m tests.bench` runs `main` in a `manage.py shell` on the largest of its databases.
"""

import os
import sys
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.journeys.cold import FirstView, first_view, session_of
from tests.journeys.conftest import CHROMIUM_FLAGS, Site, chromium, find_accounts
from tests.processes import clean_environment, free_port, has_answer, running, wait_for

VIEWS = 5


def national_page(address: str) -> tuple[FirstView, float]:
    """One first view of the national page of the seeded database, and the median seconds of VIEWS of them.

    The seconds run from asking for the page until every chart is drawn.
    """
    with TemporaryDirectory(prefix="tracker-bench-") as name:
        port = free_port()
        environment = clean_environment(
            DATABASE_URL=address,
            MODE="production",
            HTTPS="off",
            SECRET_KEY="of-the-bench-" + 50 * "x",
            ALLOWED_HOSTS="127.0.0.1",
            STATIC_DIRECTORY=f"{name}/static",
            PORT=str(port),
        )
        site = Site(f"http://127.0.0.1:{port}", environment, "")
        find_accounts(site)
        site.manage("collectstatic", "--no-input", "--verbosity", "0")
        with running(["bin/web"], environment, Path(name) / "log"), sync_playwright() as playwright:
            wait_for("the web process", lambda: has_answer(port))
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
            with closing(browser):
                page = browser.new_page()
                site.log_in(page, site.user("viewer"))
                seen = [first_view(browser, f"{site.url}/", session_of(page)) for _ in range(VIEWS)]
    if not seen[0].charts:
        sys.exit("The national page drew no chart.")
    return seen[0], median(view.seconds for view in seen)


def main() -> None:
    view, seconds = national_page(os.environ["DATABASE_URL"])
    print(
        f"First view of the national page in a cold headless Chromium: {view.total / 1024:.0f} KB in "
        f"{len(view.bytes)} answers, {view.charts} charts drawn after {seconds:.2f} s (median of {VIEWS})."
    )
