"""What may be evidence: types recognised by content, and names that are safe to show.

Limits on archives: an office file is a zip, and nothing in it is unpacked but its list of contents.
"""

import re
import unicodedata
import zipfile
from typing import IO

LONGEST_NAME = 120
MOST_ENTRIES = 5_000
MOST_UNPACKED = 500 * 1024 * 1024  # bytes that an office file may claim to unpack to
LONGEST_LIST = 1024 * 1024  # bytes of [Content_Types].xml

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
# Streams by which the older formats are told apart; their names stand in the file in UTF-16.
_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
_OLE_MACROS = ("_VBA_PROJECT", "_VBA_PROJECT_CUR")
ENDINGS = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    _OFFICE + _PARTS[0]: ("docx",),
    _OFFICE + _PARTS[1]: ("xlsx",),
    _OFFICE + _PARTS[2]: ("pptx",),
    "application/msword": ("doc", "wps"),
    "application/vnd.ms-excel": ("xls", "et"),
    "application/vnd.ms-powerpoint": ("ppt", "dps"),
}
ACCEPTED_ENDINGS = tuple(ending for endings in ENDINGS.values() for ending in endings)


class NotEvidence(Exception):
    """The file is not taken. `code`: file_type, file_ending, file_macros, file_damaged or file_bomb."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def content_type_of(file: IO[bytes], name: str) -> str:
    """The type by content; raises NotEvidence where it is none of ours, or the ending of `name` says another.

    Reads the file and leaves it at its beginning.
    """
    file.seek(0)
    head = file.read(8)
    if head.startswith(_ZIP):
        found = _office_type(file)
    elif head == _OLE:
        found = _older_office_type(file)
    else:
        found = next((kind for mark, kind in _SIGNATURES.items() if head.startswith(mark)), "")
    file.seek(0)
    if not found:
        raise NotEvidence("file_type")
    if name.rpartition(".")[2].lower() not in ENDINGS[found]:
        raise NotEvidence("file_ending")
    return found


def _office_type(file: IO[bytes]) -> str:
    """The type of a zip that is an office document; "" for any other zip."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_size(entries)
            listed = _list_of_contents(archive)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise NotEvidence("file_damaged") from error
    names = [entry.filename.lower() for entry in entries]
    if "macroenabled" in listed.lower() or any(name.endswith("vbaproject.bin") for name in names):
        raise NotEvidence("file_macros")
    return next((_OFFICE + part for part in _PARTS if f"{_OFFICE}{part}.main+xml" in listed), "")


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise NotEvidence("file_bomb")


def _list_of_contents(archive: zipfile.ZipFile) -> str:
    """[Content_Types].xml as text, never more than LONGEST_LIST of it; "" in a zip that has none."""
    if "[Content_Types].xml" not in archive.namelist():
        return ""
    with archive.open("[Content_Types].xml") as listing:
        content = listing.read(LONGEST_LIST + 1)
    if len(content) > LONGEST_LIST:
        raise NotEvidence("file_bomb")
    return content.decode("utf-8", "replace")


def _older_office_type(file: IO[bytes]) -> str:
    """doc, xls, ppt and what WPS makes of them; "" for any other compound file."""
    file.seek(0)
    content = file.read()
    if any(name.encode("utf-16-le") in content for name in _OLE_MACROS):
        raise NotEvidence("file_macros")
    return next((kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in content), "")


def safe_name(name: str) -> str:
    """The name to show: no path, no control or direction marks, not longer than LONGEST_NAME; ending kept."""
    bare = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(char for char in bare if char.isprintable() and char not in '<>:"|?*')
    stem, dot, ending = re.sub(r"\s+", " ", visible).strip().rstrip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    kept = LONGEST_NAME - len(ending[:10]) - 1
    return f"{stem[:kept].strip() or '_'}{dot}{ending[:10]}"
