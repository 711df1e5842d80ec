"""`manage.py seed_demo` and `manage.py demo_accounts`: what they say and what they refuse."""

from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import translation

from tasks_tracker.actions.demo.accounts import DEMO_PASSWORD
from tasks_tracker.management.commands.demo_accounts import aligned, width
from tasks_tracker.models import Plan, User, WorkItem


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


@pytest.fixture
def reference(db: None) -> None:
    call_command("load_reference", verbosity=0)


def run(*arguments: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


SMALL = ("seed_demo", "--until", "2026-W47", "--weeks", "2", "--items", "5")


def test_it_says_what_it_made(reference: None) -> None:
    printed = run(*SMALL)
    assert printed.startswith("5 work items, ")
    assert "running week 2026-W47" in printed
    assert "On track" in printed
    assert "coverage" in printed
    assert WorkItem.objects.count() == 5


def test_a_second_time_it_says_so_and_changes_nothing(reference: None) -> None:
    run(*SMALL)
    assert "are there already" in run("seed_demo")
    assert Plan.objects.count() == 1


def test_it_names_the_command_that_is_missing(db: None) -> None:
    with pytest.raises(CommandError, match="load_reference"):
        run(*SMALL)


def test_production_refuses(reference: None, settings: LazySettings) -> None:
    settings.MODE = "production"
    with pytest.raises(CommandError, match="production"):
        run(*SMALL)
    assert not Plan.objects.exists()


def test_an_unknown_week_is_named(reference: None) -> None:
    with pytest.raises(CommandError, match="2026-W99"):
        run("seed_demo", "--until", "2026-W99")


@pytest.mark.parametrize("arguments", [("--items", "0"), ("--weeks", "1")])
def test_too_little_is_refused(db: None, arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="At least"):
        run("seed_demo", *arguments)


def test_a_real_user_of_the_same_name_is_left_alone(reference: None) -> None:
    User.objects.create(username="viewer", display_name="Somebody")
    with pytest.raises(CommandError, match="viewer"):
        run(*SMALL)
    assert User.objects.get().display_name == "Somebody"


def test_the_accounts_are_printed_with_their_password(reference: None) -> None:
    run(*SMALL)
    printed = run("demo_accounts")
    for name in ("reporter", "reviewer", "supervisor", "viewer", "sysadmin", "secadmin", "auditadmin"):
        assert f"  {name} " in printed
    assert DEMO_PASSWORD in printed


def test_a_password_from_the_environment_is_used(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "another-one-9")
    run(*SMALL)
    assert User.objects.get(username="reporter").check_password("another-one-9")
    assert "another-one-9" in run("demo_accounts")
    monkeypatch.delenv("DEMO_PASSWORD")
    assert "another-one-9" not in run("demo_accounts")


def test_without_accounts_the_way_to_them_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="seed_demo"):
        run("demo_accounts")


def test_wide_characters_are_aligned() -> None:
    lines = aligned([("name", "x"), ("陈晓岚", "y")])
    assert [width(line) for line in lines] == [9, 9]
    assert [line[-1] for line in lines] == ["x", "y"]
