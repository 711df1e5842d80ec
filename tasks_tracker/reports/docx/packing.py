"""The package without clocks: the same document is the same file."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.document import Document as Word

NO_TIME = (1980, 1, 1, 0, 0, 0)
FIRST = "[Content_Types].xml"


def packed(word: Word) -> bytes:
    """The document as a file whose parts have no time of their own."""
    loose, tight = BytesIO(), BytesIO()
    word.save(loose)
    with ZipFile(loose) as source, ZipFile(tight, "w") as target:
        for name in sorted(source.namelist(), key=lambda name: (name != FIRST, name)):
            about = ZipInfo(name, NO_TIME)
            about.compress_type, about.external_attr = ZIP_DEFLATED, 0o600 << 16
            target.writestr(about, source.read(name))
    return tight.getvalue()
