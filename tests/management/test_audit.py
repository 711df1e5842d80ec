"""`manage.py audit`: a clean log is clean, and whatever was done to its tables is found and named."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone, translation

from tasks_tracker.actions import audit
from tasks_tracker.models import AuditEntry, AuditSeal
from tasks_tracker.queries import audit_chain
from tests.factories import make_item, make_report
from tests.factories.cast import Cast

ENTRIES = 6


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def rows(cast: Cast) -> list[int]:
    """Six sealed entries: their row numbers, from seal 1 on."""
    rows = [add(cast) for _ in range(ENTRIES)]
    audit.seal_entries(now=timezone.now())
    return rows


_numbers = count(1)


def add(cast: Cast) -> int:
    item = make_item(f"HB-{next(_numbers)}", title="引号“ ”、换行\n与表情 😀")
    values = {"reason": item.title, "percent": 4_200, "flags": [True, None], "nested": {"乙": 1, "a": 2}}
    return audit.record(by=cast.li, action="accept_report", obj=item, before=values, after=values).pk


def sql(statement: str, *values: Any) -> None:
    """Past the product, as somebody with a hand on the database would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def verify(head: str = "") -> tuple[list[str], int]:
    """What `audit --verify` names, and its exit code."""
    out = StringIO()
    try:
        call_command("audit", "--verify", *(["--head", head] if head else []), stdout=out)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    named = [line for line in out.getvalue().splitlines() if not re.match("(entries|head|audit): ", line)]
    assert ("audit: clean" in out.getvalue().splitlines()) == (code == 0) == (not named)
    return named, code


def seal() -> str:
    """`audit --seal`; the head that it prints."""
    out = StringIO()
    call_command("audit", "--seal", stdout=out)
    return out.getvalue().rpartition("head: ")[2].strip()


