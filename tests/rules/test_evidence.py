"""What is taken as evidence, by content, and under which name."""

import io

import pytest

from tasks_tracker.rules.evidence import LONGEST_NAME, MOST_ENTRIES, NotEvidence, content_type_of, safe_name
from tests.factories.files import JPEG, MAIN, OFFICE, PDF, PNG, office, older_office, zipped


def kind(content: bytes, name: str) -> str:
    return content_type_of(io.BytesIO(content), name)


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (PDF, "验收.PDF", "application/pdf"),
        (PNG, "a.png", "image/png"),
        (JPEG, "a.jpeg", "image/jpeg"),
        *((office(ending), f"a.{ending}", MAIN[ending].removesuffix(".main+xml")) for ending in MAIN),
        (older_office("WordDocument"), "a.doc", "application/msword"),
        (older_office("WordDocument"), "a.wps", "application/msword"),
        (older_office("Workbook"), "a.et", "application/vnd.ms-excel"),
        (older_office("PowerPoint Document"), "a.ppt", "application/vnd.ms-powerpoint"),
    ],
)
def test_what_people_attach_is_recognised_by_its_content(content: bytes, name: str, found: str) -> None:
    file = io.BytesIO(content)
    assert content_type_of(file, name) == found
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<html><script>alert(1)</script>", "a.pdf", "file_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "file_type"),
        (b"MZ\x90\x00" + b"\x00" * 100, "a.docx", "file_type"),
        (PDF, "a.exe", "file_ending"),
        (PDF, "a.png", "file_ending"),
        (PDF, "ohne", "file_ending"),
        (office("docx"), "a.xlsx", "file_ending"),
        (zipped({"a.txt": b"x"}), "a.zip", "file_type"),
        (zipped({"a.txt": b"x"}), "a.docx", "file_type"),
        (office("docx")[:-30], "a.docx", "file_damaged"),
        (office(**{"word/vbaProject.bin": b"x"}), "a.docx", "file_macros"),
        (
            office(content_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
            "a.docx",
            "file_macros",
        ),
        (older_office("WordDocument", "_VBA_PROJECT"), "a.doc", "file_macros"),
        (older_office("EncryptedPackage"), "a.docx", "file_type"),
        (zipped({f"{n}": b"" for n in range(MOST_ENTRIES + 1)}), "a.docx", "file_bomb"),
        (zipped({"[Content_Types].xml": b" " * (2 * 1024 * 1024)}), "a.docx", "file_bomb"),
    ],
)
def test_what_is_not_taken_and_why(content: bytes, name: str, code: str) -> None:
    with pytest.raises(NotEvidence) as refusal:
        kind(content, name)
    assert refusal.value.code == code


def test_a_document_that_claims_to_unpack_to_gigabytes_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks_tracker.rules.evidence.MOST_UNPACKED", 1000)
    with pytest.raises(NotEvidence, match="file_bomb"):
        kind(office(media__big=b"\x00" * 2000), "a.docx")


def test_the_type_that_is_named_without_its_part_is_no_document() -> None:
    assert OFFICE in MAIN["docx"]
    with pytest.raises(NotEvidence, match="file_type"):
        kind(office(content_type=f"{OFFICE}.wordprocessingml.styles+xml"), "a.docx")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("验收材料.pdf", "验收材料.pdf"),
        ("C:\\Users\\x\\..\\验收.pdf", "验收.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),  # a right-to-left override would show another ending
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("<b>粗</b>.pdf", "b.pdf"),
        ("  两   空格 .pdf", "两 空格.pdf"),
        (".pdf", "_.pdf"),
        ("", "_"),
    ],
)
def test_a_name_is_safe_to_show(typed: str, shown: str) -> None:
    assert safe_name(typed) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("长" * 500 + ".docx")
    assert (len(name), name[-5:]) == (LONGEST_NAME, ".docx")
