"""What all tests share: an environment per runner, the named cast, the clock, and a real worker.

The suite runs unchanged on PostgreSQL with Redis (DATABASE_URL and REDIS_URL set, as `make test` does) and on
SQLite with eager jobs (neither set).
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation

from tasks_tracker.models import User
from tasks_tracker.queries import remembered
from tests.factories.cast import Cast, make_cast
from tests.processes import ROOT, clean_environment, running_worker, wait_for


def runner_number() -> int:
    """0, 1, … of this pytest-xdist runner; 0 without xdist."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def redis_url(offset: int = 0) -> str:
    """A Redis database of this runner's own: `offset` 0 for the tests, 1 and 2 for sites of the journeys."""
    base = os.environ.get("REDIS_URL", "")
    return f"{base.rsplit('/', 1)[0]}/{3 * runner_number() + offset}" if base else ""


def pytest_configure(config: pytest.Config) -> None:
    """Runners share neither jobs nor files, and passwords of the cast cost no time."""
    store = os.environ["EVIDENCE_DIRECTORY"] = tempfile.mkdtemp(prefix="tracker-evidence-")
    settings.STORAGES["evidence"]["OPTIONS"]["location"] = store
    issues = os.environ["ISSUE_DIRECTORY"] = tempfile.mkdtemp(prefix="tracker-issues-")
    settings.STORAGES["issues"]["OPTIONS"]["location"] = issues
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True  # else every client of a test reads all static files anew
    if url := redis_url():
        from industrialization.celery import app

        settings.REDIS_URL = settings.CELERY_BROKER_URL = url
        settings.CACHES["default"]["LOCATION"] = url
        app.conf.broker_url = url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no runner waits for another at the end."""
    first = [ROOT / "tests" / "journeys", ROOT / "tests" / "matrix"]
    items.sort(key=lambda item: first.index(item.path.parent) if item.path.parent in first else len(first))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes go by their place: zipped files hold the second they were made in, and runners must agree."""
    return argname if isinstance(val, bytes) else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """The files that tests have stored go with them."""
    for name in ("EVIDENCE_DIRECTORY", "ISSUE_DIRECTORY"):
        shutil.rmtree(os.environ[name], ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Each test begins in the language of the house, whatever the one before switched to."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """A test's figures are rolled back with its rows; no process of the product ever sees that."""
    remembered.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    """The named people, their units and regions; see tests/factories/cast.py."""
    return make_cast()


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    """`log_in(user)` → a client that is logged in as that user."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


@dataclass(frozen=True)
class Worker:
    """A real Celery worker on the test database."""

    broker: "redis.Redis"
    log: Path

    def wait_until_idle(self, seconds: float = 30) -> None:
        """Return when every job rung so far has been done."""
        wait_for("the worker to do its jobs", self._is_idle, seconds)

    def _is_idle(self) -> bool:
        """Twice nothing to do: between leaving the queue and being noted as taken a job is nowhere."""
        if self._waiting():
            return False
        time.sleep(0.2)
        return not self._waiting()

    def _waiting(self) -> int:
        return int(self.broker.llen(settings.CELERY_TASK_DEFAULT_QUEUE)) + int(self.broker.hlen("unacked"))


@pytest.fixture(scope="session")
def _worker_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    if not redis_url():
        pytest.skip("without Redis jobs run where they are rung; there is no worker")
    database = connection.settings_dict
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database)
    log = tmp_path_factory.mktemp("worker") / "log"
    broker = redis.Redis.from_url(redis_url())
    broker.flushdb()  # jobs rung by tests without a worker
    with running_worker(clean_environment(DATABASE_URL=address, REDIS_URL=redis_url()), log):
        yield Worker(broker=broker, log=log)


@pytest.fixture
def worker(transactional_db: None, _worker_process: Worker) -> Iterator[Worker]:
    """A real worker beside the test: ring a job, `worker.wait_until_idle()`, look at the tables.

    Only with PostgreSQL and Redis; the test is skipped where jobs are eager.
    """
    _worker_process.broker.delete(settings.CELERY_TASK_DEFAULT_QUEUE)
    yield _worker_process
    _worker_process.wait_until_idle()
