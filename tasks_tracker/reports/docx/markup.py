"""Paragraphs and tables as WordprocessingML; text is escaped, and its line ends and tabs are Word's."""

import json
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path

from docx.oxml.ns import nsdecls

from tasks_tracker.reports.colours import HEAD, fill_of
from tasks_tracker.reports.layout import SHORT, SMALL
from tasks_tracker.reports.letters import printable
from tasks_tracker.reports.paper import Heading, Level, Line, Mark, Table

FOLDER = Path(__file__).resolve().parent
NAMESPACE = nsdecls("w", "r")
STYLES = {  # level → style, role of its font
    Level.PART: ("Heading1", "head"),
    Level.SECTION: ("Heading2", "section"),
    Level.POINT: ("Heading3", "body"),
    Level.TEXT: ("BodyText", "body"),
}
EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


@cache
def fonts() -> dict[str, str]:
    """Role → name of the font in Word. Fonts are named, never bundled."""
    named: dict[str, str] = json.loads((FOLDER / "fonts.json").read_text("utf-8"))
    return named


class Ink:
    """Writes text in the fonts of its roles; in Chinese, punctuation that could be either is Chinese."""

    def __init__(self, *, is_chinese: bool) -> None:
        named = fonts()
        latin, hint = named["latin"], ' w:hint="eastAsia"' if is_chinese else ""
        self.faces = {
            role: f'<w:rFonts{hint} w:ascii="{latin}" w:eastAsia="{name}" w:hAnsi="{latin}" w:cs="{latin}"/>'
            for role, name in named.items()
            if role != "latin"
        }

    def run(self, role: str, text: str, more: str = "") -> str:
        """Text in one font."""
        inner = escape(printable(text), quote=False)
        kept = '</w:t>{}<w:t xml:space="preserve">'
        inner = inner.replace("\n", kept.format("<w:br/>")).replace("\t", kept.format("<w:tab/>"))
        properties = f"<w:rPr>{self.faces[role]}{more}</w:rPr>"
        return f'<w:r>{properties}<w:t xml:space="preserve">{inner}</w:t></w:r>'

    def paragraph(self, style: str, role: str, text: str, *, keep: bool = True) -> str:
        """A paragraph in one font. `keep=False`: not kept with the next, whatever its style says."""
        kept = "" if keep else '<w:keepNext w:val="0"/>'
        return _paragraph(style, [self.run(role, text)] if text else [], kept)

    def around(self, drawing: str) -> str:
        """A paragraph with a picture."""
        return _paragraph("Picture", [f"<w:r><w:drawing>{drawing}</w:drawing></w:r>"])

    def line(self, line: Line, *, is_last: bool) -> str:
        """A heading or a paragraph of running text with its lead; the last is on one page with the ending."""
        style, role = STYLES[line.level]
        lead = [self.run("section", line.lead)] if line.lead else []
        return _paragraph(style, [*lead, self.run(role, line.text)], "<w:keepNext/>" if is_last else "")

    def table(self, table: Table, breadth: int) -> str:
        """The whole table: its first row comes again on every page, no row is cut over two."""
        widths = _widths(table.columns, breadth)
        more = '<w:sz w:val="18"/><w:szCs w:val="18"/>' if len(table.columns) > SMALL else ""
        cells = _Cells(self, widths, more)
        last = len(table.rows) - 1
        rows = [cells.head(table.columns)]
        for number, row in enumerate(table.rows):
            is_total = table.has_total and number == last
            is_kept = (
                bool(table.note)
                if number == last
                else len(table.rows) <= SHORT or (table.has_total and number == last - 1)
            )
            rows.append(cells.row(row, table.columns, is_total=is_total, is_kept=is_kept))
        if not table.rows and table.empty:
            rows.append(cells.across(table.empty))
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        about = escape(printable(table.caption))
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableNormal"/>'
            f'<w:tblW w:w="{breadth}" w:type="dxa"/>'
            f'<w:jc w:val="center"/><w:tblBorders>{EDGES}</w:tblBorders><w:tblLayout w:type="fixed"/>'
            f'<w:tblLook w:val="0020" w:firstRow="1"/><w:tblCaption w:val="{about}"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )


class _Cells:
    def __init__(self, ink: Ink, widths: list[int], more: str) -> None:
        self.ink, self.widths, self.more = ink, widths, more

    def head(self, columns: tuple[Heading, ...]) -> str:
        cells = (
            self._cell(width, HEAD, _paragraph("TableHead", [self.ink.run("head", column.text, self.more)]))
            for width, column in zip(self.widths, columns, strict=True)
        )
        return _row(cells, "<w:tblHeader/>")

    def row(
        self, row: tuple[str | Mark, ...], columns: tuple[Heading, ...], *, is_total: bool, is_kept: bool
    ) -> str:
        """A row; `is_kept`: on one page with the next."""
        cells = []
        kept = "<w:keepNext/>" if is_kept else ""
        for width, column, cell in zip(self.widths, columns, row, strict=True):
            fill, ink = fill_of(cell.light) if isinstance(cell, Mark) else (HEAD if is_total else "", "")
            text = cell.text if isinstance(cell, Mark) else cell
            colour = f'<w:color w:val="{ink[1:]}"/>' if ink else ""
            run = self.ink.run("head" if is_total else "table", text, colour + self.more)
            style = "TableNumber" if column.is_number else "TableText"
            cells.append(self._cell(width, fill, _paragraph(style, [run], kept)))
        return _row(cells)

    def across(self, text: str) -> str:
        """One cell over all columns."""
        paragraph = _paragraph("TableText", [self.ink.run("table", text)], '<w:jc w:val="center"/>')
        return _row([self._cell(sum(self.widths), "", paragraph, len(self.widths))])

    def _cell(self, width: int, fill: str, paragraph: str, columns: int = 1) -> str:
        span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill[1:]}"/>' if fill else ""
        properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}{shade}<w:vAlign w:val="center"/>'
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph}</w:tc>"


def _row(cells: Iterable[str], more: str = "") -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{more}</w:trPr>{''.join(cells)}</w:tr>"


def _paragraph(style: str, runs: list[str], more: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{"".join(runs)}</w:p>'


def _widths(columns: tuple[Heading, ...], breadth: int) -> list[int]:
    """The shares of the breadth in whole twentieths of a point; together exactly the breadth."""
    whole = sum(column.share for column in columns)
    ends = [round(breadth * sum(c.share for c in columns[: n + 1]) / whole) for n in range(len(columns))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
