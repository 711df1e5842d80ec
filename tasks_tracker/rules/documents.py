"""The text of a document that somebody supplies: plain text, or a Word file (.docx).

Files of others are not trusted. Of a .docx, which is a zip, three parts are read, as much of them as is
allowed, by a parser that refuses every document type declaration: without one there are no entities, neither
swelling nor foreign ones. Nothing is unpacked to disk and nothing of the file is ever run.
"""

import lzma
import zipfile
import zlib
from io import BytesIO
from typing import Any
from xml.parsers import expat

from tasks_tracker.rules.outline import MAX_BYTES, DecodedText, UnreadableText, decode, split_paragraphs
from tasks_tracker.rules.word_numbers import Numbering

MOST_ENTRIES = 2_000
MOST_UNPACKED = 20_000_000  # bytes of one part
DEEPEST = 200
_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    expat.ExpatError,
    KeyError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)
# What stands beside the running text: deleted words, notes, and a drawing's second version for old readers.
_SKIPPED = {"del", "moveFrom", "delText", "instrText", "Fallback", "rPr", "sectPr"}


def read_document(content: bytes) -> DecodedText:
    """The text of a .docx or of a plain text file.

    Raises UnreadableText: empty, too_large, binary, unknown_encoding; of Word files also old_word, encrypted,
    macros, damaged and bomb.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableText("too_large")
    if content.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise UnreadableText("encrypted" if locked else "old_word")
    if not content.startswith(_ZIP):
        return decode(content)
    paragraphs = _word_paragraphs(content)
    text = "\n".join(paragraphs)
    if len(text.encode()) > MAX_BYTES:
        raise UnreadableText("too_large")
    if not split_paragraphs(text):
        raise UnreadableText("empty")
    return DecodedText(text, "docx")


def _word_paragraphs(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check(archive)
            numbering = Numbering()
            if "word/numbering.xml" in archive.namelist():
                _parse(_part(archive, "word/numbering.xml"), numbering)
            reader = _Reader(numbering)
            _parse(_part(archive, "word/document.xml"), reader)
    except UnreadableText:
        raise
    except _DAMAGED as error:
        raise UnreadableText("damaged") from error
    return reader.paragraphs


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > MOST_ENTRIES:
        raise UnreadableText("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableText("encrypted")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise UnreadableText("macros")
    if "word/document.xml" not in names:
        raise UnreadableText("binary")
    if b"macroenabled" in _part(archive, "[Content_Types].xml").lower():
        raise UnreadableText("macros")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part of the file, never more of it than is allowed whatever the file claims."""
    with archive.open(name) as part:
        content = part.read(MOST_UNPACKED + 1)
    if len(content) > MOST_UNPACKED:
        raise UnreadableText("bomb")
    return content


def _parse(content: bytes, reader: Any) -> None:
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise UnreadableText("damaged")
        reader.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        reader.end(_local(name))

    def refuse(*_arguments: Any) -> None:
        raise UnreadableText("damaged")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(content, True)


def _local(name: str) -> str:
    """The name without its namespace: WordprocessingML has the same names in both of its editions."""
    return name.rpartition(" ")[2]


class _Reader:
    """Gathers the paragraphs of word/document.xml, also in tables and text boxes, with automatic numbers."""

    def __init__(self, numbering: Numbering) -> None:
        self.paragraphs: list[str] = []
        self._numbering = numbering
        self._open: list[list[str]] = []  # paragraphs that are being read; a text box lies in one
        self._numbers: list[tuple[str, str]] = []
        self._in_text = False
        self._skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._skipped or name in _SKIPPED:
            self._skipped += 1
        elif name == "p":
            self._open.append([])
            self._numbers.append(("", "0"))
        elif self._open:
            self._inside(name, attributes)

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        list_id, level = self._numbers[-1]
        if name == "t":
            self._in_text = True
        elif name in ("tab", "br", "cr") and "pos" not in attributes:
            self._open[-1].append(" " if name == "tab" else "\n")
        elif name == "numId":
            self._numbers[-1] = (attributes.get("val", ""), level)
        elif name == "ilvl":
            self._numbers[-1] = (list_id, attributes.get("val", "0"))

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p" and self._open:
            text = "".join(self._open.pop())
            list_id, level = self._numbers.pop()
            self.paragraphs.append(
                self._numbering.next_number(list_id, level) + text if text.strip() else text
            )

    def characters(self, text: str) -> None:
        if self._in_text and not self._skipped:
            self._open[-1].append(text)
