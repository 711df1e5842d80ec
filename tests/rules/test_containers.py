"""What is no workbook is told by looking at it from outside, in no time and with no memory."""

import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest

from tasks_tracker.rules import containers
from tasks_tracker.rules.containers import NotAWorkbook, check_workbook, covered

MEGABYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "进展"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_parts(data: bytes, parts: dict[str, bytes | None]) -> bytes:
    """The zip with parts added, replaced, or (None) left out."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name)


def code_of(data: bytes) -> str:
    try:
        check_workbook(BytesIO(data))
    except NotAWorkbook as refused:
        return refused.code
    return "taken"


def test_a_workbook_is_taken_and_left_at_its_beginning() -> None:
    file = BytesIO(workbook())
    check_workbook(file)
    assert file.tell() == 0


def compound(*streams: str) -> bytes:
    return (
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 512 + b"".join(s.encode("utf-16-le") for s in streams)
    )


def many_rows(count: int) -> Callable[[bytes], bytes]:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, count + 1))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return lambda data: with_parts(data, {SHEET: sheet + rows + b"</sheetData></worksheet>"})


def inside(before: bytes, after: bytes, name: str = SHEET) -> Callable[[bytes], bytes]:
    """The workbook with a text of one of its parts replaced."""

    def change(data: bytes) -> bytes:
        assert before in part(data, name)
        return with_parts(data, {name: part(data, name).replace(before, after, 1)})

    return change


ENTITY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BAD: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "nothing": ("file_empty", lambda _data: b""),
    "a picture": ("not_xlsx", lambda _data: b"\x89PNG\r\n\x1a\n" + b"0" * 100),
    "a table as text": ("not_xlsx", lambda _data: "编号,进展".encode()),
    "an old xls": ("old_xls", lambda _data: compound("Workbook")),
    "a locked xlsx": ("password", lambda _data: compound("EncryptionInfo", "EncryptedPackage")),
    "an old doc": ("not_xlsx", lambda _data: compound("WordDocument")),
    "a zip of anything": ("embedded", lambda data: with_parts(data, {"readme.txt": b"x"})),
    "a zip without contents": ("not_xlsx", lambda data: with_parts(data, {"[Content_Types].xml": None})),
    "cut off": ("damaged", lambda data: data[: len(data) // 2]),
    "macros": ("macros", lambda data: with_parts(data, {"xl/vbaProject.bin": b"\xcc\x61"})),
    "macros of old": ("macros", lambda data: with_parts(data, {"xl/macrosheets/sheet1.xml": b"<a/>"})),
    "macros by name": (
        "macros",
        inside(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            "[Content_Types].xml",
        ),
    ),
    "a file within": ("embedded", lambda data: with_parts(data, {"xl/embeddings/a.bin": b"x"})),
    "a workbook within": ("embedded", lambda data: with_parts(data, {"xl/b.xlsx": workbook()})),
    "an entity": ("entities", inside(b"<worksheet", ENTITY + b"<worksheet")),
    "an entity in the words": (
        "entities",
        lambda data: with_parts(data, {"xl/sharedStrings.xml": ENTITY + b"<sst>&a;</sst>"}),
    ),
    "XML as a picture": ("embedded", lambda data: with_parts(data, {"xl/media/a.png": ENTITY + b"<x/>"})),
    "a way out": ("damaged", lambda data: with_parts(data, {"xl/../../a.xml": b"<x/>"})),
    "broken XML": ("damaged", inside(b"</sheetData>", b"</sheet")),
    "nested a thousand deep": ("too_much", inside(b"<sheetData>", b"<sheetData>" + b"<a>" * 1_000)),
    "a million rows": ("too_many_rows", many_rows(400_000)),
    "a merge of everything": (
        "too_much",
        inside(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    ),
    "a bomb": (
        "too_much",
        lambda data: with_parts(data, {"xl/a.xml": b"<a>" + b" " * 25 * MEGABYTE + b"</a>"}),
    ),
    "a wide bomb": ("too_much", lambda data: with_parts(data, {f"xl/{n}.xml": b"<a/>" for n in range(500)})),
}


@pytest.mark.parametrize("what", BAD)
def test_what_may_not_be_opened_is_named(what: str) -> None:
    code, make = BAD[what]
    assert code_of(make(workbook())) == code


def test_a_part_locked_with_a_password_is_named() -> None:
    data = bytearray(workbook())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1  # what the list says of the first part
    assert code_of(bytes(data)) == "password"


def test_the_size_that_a_part_claims_is_believed_only_as_a_limit() -> None:
    data = bytearray(with_parts(workbook(), {"xl/a.xml": b"<a>" + b"b" * MEGABYTE + b"</a>"}))
    at = data.index(b"xl/a.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert code_of(bytes(data)) == "damaged"


def test_memory_stays_flat_whatever_a_file_unpacks_to() -> None:
    data = many_rows(400_000)(workbook())
    assert len(part(data, SHEET)) > 15 * MEGABYTE
    tracemalloc.start()
    try:
        assert code_of(data) == "too_many_rows"
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MEGABYTE


def test_the_look_ends_at_the_first_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    real = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        read.append(n or 0)
        return real(self, n)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert code_of(many_rows(400_000)(workbook())) == "too_many_rows"
    many = [n for n in read if n == containers._PIECE]
    assert len(many) < 40  # of some 300


@pytest.mark.parametrize(
    ("area", "cells"),
    [("A1:B2", 4), ("$A$1:$C$3", 9), ("A1", 1), ("", 0), ("A1:B", 0), ("XFD1:A1048576", 2**34)],
)
def test_cells_of_an_area_are_counted(area: str, cells: int) -> None:
    assert covered(area) == cells
