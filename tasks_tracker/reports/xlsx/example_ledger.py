"""A ledger to begin with: the columns with their usual headers, some rows, and what each column means."""

from collections.abc import Sequence
from typing import IO

import xlsxwriter

WIDTH = 20


def write(
    file: IO[bytes],
    *,
    names: tuple[str, str],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    meanings: Sequence[tuple[str, str]],
) -> None:
    """Two sheets of those `names`: the ledger, and the columns with their meanings."""
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
        plain = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        ledger = book.add_worksheet(names[0])
        ledger.set_column(0, len(header) - 1, WIDTH)
        ledger.freeze_panes(1, 0)
        ledger.write_row(0, 0, header, bold)
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                ledger.write_string(number, column, text, plain)
        words = book.add_worksheet(names[1])
        words.set_column(0, 0, WIDTH)
        words.set_column(1, 1, 4 * WIDTH)
        for number, meaning in enumerate(meanings):
            words.write_row(number, 0, meaning, plain)
