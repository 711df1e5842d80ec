"""Writes a paper as a workbook: its text, then a sheet for every table and for the figures of every picture.

Numbers are numbers in the shape in which the paper says them, totals are formulas where the rows add up to
them, and the charts are native: they follow the cells.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from tasks_tracker.reports.colours import ACCENT
from tasks_tracker.reports.layout import small_print
from tasks_tracker.reports.paper import Block, Curve, Level, Line, Paper, Table, Tasks, TileMap
from tasks_tracker.reports.xlsx.cells import FONT, Formats, Pen, clean, height_of, quoted
from tasks_tracker.reports.xlsx.figures import write_curve, write_table, write_tasks, write_tiles

NO_TIME = datetime(1980, 1, 1)  # as in the zip around it: the same paper is the same file
LONGEST_NAME = 31
FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\'\n\t"), " ")
TEXT_WIDTH = 80  # characters
SIZES = {Level.PART: 14, Level.SECTION: 12, Level.POINT: 11, Level.TEXT: 11}


@dataclass(frozen=True)
class _Printed:
    title: str
    subtitle: str
    words: dict[str, str]


def write(paper: Paper) -> bytes:
    """The paper as .xlsx."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "default_format_properties": {**FONT}}) as book:
        about = {"title": paper.title, "subject": paper.subtitle, "author": paper.office}
        book.set_properties({name: clean(text)[:255] for name, text in about.items()} | {"created": NO_TIME})
        _Writer(paper, book).write()
    return stream.getvalue()


class _Writer:
    def __init__(self, paper: Paper, book: Any) -> None:
        self.paper, self.book, self.formats = paper, book, Formats(book)
        words = {"no_data": _("no data"), "page": _("Page &P of &N")}
        self.printed = _Printed(paper.title, " ".join((paper.serial, paper.subtitle)), words)
        self.row = 0
        self.sheets = 0
        self.text = self._pen(_("Report"))

    def write(self) -> None:
        paper, sheet = self.paper, self.text.sheet
        sheet.set_portrait()
        sheet.set_column(0, 0, TEXT_WIDTH)
        self._say(paper.title, bold=True, font_size=18, align="center")
        self._say(paper.subtitle, align="center")
        self._say("    ".join(each for each in (paper.serial, paper.remark) if each), align="center")
        sheet.freeze_panes(self.row, 0)
        sheet.repeat_rows(0, self.row - 1)
        for part in (*paper.parts, *paper.annexes):
            self._say(part.title, bold=True, font_size=SIZES[Level.PART])
            for block in part.blocks:
                self._block(block, part.title)
        for words in (paper.office, paper.dated):
            self._say(words, align="right")
        for words in small_print(paper):
            self._say(words, font_size=9)
        sheet.fit_to_pages(1, 0)
        sheet.activate()

    def _block(self, block: Block, title: str) -> None:
        match block:
            case Line():
                is_heading = block.level is not Level.TEXT
                indent = {} if is_heading else {"indent": 1}
                self._say(block.lead + block.text, bold=is_heading, font_size=SIZES[block.level], **indent)
            case Table():
                name, pen = self._sheet(block.caption or title)
                write_table(pen, block)
                self._point_at(name, block.caption or title)
            case Tasks() | TileMap() | Curve():
                name, pen = self._sheet(block.caption or title)
                if isinstance(block, Tasks):
                    write_tasks(pen, block, self.book, name)
                elif isinstance(block, TileMap):
                    write_tiles(pen, block, self.book, name)
                else:
                    write_curve(pen, block, self.book, name)
                self._point_at(name, block.caption or title)

    def _say(self, text: str, **look: Any) -> None:
        """A line of the text, whatever it begins with; nothing where there is nothing to say."""
        if text:
            size = look.setdefault("font_size", 11)
            style = self.formats.get(text_wrap=True, valign="top", **look)
            self.text.text(self.row, 0, text, style)
            self.text.sheet.set_row(self.row, height_of(text, TEXT_WIDTH * 11 / size, size * 1.6))
            self.row += 1

    def _point_at(self, name: str, caption: str) -> None:
        style = self.formats.get(font_color=ACCENT, underline=1, indent=1)
        target = f"internal:{quoted(name)}!A1"
        self.text.sheet.write_url(self.row, 0, target, style, string=clean(caption)[:255])
        self.row += 1

    def _sheet(self, caption: str) -> tuple[str, Pen]:
        """A new sheet named after its caption; its number makes the name unlike all others."""
        self.sheets += 1
        name = " ".join(f"{self.sheets} {clean(caption).translate(FORBIDDEN)}".split())
        name = name.encode("utf-16-le")[: 2 * LONGEST_NAME].decode("utf-16-le", "ignore").strip()
        return name, self._pen(name, caption)

    def _pen(self, name: str, caption: str = "") -> Pen:
        pen = Pen(self.book.add_worksheet(name), self.formats, self.printed)
        if caption:
            pen.text(0, 0, caption, self.formats.title())
        return pen
