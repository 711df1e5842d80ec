"""Files as people upload them: real content, small."""

import io
import zipfile
from collections.abc import Mapping

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 40
OFFICE = "application/vnd.openxmlformats-officedocument"
MAIN = {
    "docx": f"{OFFICE}.wordprocessingml.document.main+xml",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet.main+xml",
    "pptx": f"{OFFICE}.presentationml.presentation.main+xml",
}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip with these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def office(kind: str = "docx", content_type: str = "", **parts: bytes) -> bytes:
    """An office document of that kind, with further parts (`__` stands for the slash of their names)."""
    listing = f'<Types><Override ContentType="{content_type or MAIN[kind]}"/></Types>'.encode()
    more = {name.replace("__", "/"): content for name, content in parts.items()}
    return zipped({"[Content_Types].xml": listing, "main.xml": b"<x/>"} | more)


def older_office(*streams: str) -> bytes:
    """A compound file in which these streams are named."""
    return (
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 504 + b"".join(s.encode("utf-16-le") for s in streams)
    )


def upload(name: str = "验收材料.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """What a browser sends; the type that it claims means nothing."""
    return SimpleUploadedFile(name, content, content_type="text/html")


def word_file(*paragraphs: str, body: str = "", head: str = "", **parts: str) -> bytes:
    """A .docx with these paragraphs, or with `body` as it is; `parts` are added or take their place."""
    written = body or "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = f'{head}<w:document xmlns:w="{namespace}"><w:body>{written}</w:body></w:document>'
    listing = f'<Types><Override ContentType="{MAIN["docx"]}"/></Types>'
    given = {"[Content_Types].xml": listing, "word/document.xml": document} | parts
    return zipped({name: text.encode() for name, text in given.items()})