def test_an_untouched_log_is_clean(rows: list[int], cast: Cast) -> None:
    out = StringIO()
    add(cast)
    call_command("audit", "--verify", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "entries: 7, seals: 6, waiting: 1"
    assert re.fullmatch(r"head: 6:[0-9a-f]{64}", lines[1])
    assert lines[2:] == ["audit: clean"]
    assert seal().startswith("7:")
    assert verify() == ([], 0)


def test_an_empty_log_is_clean(db: None) -> None:
    assert (seal(), verify()) == ("-", ([], 0))


def test_sealing_twice_seals_nothing_more(rows: list[int]) -> None:
    out = StringIO()
    call_command("audit", "--seal", stdout=out)
    assert out.getvalue().startswith("sealed: 0\nhead: 6:")
    assert AuditSeal.objects.count() == ENTRIES


TAMPERED: dict[str, tuple[Callable[[list[int]], None], list[str]]] = {
    "a field": (
        lambda rows: sql("UPDATE audit_entry SET action = 'return_report' WHERE id = %s", rows[2]),
        ["entry {2} (seal 3) was changed"],
    ),
    "a value": (
        lambda rows: sql("UPDATE audit_entry SET after = '{}' WHERE id = %s", rows[0]),
        ["entry {0} (seal 1) was changed"],
    ),
    "the person": (
        lambda rows: sql("UPDATE audit_entry SET by_id = NULL WHERE id = %s", rows[5]),
        ["entry {5} (seal 6) was changed"],
    ),
    "a microsecond": (
        lambda rows: sql(
            "UPDATE audit_entry SET at = %s WHERE id = %s",
            AuditEntry.objects.get(pk=rows[1]).at.replace(microsecond=1).astimezone(tz=None),
            rows[1],
        ),
        ["entry {1} (seal 2) was changed"],
    ),
    "the code": (
        lambda rows: sql("UPDATE audit_entry SET mac = %s WHERE id = %s", "é" * 96, rows[3]),
        ["entry {3} (seal 4) was changed"],
    ),
    "an entry removed": (
        lambda rows: sql("DELETE FROM audit_entry WHERE id = %s", rows[4]),
        ["entry {4} (seal 5) was removed"],
    ),
    "two neighbours removed": (
        lambda rows: sql("DELETE FROM audit_entry WHERE id IN (%s, %s)", rows[1], rows[2]),
        ["entry {1} (seal 2) was removed", "entry {2} (seal 3) was removed"],
    ),
    "a seal removed": (
        lambda rows: sql("DELETE FROM audit_seal WHERE number = 3"),
        ["seals 3 to 3 were removed"],
    ),
    "seals removed with their entries": (
        lambda rows: (
            sql("DELETE FROM audit_entry WHERE id IN (%s, %s)", rows[2], rows[3]),
            sql("DELETE FROM audit_seal WHERE number IN (3, 4)"),
        )[0],
        ["seals 3 to 4 were removed"],
    ),
    "a gap that is closed by counting anew": (
        lambda rows: (
            sql("DELETE FROM audit_entry WHERE id = %s", rows[3]),
            sql("DELETE FROM audit_seal WHERE number = 4"),
            sql("UPDATE audit_seal SET number = 4 WHERE number = 5"),
            sql("UPDATE audit_seal SET number = 5 WHERE number = 6"),
        )[0],
        ["seal 4 (entry {4}) was changed or moved", "seal 5 (entry {5}) was changed or moved"],
    ),
    "two seals that changed places": (
        lambda rows: (
            sql("UPDATE audit_seal SET entry_id = 0 WHERE number = 3"),
            sql("UPDATE audit_seal SET entry_id = %s WHERE number = 4", rows[2]),
            sql("UPDATE audit_seal SET entry_id = %s WHERE number = 3", rows[3]),
        )[0],
        ["seal 3 (entry {3}) was changed or moved", "seal 4 (entry {2}) was changed or moved"],
    ),
    "a digest": (
        lambda rows: sql("UPDATE audit_seal SET digest = %s WHERE number = 2", "0" * 64),
        ["seal 2 (entry {1}) was changed or moved"],
    ),
    "the last digest": (
        lambda rows: sql("UPDATE audit_seal SET digest = %s WHERE number = 6", "0" * 64),
        ["seal 6 (entry {5}) was changed or moved"],
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_to_the_tables_is_named(what: str, rows: list[int]) -> None:
    tamper, expected = TAMPERED[what]
    tamper(rows)
    assert verify() == ([line.format(*rows) for line in expected], 1)


INSERT = (
    "INSERT INTO audit_entry (at, by_id, channel, address, action, object_type, object_id, item_id, "
    "before, after, mac) SELECT at, by_id, channel, address, action, object_type, object_id, item_id, "
    "before, after, %s FROM audit_entry WHERE id = %s"
)


def inserted(mac: str, rows: list[int]) -> int:
    sql(INSERT, mac, rows[2])
    return max(AuditEntry.objects.values_list("pk", flat=True))


def test_an_inserted_entry_is_named_before_and_after_it_is_sealed(rows: list[int], cast: Cast) -> None:
    row = inserted(AuditEntry.objects.get(pk=rows[2]).mac[:-1] + "_", rows)
    named = [f"entry {row} did not come from the product, or was changed before its seal"]
    assert verify() == (named, 1)
    seal()
    add(cast)
    seal()
    assert verify() == (named, 1)


def test_an_entry_that_is_changed_before_it_is_sealed_is_named(rows: list[int], cast: Cast) -> None:
    row = add(cast)
    sql("UPDATE audit_entry SET object_id = '1' WHERE id = %s", row)
    assert verify()[1] == 1
    seal()
    named = [f"entry {row} did not come from the product, or was changed before its seal"]
    assert verify() == (named, 1)


def test_a_removed_end_shows_by_a_head_that_was_noted(rows: list[int], cast: Cast) -> None:
    noted = seal()
    assert verify(noted) == ([], 0)
    add(cast)
    seal()
    assert verify(noted) == ([], 0), "the chain has grown, and the noted head is still in it"
    sql("DELETE FROM audit_entry WHERE id >= %s", rows[4])
    sql("DELETE FROM audit_seal WHERE number >= 5")
    assert verify() == ([], 0), "the rest fits together"
    assert verify(noted) == (["the noted seal 6 is not in the chain: its end was removed or made anew"], 1)


@pytest.mark.parametrize("head", ["6", "6:abc", "x:" + "0" * 64])
def test_a_head_that_is_none_is_said(head: str, rows: list[int]) -> None:
    with pytest.raises(CommandError, match="NUMBER:DIGEST"):
        verify(head)


def test_a_chain_that_somebody_without_the_key_makes_anew_is_found(rows: list[int], settings: Any) -> None:
    keys = settings.AUDIT_KEYS
    settings.AUDIT_KEYS = ["guessed"]
    sql("DELETE FROM audit_entry WHERE id = %s", rows[1])
    sql("DELETE FROM audit_seal WHERE number > 1")
    audit.seal_entries(now=timezone.now())
    settings.AUDIT_KEYS = keys
    named = [f"seal {n} (entry {rows[n]}) was changed or moved" for n in range(2, ENTRIES)]
    assert verify() == (named, 1)


def test_a_new_key_leaves_what_the_old_one_sealed_provable(
    rows: list[int], cast: Cast, settings: Any
) -> None:
    old = settings.AUDIT_KEYS
    settings.AUDIT_KEYS = ["new", *old]
    add(cast)
    seal()
    assert verify() == ([], 0)
    settings.AUDIT_KEYS = ["new"]
    named, _code = verify()
    assert len(named) == ENTRIES, "and without the old key nothing of it is"


def test_a_change_shows_under_any_number_of_keys(rows: list[int], settings: Any) -> None:
    settings.AUDIT_KEYS = ["new", "newer", *settings.AUDIT_KEYS]
    sql("UPDATE audit_seal SET digest = %s WHERE number = 2", "0" * 64)
    assert verify() == ([f"seal 2 (entry {rows[1]}) was changed or moved"], 1)


def test_proving_holds_few_rows_at_a_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """Sealed and proven in pieces, with the same answers."""
    monkeypatch.setattr(audit_chain, "CHUNK", 2)
    monkeypatch.setattr(audit, "BATCH", 2)
    rows = [add(cast) for _ in range(5)]
    assert audit.seal_entries(now=timezone.now()).entries == 5
    assert list(AuditSeal.objects.values_list("entry_id", flat=True)) == rows
    with django_assert_num_queries(3 * 2 + 1 + 1):
        assert list(audit_chain.Proof().findings()) == []


def test_entries_from_before_the_chain_get_their_codes_and_items(cast: Cast) -> None:
    """The migration that brought the chain."""
    item = make_item("HB-1")
    for obj in (item, make_report(item, written_by=cast.chen), item.plan):
        audit.record(by=cast.li, action="x", obj=obj, after={"item": "HB-1"})
    sql("UPDATE audit_entry SET item_id = NULL, mac = object_type")
    module = import_module("tasks_tracker.migrations.0005_audit_is_sealed")
    state = MigrationLoader(connection).project_state(("tasks_tracker", "0005_audit_is_sealed"))
    module.hold_fast(state.apps, None)
    assert verify() == ([], 0)
    assert list(AuditEntry.objects.order_by("pk").values_list("item", flat=True)) == [item.pk, item.pk, None]
