"""The evidence of the demonstration: a few small documents, shown under many names.

The store keeps a content once, so that a history of thousands of files costs a few kilobytes.
"""

import hashlib
from functools import cache
from random import Random

from django.core.files.base import ContentFile

from tasks_tracker.actions.demo.book import Book
from tasks_tracker.actions.demo.texts import marked, texts
from tasks_tracker.actions.evidence import path_of, store
from tasks_tracker.models import Evidence, ProgressReport, ReportStatus

SHARE = 0.12  # of the reports that say something new
KINDS = ("Acceptance record", "Photograph index", "Statistics")


@cache
def _documents() -> dict[str, bytes]:
    """SHA-256 → a one-page PDF that says what it is."""
    pages = [_pdf(f"Demonstration data: {kind}. Not a real document.") for kind in KINDS]
    return {hashlib.sha256(page).hexdigest(): page for page in pages}


def store_documents() -> None:
    """Put the documents into the store; what is there already stays."""
    for sha256, content in _documents().items():
        if not store().exists(path_of(sha256)):
            store().save(path_of(sha256), ContentFile(content))


def evidence_of(book: Book, report: ProgressReport) -> list[Evidence]:
    """None, one or two files, the same in every version of a week; drawn apart from what is reported."""
    rng = Random(f"{book.seed}/evidence/{book.item.code}/{report.week}")
    if report.status == ReportStatus.DRAFT or report.no_change or rng.random() >= SHARE:
        return []
    documents = rng.sample(sorted(_documents().items()), k=rng.choice((1, 1, 2)))
    names = rng.sample(texts()["evidence"], k=len(documents))
    return [
        Evidence(
            report=report,
            name=f"{marked(name)}.pdf",
            size=len(content),
            sha256=sha256,
            content_type="application/pdf",
            uploaded_by=report.written_by,
            uploaded_at=report.saved_at,
        )
        for name, (sha256, content) in zip(names, documents, strict=True)
    ]


def _pdf(text: str) -> bytes:
    """A page of A4 with one line of Latin text, by the letter of the format."""
    shown = f"BT /F1 16 Tf 72 760 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(page))
        page += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return page + end % (len(objects) + 1, table, len(objects) + 1, len(page))
