"""Writes a weekly workbook as .xlsx for WPS, Excel and LibreOffice. It has never heard of the database.

Rows go to disk as they are written (constant memory), so each sheet is written from top to bottom.
"""

from typing import IO

import xlsxwriter

from tasks_tracker.reports.document import Workbook
from tasks_tracker.reports.xlsx.cells import FONT, Formats, Pen, quoted
from tasks_tracker.reports.xlsx.lists import write_ledger, write_list, write_rules
from tasks_tracker.reports.xlsx.summary import write_summary
from tasks_tracker.reports.xlsx.workings import write_workings

__all__ = ["write"]


def write(document: Workbook, stream: IO[bytes]) -> int:
    """Write the workbook into the seekable `stream`; returns the number of rows of the ledger."""
    options = {
        "constant_memory": True,
        "in_memory": False,
        "remove_timezone": True,
        "default_format_properties": {**FONT},
    }
    with xlsxwriter.Workbook(stream, options) as book:
        about = {"title": document.title, "subject": document.subtitle, "author": document.author}
        book.set_properties(about)
        formats = Formats(book)
        words = document.words
        names = (
            words["summary"],
            document.ledger.name,
            document.behind.name,
            document.unreported.name,
            words["rules"],
            words["workings"],
        )
        summary, ledger, behind, unreported, rules, workings = (
            Pen(book.add_worksheet(name), formats, document) for name in names
        )
        rows, ranges = write_ledger(ledger, document)
        for name, cells in ranges.items():
            book.define_name(name, f"={quoted(document.ledger.name)}!{cells}")
        write_list(behind, document.behind)
        write_list(unreported, document.unreported)
        write_rules(rules, document)
        places = write_workings(workings, document)
        write_summary(summary, document, places, book)
        summary.sheet.activate()
    return rows
