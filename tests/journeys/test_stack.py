"""`make stack`: the processes of docker-compose, started by one command, driven as an office would."""

import os
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tasks_tracker.rules.weeks import format_week
from tests.journeys.conftest import PASSWORD, Site, find_accounts, this_week
from tests.processes import clean_environment, free_port, has_answer, running, wait_for, wait_until_logged

needs_services = pytest.mark.skipif(
    not os.environ.get("REDIS_URL"), reason="runs once, with PostgreSQL and Redis; it starts its own"
)


@pytest.fixture(scope="module")
def stack() -> Iterator[Site]:
    """A running stack with data of its own, in a directory that PostgreSQL's user may enter."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tracker-stack-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        environment = clean_environment(STACK_DIRECTORY=name, PORT=str(port))
        with running(["make", "stack"], environment, directory / "log") as process:
            wait_until_logged(process, directory / "log", "The stack is healthy", seconds=120)
            exported = (directory / "environment").read_text().splitlines()
            own = dict(shlex.split(line)[1].split("=", 1) for line in exported)
            yield Site(f"http://127.0.0.1:{port}", clean_environment(**own), format_week(this_week()))
        wait_for("the web process to stop", lambda: not has_answer(port))
        assert not (directory / "postgres" / "postmaster.pid").exists()


@needs_services
def test_the_stack_serves_and_its_clock_rings_the_roll_up(stack: Site, page: Page) -> None:
    assert stack.ask("Region.objects.filter(reports=True).count()") == 37
    # Production takes no demonstration data; this journey needs some, so the seeding alone says otherwise.
    seeding = replace(stack, environment=stack.environment | {"MODE": "demo", "DEMO_PASSWORD": PASSWORD})
    seeding.manage("seed_demo", "--until", stack.week, "--weeks", "2", "--items", "100", "--seed", "1")
    find_accounts(stack)
    stack.log_in(page, stack.user("supervisor"))
    assert page.locator("h1").count() == 1

    # Nothing rings the job here: beat finds the note within its minute, and the worker clears it.
    stack.ask(
        f"StaleCell.objects.create(week='{this_week()}', "
        "**WorkItem.objects.values('measure_id', 'region_id', 'lead_id')[0]).pk"
    )
    wait_for("beat and worker to clear the note", lambda: stack.ask("StaleCell.objects.count()") == 0, 120)


@needs_services
def test_the_stack_refuses_the_demonstration_secret(stack: Site) -> None:
    stack.environment["SECRET_KEY"] = "demo-only"
    with pytest.raises(RuntimeError, match=r"tasks_tracker\.E003"):
        stack.manage("migrate", "--check")
