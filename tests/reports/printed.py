"""Reading papers back: the parts of Word documents, and the pages that LibreOffice and typst make."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from pypdf import PdfReader

from tasks_tracker.reports.paper import Curve, Line, Mark, Paper, Table, Tasks, TileMap
from tests.reports.spreadsheets import opened

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PAGE_NUMBER = re.compile(r"^\s*— ?\d+ ?—\s*$", re.M)


@dataclass(frozen=True)
class Written:
    """A paper in the three formats, and the Word document as LibreOffice prints it."""

    paper: Paper
    files: dict[str, bytes]
    word: bytes


def print_word(documents: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """The documents as PDF, all in one call of LibreOffice: it starts slowly."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice prints the documents; it is not installed (libreoffice-writer)")
    for name, data in documents.items():
        (folder / f"{name}.docx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    paths = [str(folder / f"{name}.docx") for name in documents]
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *paths]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return {name: (folder / f"{name}.pdf").read_bytes() for name in documents}


def pages(pdf: bytes) -> list[str]:
    """The text of each page, cell by cell, without its number."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    text = done.stdout.decode()
    return [PAGE_NUMBER.sub("", page) for page in text.removesuffix("\f").split("\f")]


def lines(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.strip()]


def bare(text: str) -> str:
    """Text without white space: lines end where the page does."""
    return re.sub(r"\s", "", text)


def part(docx: bytes, name: str) -> str:
    """A part of a Word document."""
    with zipfile.ZipFile(BytesIO(docx)) as package:
        return package.read(name).decode()


def word_texts(docx: bytes) -> list[str]:
    """All that a Word document says, in its order."""
    document = Document(BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def book_texts(xlsx: bytes) -> list[str]:
    """All texts of a workbook."""
    book = openpyxl.load_workbook(BytesIO(xlsx))
    return [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]


def book_numbers(xlsx: bytes) -> set[float]:
    """All numbers of a workbook, those of formulas as they are stored."""
    return {
        round(cell.value, 9)
        for sheet in opened(xlsx)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int | float)
    }


def texts_of(paper: Paper) -> list[str]:
    """All that a paper says outside its pictures."""
    said = [paper.title, paper.office, paper.dated, paper.subtitle, paper.signer]
    for each in (*paper.parts, *paper.annexes):
        said.append(each.title)
        for block in each.blocks:
            match block:
                case Line():
                    said.append(block.lead + block.text)
                case Table():
                    said += [block.caption, *(column.text for column in block.columns)]
                    said += [
                        cell.text if isinstance(cell, Mark) else cell for row in block.rows for cell in row
                    ]
                    said += [block.note] if block.rows else [block.empty]
                case Tasks() | TileMap() | Curve():
                    said.append(block.caption)
    return [text for text in said if text]


def headings_of(paper: Paper) -> list[str]:
    """Parts, sections and points, in their order."""
    found = []
    for each in (*paper.parts, *paper.annexes):
        found.append(each.title)
        found += [block.text for block in each.blocks if isinstance(block, Line) and block.level != "text"]
    return found


def outline(pdf: bytes) -> list[str]:
    """The bookmarks, in their order."""
    flat: list[str] = []

    def walk(entries: list) -> None:  # type: ignore[type-arg]
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)
            else:
                flat.append(entry.title)

    walk(PdfReader(BytesIO(pdf)).outline)
    return flat
