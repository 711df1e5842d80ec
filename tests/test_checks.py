"""The system checks: an installation that serves others must not run on demonstration settings."""

import subprocess
import sys

import pytest
from django.core.checks import Error

from tasks_tracker import checks
from tests.processes import ROOT, clean_environment

GOOD = {
    "MODE": "production",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "tracker.example.gov.cn",
    "DATABASE_URL": "postgres://tracker:word@127.0.0.1:1/tracker",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def check(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """What `manage.py check` says in a production-like environment with `changes`."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=ROOT,
        env=clean_environment(**GOOD | changes),
        capture_output=True,
        text=True,
        check=False,
    )


def test_good_production_settings_pass_without_a_warning() -> None:
    done = check("--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"MODE": "prodution"}, "E001"),
        ({"DEBUG": "on"}, "E002"),
        ({"DEBUG": "on", "MODE": "demo"}, "E002"),
        ({"SECRET_KEY": "demo-" + "x" * 60}, "E003"),
        ({"SECRET_KEY": "short"}, "E003"),
        ({"MODE": "demo", "SECRET_KEY": "demo-" + "x" * 60}, "E003"),
        ({"AUDIT_KEY": "short"}, "E006"),
        ({"AUDIT_KEY": "0123456789abcdef" * 4 + ",short"}, "E006"),
        ({"ALLOWED_HOSTS": "*"}, "E004"),
        ({"ALLOWED_HOSTS": ""}, "E004"),
        ({"EMAIL_URL": "smtp://mail:25", "SITE_URL": "https://tracker.example.gov.cn"}, "E005"),
        ({"EMAIL_URL": "smtp://mail:25", "DEFAULT_FROM_EMAIL": "tracker@example.gov.cn"}, "E005"),
        ({"EVIDENCE_DIRECTORY": str(ROOT / "static" / "evidence")}, "E007"),
        ({"EVIDENCE_DIRECTORY": str(ROOT / "staticfiles")}, "E007"),
        ({"ISSUE_DIRECTORY": str(ROOT / "static" / "issues")}, "E007"),
    ],
)
def test_bad_production_settings_are_refused(changes: dict[str, str], code: str) -> None:
    done = check(**changes)
    assert done.returncode == 1
    assert f"tasks_tracker.{code}" in done.stderr


def test_the_demonstration_on_this_machine_may_use_its_own_secret(settings: object) -> None:
    settings.MODE, settings.DEBUG = "demo", False  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "demo-only"  # type: ignore[attr-defined]
    found = [*checks.check_mode(), *checks.check_debug(), *checks.check_secret(), *checks.check_hosts()]
    assert not [message for message in found if isinstance(message, Error)]
