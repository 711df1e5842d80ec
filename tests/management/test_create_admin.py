"""create_admin makes the three accounts from which all others come."""

import os
import pty
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tasks_tracker.models import AuditEntry, Role, User
from tests.processes import ROOT, clean_environment

PASSWORD = "Nine-green-bridges"


def create(monkeypatch: pytest.MonkeyPatch, password: str, *arguments: str) -> str:
    """What the command prints when the password stands on standard input."""
    monkeypatch.setattr("sys.stdin", StringIO(password + "\n"))
    out = StringIO()
    call_command("create_admin", *arguments, "--password-stdin", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        ("system_admin", "admin:tasks_tracker_user_add", 200),
        ("security_admin", "admin:tasks_tracker_plan_changelist", 200),
        ("audit_admin", "audit_log", 200),
        ("audit_admin", "admin:index", 403),
    ],
)
def test_each_administrator_logs_in_to_the_own_pages(
    role: str, page: str, status: int, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    said = create(monkeypatch, PASSWORD, "gao", "--role", role, "--name", "高远", "--office", "综合处")
    assert said.strip() == f"gao: {Role(role).label}"
    client.post(reverse("login"), {"username": "gao", "password": PASSWORD})
    assert client.get(reverse(page), follow=True).status_code == status
    user = User.objects.get(username="gao")
    assert (user.display_name, user.office, user.is_superuser) == ("高远", "综合处", False)
    entry = AuditEntry.objects.get(action="create_user")
    assert (entry.by, entry.object_id) == (None, str(user.pk))
    assert entry.after == {"username": "gao", "role": role}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("username", "password", "said"),
    [("gao", PASSWORD, "gao"), ("li", "12345678", "密码"), ("li", "", "8"), ("a b", PASSWORD, "用户名")],
)
def test_what_does_not_do_is_said_in_one_line_and_makes_nothing(
    username: str, password: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(monkeypatch, PASSWORD, "gao", "--role", "audit_admin")
    with pytest.raises(CommandError) as refusal:
        create(monkeypatch, password, username, "--role", "system_admin")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert User.objects.count() == AuditEntry.objects.count() == 1
    assert User.objects.get().role == "audit_admin"


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_only_the_administrators_are_made_here(role: str) -> None:
    with pytest.raises(CommandError):
        call_command("create_admin", "gao", "--role", role, "--password-stdin")


def at_a_terminal(database: str, *answers: str) -> tuple[int, str, str]:
    """Exit code, output and prompts of the command at a terminal where somebody answers each prompt."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "create_admin", "gao", "--role", "system_admin"],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=database),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # getpass would otherwise ask the terminal of the tests
    )
    assert process.stderr is not None
    prompts = b""
    for answer in answers:
        while not prompts.endswith("：".encode()) and (character := process.stderr.read(1)):
            prompts += character
        os.write(ours, f"{answer}\n".encode())  # what is typed before the prompt is thrown away
        prompts += b"|"
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    return process.returncode, out.decode(), (prompts + err).decode()


def test_a_password_is_asked_for_twice(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/db.sqlite3"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=database),
        check=True,
    )
    code, out, said = at_a_terminal(database, PASSWORD, PASSWORD + "!")
    assert (code, out) == (1, "")
    assert "不一致" in said
    code, out, said = at_a_terminal(database, PASSWORD, PASSWORD)
    assert (code, out.strip()) == (0, "gao: 系统管理员"), said
    assert PASSWORD not in said


def test_without_a_terminal_nothing_is_asked() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "create_admin", "gao", "--role", "system_admin"],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL="sqlite://:memory:"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "--password-stdin" in done.stderr
