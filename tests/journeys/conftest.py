"""Journeys: as a user, in a real browser, against the real processes with demonstration data.

`site` is a running installation that was set up as an office would: migrate, load_reference, seed_demo, web
process, and a worker where there is Redis. It is shared by the journeys of one runner: change what is yours,
count on nothing that another journey may have moved. `page` is a fresh browser window of 1440 × 900 that
speaks Chinese; it fails the journey when the browser reports an error.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

from tasks_tracker.rules.weeks import format_week, week_of
from tests.conftest import redis_url, runner_number
from tests.processes import ROOT, clean_environment, free_port, has_answer, running, running_worker, wait_for

PASSWORD = "journey-Password-1"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@dataclass
class Site:
    """A running installation with demonstration data."""

    url: str
    environment: dict[str, str]
    week: str  # the current ISO week, the last one of the history
    users: list[dict[str, Any]] = field(default_factory=list)
    clerk: "subprocess.Popen[str] | None" = None  # answers what is asked about the database

    def manage(self, *arguments: str) -> str:
        """Run a management command on the site's database; its output. Raises with what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(
                f"manage.py {' '.join(arguments)} → {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def ask(self, expression: str) -> Any:
        """The value of a Python expression over the models, for example `WorkItem.objects.count()`."""
        if self.clerk is None:
            command = [sys.executable, "-m", "tests.journeys.clerk"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self.clerk = subprocess.Popen(command, cwd=ROOT, env=self.environment, **pipes)
        assert self.clerk.stdin
        assert self.clerk.stdout
        self.clerk.stdin.write(json.dumps(expression) + "\n")
        self.clerk.stdin.flush()
        answer = json.loads(self.clerk.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{expression}\n{answer['error']}")
        return answer["value"]

    def dismiss_clerk(self) -> None:
        """Nobody asks any more; the database can go."""
        if self.clerk and self.clerk.stdin:
            self.clerk.stdin.close()
            self.clerk.wait()

    def user(self, role: str, **wanted: Any) -> str:
        """The name of a demonstration account with that role (and, if given, `actor="…"`)."""
        for user in self.users:
            if user["role"] == role and all(user[name] == value for name, value in wanted.items()):
                return str(user["username"])
        raise LookupError(f"no demonstration account: {role} {wanted}")

    def log_in(self, page: Page, username: str, path: str = "/") -> None:
        """Log in through the form, as people do, on the way to a page."""
        page.goto(f"{self.url}{path}")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "login" not in address)


def this_week() -> date:
    """The Monday of the running week where the house stands."""
    return week_of(datetime.now(ZoneInfo("Asia/Shanghai")).date())


def _set_up(site: Site) -> None:
    site.manage("compile_catalogues")
    site.manage("migrate", "--verbosity", "0")
    site.manage("load_reference")
    site.manage("seed_demo", "--until", site.week, "--weeks", "6", "--items", "300", "--seed", "1")
    find_accounts(site)


def find_accounts(site: Site) -> None:
    """Remember the demonstration accounts."""
    site.users = site.ask(
        "[dict(username=user.username, role=user.role, actor=user.actor and user.actor.code)"
        " for user in User.objects.filter(is_demonstration=True).select_related('actor').order_by('pk')]"
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    environment = {"REDIS_URL": redis_url(1), "DEMO_PASSWORD": PASSWORD}
    with running_site(directory, format_week(this_week()), _set_up, **environment) as site:
        yield site


@contextmanager
def running_site(
    directory: Path, week: str, set_up: Callable[[Site], None], **environment: str
) -> Iterator[Site]:
    """An installation with a database of its own, set up and then served; a worker where there is Redis."""
    port = free_port()
    with ExitStack() as stack:
        database = stack.enter_context(_database(directory))
        settings = clean_environment(**environment, DATABASE_URL=database, PORT=str(port))
        site = Site(f"http://127.0.0.1:{port}", settings, week)
        stack.callback(site.dismiss_clerk)
        set_up(site)
        stack.enter_context(running(["bin/web"], settings, directory / "web.log"))
        if settings["REDIS_URL"]:
            stack.enter_context(running_worker(settings, directory / "worker.log"))
        wait_for(f"the web process; see {directory}/web.log", lambda: has_answer(port))
        yield site


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    """The address of a site's own database: a new one on the same PostgreSQL server, or a file."""
    server, _, _ = os.environ.get("DATABASE_URL", "").rpartition("/")
    if not server.startswith("postgres"):
        yield f"sqlite:///{directory / 'site.sqlite3'}"
        return
    name = f"journeys_{directory.name}_{runner_number()}"
    _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    yield f"{server}/{name}"
    _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(server: str, *statements: str) -> None:
    connection = psycopg2.connect(f"{server}/postgres")
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def chromium() -> str | None:
    """The system's Chromium; None leaves the choice to Playwright's own."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per journey module: while Playwright runs, no other test may use the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What the browser complained about; a refused document or entry (422, 409) is no complaint."""

    seen: list[str] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.location.get("url") not in self.documents:
            self.seen.append(f"console: {message.text} {message.location.get('url', '')}")

    def _failed(self, request: Request) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:
            self.seen.append(f"{request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request() or response.status in (409, 422):
            self.documents.add(response.url)
        if response.status >= 500:
            self.seen.append(f"{response.url}: {response.status}")


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`new_page(width=390, height=844, color_scheme="dark")` → another window, with its own session."""
    complaints = Complaints()
    contexts = []

    def new_page(width: int = 1440, height: int = 900, **options: Any) -> Page:
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        complaints.watch(page)
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert not complaints.seen, "\n".join(complaints.seen)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()
