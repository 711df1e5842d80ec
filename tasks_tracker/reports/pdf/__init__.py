"""Writes a paper as PDF, and pictures for other formats, with typst. It has never heard of the database.

Text reaches the templates of this folder as data and is never read as markup. The templates reach no file
outside the folder and no network.
"""

from tasks_tracker.reports.paper import Paper, Table
from tasks_tracker.reports.pdf.data import report, sheet_of_pictures
from tasks_tracker.reports.pdf.typesetter import NoChineseFont, typeset
from tasks_tracker.reports.pictures import Picture

__all__ = ["NoChineseFont", "draw", "write"]

DOTS = 240  # per inch, of pictures
# Tags tell a screen reader where a table has its rows. They are 2 KB a row: a ledger of thousands has none.
MOST_CELLS = 5_000


def write(paper: Paper) -> bytes:
    """The paper as PDF. Raises `NoChineseFont` where it needs one and the server has none."""
    cells = sum(
        len(block.rows) * len(block.columns)
        for part in (*paper.parts, *paper.annexes)
        for block in part.blocks
        if isinstance(block, Table)
    )
    (pdf,) = typeset("report.typ", report(paper), "pdf", tags=cells <= MOST_CELLS)
    return pdf


def draw(pictures: tuple[Picture, ...], language: str) -> list[bytes]:
    """The pictures as PNG, 156 mm wide. Raises `NoChineseFont` likewise."""
    if not pictures:
        return []
    return typeset("pages.typ", sheet_of_pictures(pictures, language), "png", dots=DOTS)
