"""Writes a paper as a Word document after GB/T 9704-2012. It has never heard of the database.

python-docx keeps the package, the footers and the pictures; the body is written as XML and read once, since
building a table of some thousand rows cell by cell would take a minute.
"""

from io import BytesIO

from docx import Document
from docx.document import Document as Word
from docx.shared import Mm

from tasks_tracker.reports import pdf
from tasks_tracker.reports.docx.markup import Ink
from tasks_tracker.reports.docx.packing import packed
from tasks_tracker.reports.docx.page import BREADTHS, Pages, dress
from tasks_tracker.reports.layout import closing, is_broad, small_print
from tasks_tracker.reports.letters import printable
from tasks_tracker.reports.paper import Block, Curve, Line, Paper, Part, Table, Tasks, TileMap
from tasks_tracker.reports.pictures import Picture, described

__all__ = ["write"]

PICTURE_WIDTH = Mm(156)


def write(paper: Paper) -> bytes:
    """The paper as .docx."""
    return _Writer(paper).write()


class _Writer:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.word: Word = Document()
        self.ink = Ink(is_chinese=paper.language.startswith("zh"))
        self.last = closing(paper)
        drawn = tuple(block for part in (*paper.parts, *paper.annexes) for block in _pictures(part))
        self.drawn = iter(pdf.draw(drawn, paper.language))
        self.broad = False

    def write(self) -> bytes:
        paper = self.paper
        dress(self.word, self.ink)
        self.pages = Pages(self.word, self.ink)
        self._masthead()
        for part in paper.parts:
            self._part(part, "Heading1")
        self._ending()
        for annex in paper.annexes:
            self.pages.end(broad=self.broad)
            self.broad = is_broad(annex)
            self._part(annex, "AnnexHeading")
        self.pages.end_of_all(broad=self.broad)
        about = self.word.core_properties
        about.title, about.subject = printable(paper.title)[:255], printable(paper.subtitle)[:255]
        about.author, about.language = printable(paper.office)[:255], paper.language
        return packed(self.word)

    def _masthead(self) -> None:
        paper = self.paper
        self._say("Serial", "body", f"{paper.serial}\t{paper.remark}")
        self._say("Title", "title", paper.title)
        self._say("Subtitle", "body", paper.subtitle)

    def _ending(self) -> None:
        small = small_print(self.paper)
        self._say("Ending", "body", "")
        self._say("Ending", "body", self.paper.office)
        self._say("Ending", "body", self.paper.dated, keep=bool(small))
        if small:
            self._say("Ending", "body", "")
        for number, words in enumerate(small, 1):
            self._say("Colophon", "table", words, keep=number < len(small))

    def _part(self, part: Part, style: str) -> None:
        self._say(style, "head", part.title)
        for block in part.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Line():
                self.pages.put(self.ink.line(block, is_last=block is self.last))
            case Table():
                if block.caption:
                    self._say("Caption", "head", block.caption)
                self.pages.put(self.ink.table(block, BREADTHS[self.broad]))
                self._say("TableNote", "table", block.note)
            case Tasks() | TileMap() | Curve():
                self._picture(block)

    def _picture(self, block: Picture) -> None:
        """The picture in the line, with what it shows in words for those who cannot see it."""
        inline = self.word.part.new_pic_inline(BytesIO(next(self.drawn)), width=PICTURE_WIDTH)
        self.pages.pictures += 1
        inline.docPr.set("id", str(self.pages.pictures))
        inline.docPr.set("descr", printable(described(block)))
        inline.docPr.set("title", printable(block.caption))
        self.pages.put(self.ink.around(inline.xml))
        self._say("PictureCaption", "head", block.caption)

    def _say(self, style: str, role: str, text: str, *, keep: bool = True) -> None:
        self.pages.put(self.ink.paragraph(style, role, text, keep=keep))


def _pictures(part: Part) -> list[Picture]:
    return [block for block in part.blocks if isinstance(block, Tasks | TileMap | Curve)]
