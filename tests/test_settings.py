"""A wrong setting or a database out of reach is said in one line of both languages, without a traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.processes import ROOT, clean_environment
from tests.repository.files import CHINESE


def manage(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(**changes),
        capture_output=True,
        text=True,
        check=False,
    )


def the_line(done: "subprocess.CompletedProcess[str]") -> str:
    """The only line said; in both languages, since none is chosen yet."""
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert CHINESE.search(line)
    return line


@pytest.mark.parametrize(
    "address", ["postgres//nonsense", "mysql://u:p@h/n", "postgres://u:secret@h:port/n", "nonsense"]
)
def test_a_broken_database_address(address: str) -> None:
    line = the_line(manage("migrate", DATABASE_URL=address))
    assert line.startswith("DATABASE_URL must be an address like postgres://")
    assert "secret" not in line


def test_an_empty_database_address_is_none() -> None:
    assert manage("check", DATABASE_URL="").returncode == 0


@pytest.mark.parametrize("name", ["SESSION_SECONDS", "CONN_MAX_AGE"])
def test_a_number_that_is_none(name: str) -> None:
    changes = {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/n", name: "a while"}
    assert the_line(manage("check", **changes)).startswith(f"{name} must be a whole number")


@pytest.mark.parametrize(
    "address", ["mail.example.gov.cn", "http://mail", "smtp://", "smtp://u:secret@h:port", "consolemail://"]
)
def test_a_mail_server_that_is_none(address: str) -> None:
    line = the_line(manage("check", EMAIL_URL=address))
    assert line.startswith("EMAIL_URL must be an address like smtp://")
    assert "secret" not in line


def test_a_log_level_that_is_none() -> None:
    assert the_line(manage("check", LOG_LEVEL="loud")).startswith("LOG_LEVEL must be")
    assert manage("check", LOG_LEVEL="info").returncode == 0


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("migrate", "postgres://u:secret@127.0.0.1:1/n"),
        ("close_week", "postgres://u:secret@127.0.0.1:1/n"),
        ("migrate", "sqlite:////nowhere/at/all.sqlite3"),
    ],
)
def test_a_database_out_of_reach(command: str, address: str) -> None:
    line = the_line(manage(command, DATABASE_URL=address))
    assert line.startswith("The database of DATABASE_URL cannot be reached")
    assert "refused" in line or "unable to open" in line
    assert "secret" not in line


@pytest.mark.skipif(not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="asks PostgreSQL")
@pytest.mark.parametrize("wrong", ["password", "name"])
def test_a_database_that_refuses_us(wrong: str) -> None:
    known = urlsplit(os.environ["DATABASE_URL"])
    password = "not-this-one" if wrong == "password" else known.password
    name = "no_such_database" if wrong == "name" else known.path.lstrip("/")
    address = f"postgres://{known.username}:{password}@{known.hostname}:{known.port}/{name}"
    line = the_line(manage("migrate", DATABASE_URL=address))
    assert line.startswith("The database of DATABASE_URL cannot be reached")
    assert ("authentication failed" in line) == (wrong == "password")
    assert ("does not exist" in line) == (wrong == "name")


def test_a_refused_statement_keeps_its_traceback(tmp_path: Path) -> None:
    """An empty database is a fault of the order of steps, and the traceback names the statement."""
    done = manage("close_week", DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
    assert "no such table" in done.stderr
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_a_process_does_not_start_on_wrong_settings(process: str) -> None:
    """Neither on an address that is none, nor on settings that the system checks refuse."""

    def start(**changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [shutil.which("sh") or "/bin/sh", f"bin/{process}"],
            cwd=ROOT,
            env=clean_environment(**changes),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert the_line(start(DATABASE_URL="nonsense")).startswith("DATABASE_URL must be")
    refused = start(MODE="production", SECRET_KEY="short", ALLOWED_HOSTS="tracker.example.gov.cn")
    assert refused.returncode == 1
    assert "tasks_tracker.E003" in refused.stderr
    assert "Traceback" not in refused.stderr
