"""From one paper to Word, PDF and Excel. The same paper gives the same bytes, whenever it is written."""

from collections.abc import Callable

from django.utils import translation

from tasks_tracker.reports import docx, pdf
from tasks_tracker.reports.paper import Paper
from tasks_tracker.reports.pdf import NoChineseFont
from tasks_tracker.reports.xlsx import paper as workbook

__all__ = ["FORMATS", "MEDIA_TYPES", "NoChineseFont", "UnknownFormat", "write"]

_WRITERS: dict[str, Callable[[Paper], bytes]] = {"docx": docx.write, "pdf": pdf.write, "xlsx": workbook.write}
FORMATS = tuple(_WRITERS)
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class UnknownFormat(Exception):
    """A format that nobody writes."""


def write(paper: Paper, format: str) -> bytes:
    """The paper in one of FORMATS, in its own language.

    Raises `UnknownFormat`, and `NoChineseFont` where the server cannot print what the paper says.
    """
    if format not in _WRITERS:
        raise UnknownFormat(format)
    with translation.override(paper.language):
        return _WRITERS[format](paper)
