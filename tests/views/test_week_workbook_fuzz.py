"""A real workbook, spoilt in several hundred ways: it is taken or refused in words, and never by halves.

`FUZZ_SEED=… FUZZ_ROUNDS=…` repeat a run or lengthen it; a failure names the seed and the way of spoiling.
"""

import os
import random
import re
import resource
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tasks_tracker.forms.week_check import REFUSED_FILES, read_filled
from tasks_tracker.models import AuditEntry, ProgressReport, User, WeekUpload
from tasks_tracker.reports.week_sheet import NotTheWorkbook
from tasks_tracker.rules.containers import NotAWorkbook
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, report_and_accept
from tests.factories.cast import Cast
from tests.views.week_form import THURSDAY
from tests.views.workbooks import downloaded, filled, opened, saved, uploaded

SEED = int(os.environ.get("FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "300"))
THROUGH_THE_PAGES = 10  # every tenth is uploaded, looked over, given back and handed in
MOST_GROWTH = 80 * 1024  # KB of the process
NASTY = (
    "",
    "=1+1",
    "-1",
    "9" * 400,
    "1e309",
    "NaN",
    "\x0b",
    "２０２６年３月底",
    "100个左右",
    "'",
    "字" * 40_000,
    "&#0;",
)
Parts = dict[str, bytes]
Chance = random.Random


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Parts) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


# --- ways of spoiling ---------------------------------------------------------------------------------------
def flip_bytes(data: bytes, chance: Chance) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def cut(data: bytes, chance: Chance) -> bytes:
    return data[: chance.randrange(len(data))]


def drop_parts(data: bytes, chance: Chance) -> bytes:
    parts = parts_of(data)
    for name in chance.sample(list(parts), chance.randint(1, 3)):
        del parts[name]
    return zipped(parts)


def swap_parts(data: bytes, chance: Chance) -> bytes:
    parts = parts_of(data)
    one, other = chance.sample(list(parts), 2)
    parts[one], parts[other] = parts[other], parts[one]
    return zipped(parts)


def edit_xml(data: bytes, chance: Chance) -> bytes:
    """Elements left out or doubled, numbers and attributes changed: still XML, mostly."""
    parts = parts_of(data)
    name = chance.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    for _ in range(chance.randint(1, 4)):
        parts[name] = chance.choice(EDITS)(parts[name], chance)
    return zipped(parts)


def edit_bytes(data: bytes, chance: Chance) -> bytes:
    """Bytes changed inside a part; the zip around it is whole."""
    parts = parts_of(data)
    name = chance.choice(list(parts))
    parts[name] = flip_bytes(parts[name], chance)
    return zipped(parts)


def edit_cells(data: bytes, chance: Chance) -> bytes:
    book = opened(data)
    sheet = chance.choice(book.worksheets)
    for _ in range(chance.randint(1, 8)):
        row, column = chance.randint(1, 12), chance.randint(1, 21)
        sheet.cell(row, column).value = chance.choice(
            (None, 0.5, 12, -3, 1e300, True, THURSDAY.date(), "文", "=A1")
        )
    return saved(book)


def edit_words(data: bytes, chance: Chance) -> bytes:
    """Texts of cells replaced by what people and programs leave in cells."""
    parts = parts_of(data)
    name = "xl/sharedStrings.xml" if "xl/sharedStrings.xml" in parts else "xl/worksheets/sheet1.xml"
    words = parts[name]
    texts = list(re.finditer(rb"<t[^>]*>([^<]*)</t>", words))
    for found in sorted(chance.sample(texts, 3), key=lambda one: -one.start()):
        words = words[: found.start(1)] + chance.choice(NASTY).encode() + words[found.end(1) :]
    parts[name] = words
    return zipped(parts)


def shuffle_rows(data: bytes, chance: Chance) -> bytes:
    book = opened(data)
    sheet = book.worksheets[0]
    if chance.random() < 0.5:
        sheet.delete_cols(chance.randint(1, 21))
    elif chance.random() < 0.5:
        sheet.insert_cols(chance.randint(1, 21))
    else:
        sheet.delete_rows(chance.randint(1, 9), chance.randint(1, 3))
        sheet.insert_rows(chance.randint(1, 9))
    return saved(book)


def _leave_out(xml: bytes, chance: Chance) -> bytes:
    elements = list(re.finditer(rb"<(\w+)[^<>]*(?:/>|>[^<]*</\1>)", xml))
    if not elements:
        return xml
    found = chance.choice(elements)
    return xml[: found.start()] + xml[found.end() :]


def _double(xml: bytes, chance: Chance) -> bytes:
    elements = list(re.finditer(rb"<(\w+)[^<>]*(?:/>|>[^<]*</\1>)", xml))
    if not elements:
        return xml
    found = chance.choice(elements)
    return xml[: found.end()] + found[0] * chance.randint(1, 50) + xml[found.end() :]


def _change_value(xml: bytes, chance: Chance) -> bytes:
    values = list(re.finditer(rb'="([^"]*)"', xml))
    if not values:
        return xml
    found = chance.choice(values)
    new = chance.choice(
        (b"", b"-1", b"99999999999999999999", b"A1:XFD1048576", b"x", b"ZZZZ1", b"1e9", b"true")
    )
    return xml[: found.start(1)] + new + xml[found.end(1) :]


def _change_number(xml: bytes, chance: Chance) -> bytes:
    numbers = list(re.finditer(rb">([0-9.]+)<", xml))
    if not numbers:
        return xml
    found = chance.choice(numbers)
    new = chance.choice((b"-5", b"1e400", b"nan", b"12345678901234567890", b"0.5.5", b"inf", b""))
    return xml[: found.start(1)] + new + xml[found.end(1) :]


EDITS = (_leave_out, _double, _change_value, _change_number)
WAYS: tuple[Callable[[bytes, Chance], bytes], ...] = (
    flip_bytes,
    cut,
    drop_parts,
    swap_parts,
    edit_xml,
    edit_xml,
    edit_xml,
    edit_bytes,
    edit_cells,
    edit_words,
    shuffle_rows,
)


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


def test_a_spoilt_workbook_is_taken_or_refused_and_never_by_halves(
    cast: Cast, log_in: Callable[[User], Client]
) -> None:
    for code in ("A", "B", "C"):
        report_and_accept(make_item(code, is_key=True), 90_00, LAST_WEEK)
    client = log_in(cast.chen)
    good = {"percent": 0.97, "progress_note": "完成诊断 437 家。"}
    untouched = downloaded(client)
    data = filled(untouched, {"A": good, "B": good, "C": {"no_change": "是"}})
    memory = _memory()
    told: Counter[str] = Counter()
    for number in range(ROUNDS):
        chance = random.Random(f"{SEED}/{number}")
        way = chance.choice(WAYS)
        spoilt = way(chance.choice((data, data, untouched)), chance)
        try:
            told[_read(spoilt)] += 1
            if number % THROUGH_THE_PAGES == 0:
                told[_on_the_pages(client, spoilt)] += 1
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={SEED}, round {number}, {way.__name__}") from error
    print(f"FUZZ_SEED={SEED}: {dict(told)}")  # noqa: T201 — to repeat the run
    assert told.keys() >= {"read", "not read", "refused", "handed in"}
    assert _memory() - memory < MOST_GROWTH
    assert not ProgressReport.objects.filter(week=THIS_WEEK).exists()


def _read(data: bytes) -> str:
    """Read, or refused with a code that has words; anything else fails."""
    code = "read"
    try:
        read_filled(data)
    except (NotAWorkbook, NotTheWorkbook) as refused:
        code = refused.code
    assert code in ("read", *REFUSED_FILES)
    return code if code == "read" else "not read"


def _on_the_pages(client: Client, data: bytes) -> str:
    with transaction.atomic():
        outcome = _upload_and_confirm(client, data)
        transaction.set_rollback(True)
    return outcome


def _upload_and_confirm(client: Client, data: bytes) -> str:
    """What became of it. Rows are written only by the confirmation, exactly those that were shown as good."""
    answer = uploaded(client, data)
    reports = ProgressReport.objects.filter(week=THIS_WEEK)
    assert not reports.exists()
    if answer.status_code == 422:
        assert 'role="alert"' in answer.content.decode()
        assert not WeekUpload.objects.exists()
        return "refused"
    assert answer.status_code == 302
    page = client.get(reverse("week_workbook_check"))
    assert page.status_code == 200
    assert not reports.exists()
    assert client.post(reverse("week_workbook_copy")).status_code in (200, 422)
    checked = page.context["checked"]
    form = {"sha256": page.context["kept"].sha256, "rows": checked.chosen}
    answer = client.post(reverse("week_workbook_confirm"), form)
    assert answer.status_code == (302 if checked.good else 409)
    assert reports.count() == len(checked.good)
    handed_in = AuditEntry.objects.filter(
        action__in=("submit_report", "sign_no_change"), after__week="2026-11-16"
    )
    assert handed_in.count() == len(checked.good)
    return "handed in" if checked.good else "nothing to hand in"


def _memory() -> int:
    """The most that this process ever held, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
