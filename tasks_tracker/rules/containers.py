"""Whether an uploaded file may be opened as a workbook: seen from outside, before any library reads it.

An .xlsx is a zip of XML parts. Here the list of the zip is judged, then each part of XML is streamed through
a parser that keeps nothing: memory stays flat whatever the file claims to hold, and the first limit that is
passed ends the look.
"""

import re
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

MOST_ENTRIES = 400
MOST_UNPACKED = 30 * 1024 * 1024  # bytes of all parts together
MOST_RATIO = 250  # unpacked to packed, of a part beyond RATIO_FROM
RATIO_FROM = 1024 * 1024
MOST_ELEMENTS = 200_000  # of all parts together
MOST_ROWS = 5_000  # of a sheet
MOST_COVERED = 20_000  # cells of a merged area, a link or a table
DEEPEST = 64
_PIECE = 64 * 1024

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_MAIN = "spreadsheetml.sheet.main+xml"
_PICTURES = ("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "bin")
_XML = ("xml", "rels")
_COVERING = ("mergeCell", "hyperlink", "table")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_FAULTS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    KeyError,
    ValueError,
    EOFError,
    OSError,
    zlib.error,
)


class NotAWorkbook(Exception):
    """The file is not opened. `code`: file_empty, not_xlsx, old_xls, password, damaged, macros, too_much,
    too_many_rows, entities or embedded.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_workbook(file: IO[bytes]) -> None:
    """Raises NotAWorkbook unless `file` is an .xlsx that is safe to open; leaves it at its beginning."""
    file.seek(0)
    head = file.read(8)
    if not head:
        raise NotAWorkbook("file_empty")
    if head == _OLE:
        raise NotAWorkbook(_kind_of_compound(file))
    if not head.startswith(_ZIP):
        raise NotAWorkbook("not_xlsx")
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_list(entries)
            _check_kind(archive)
            look = _Look()
            for entry in entries:
                _check_part(archive, entry, look)
    except RuntimeError as error:  # what zipfile raises for a part that is locked
        raise NotAWorkbook("password") from error
    except _FAULTS as error:
        raise NotAWorkbook("damaged") from error
    file.seek(0)


def _kind_of_compound(file: IO[bytes]) -> str:
    """An encrypted .xlsx and an .xls are both compound files; the names of their streams are in UTF-16."""
    file.seek(0)
    content = file.read()
    for name, code in (("EncryptedPackage", "password"), ("Workbook", "old_xls"), ("Book", "old_xls")):
        if name.encode("utf-16-le") in content:
            return code
    return "not_xlsx"


def _check_list(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise NotAWorkbook("too_much")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise NotAWorkbook("too_much")
        if entry.flag_bits & 0x1:
            raise NotAWorkbook("password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotAWorkbook("damaged")
    if len(set(names)) != len(names) or any(".." in name.split("/") or name[:1] == "/" for name in names):
        raise NotAWorkbook("damaged")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise NotAWorkbook("macros")
    if any("embeddings/" in name or _ending(name) not in (*_XML, *_PICTURES, "vml") for name in names):
        raise NotAWorkbook("embedded")


def _check_kind(archive: zipfile.ZipFile) -> None:
    """By the list of contents: a workbook without macros, and no other kind of document."""
    if "[Content_Types].xml" not in archive.namelist():
        raise NotAWorkbook("not_xlsx")
    listed = archive.read("[Content_Types].xml").decode("utf-8", "replace")
    if "binary.macroEnabled" in listed:
        raise NotAWorkbook("not_xlsx")  # .xlsb
    if "macroenabled" in listed.lower() or "vbaProject" in listed:
        raise NotAWorkbook("macros")
    if _MAIN not in listed:
        raise NotAWorkbook("not_xlsx")


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, look: "_Look") -> None:
    """Stream a part of XML past the limits; a picture must not be XML in disguise."""
    ending = _ending(entry.filename)
    with archive.open(entry) as part:
        if ending in _PICTURES:
            begin = part.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
            if begin.startswith(b"<"):
                raise NotAWorkbook("embedded")
            return
        parser = look.parser()
        try:
            while piece := part.read(_PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            if ending != "vml":  # drawings of old; some programs write them carelessly, and nobody reads them
                raise NotAWorkbook("damaged") from error


class _Look:
    """Counts over all parts of one file."""

    def __init__(self) -> None:
        self._elements = 0
        self._depth = 0
        self._rows = 0

    def parser(self) -> "expat.XMLParserType":
        """A parser for the next part, which counts and keeps nothing."""
        self._depth = self._rows = 0
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse_declaration
        parser.EntityDeclHandler = _refuse_declaration
        parser.buffer_text = True
        return parser

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        name = tag.rpartition(" ")[2]
        if name == "row":
            self._rows += 1
            if self._rows > MOST_ROWS:
                raise NotAWorkbook("too_many_rows")
        if self._elements > MOST_ELEMENTS or self._depth > DEEPEST:
            raise NotAWorkbook("too_much")
        if name in _COVERING and covered(attributes.get("ref", "")) > MOST_COVERED:
            raise NotAWorkbook("too_much")

    def _end(self, _tag: str) -> None:
        self._depth -= 1


def covered(area: str) -> int:
    """How many cells `A1:B2` covers; 1 for one cell, 0 for what is no area."""
    match = _AREA.fullmatch(area.upper())
    if not match:
        return int(bool(area) and ":" not in area)
    left, top, right, bottom = match.groups()
    return (abs(_number(right) - _number(left)) + 1) * (abs(int(bottom) - int(top)) + 1)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _refuse_declaration(*_declared: object) -> None:
    raise NotAWorkbook("entities")


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
