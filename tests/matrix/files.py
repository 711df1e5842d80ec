"""Files that people of the world have sent before anybody asks: a ledger, and the workbook of a week."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tasks_tracker.actions.imports import Choices, check_ledger, send_ledger
from tasks_tracker.models import Problem, User
from tests.views.workbooks import downloaded, filled, uploaded

NAMELESS = "无名单位"  # no unit is called so


class Again(SimpleUploadedFile):
    """A file that several people send, one after the other, each time from its beginning."""

    def read(self, *size: int) -> bytes:
        self.seek(0)
        return super().read(*size)


def ledger(title: str, unit: str = "hubei", measure: str = "1.1") -> bytes:
    """A ledger of an office: a row that would be new, and one whose unit nobody knows."""
    rows = (
        "举措,事项,牵头单位,时限",
        *(f"{measure},{title}{n},{u},2026年底" for n, u in ((1, unit), (2, NAMELESS))),
    )
    return "\n".join(rows).encode()


def send_ledger_of(side: Any, by: User, now: datetime) -> None:
    """A ledger that was sent and checked."""
    measure, unit = side.item.measure.code, side.item.lead.code
    content = ledger(side.marks.title, unit, measure)
    made = send_ledger(
        plan=side.item.plan, content=content, file_name=f"{side.marks.result}.csv", by=by, now=now
    )
    check_ledger(plan_import=made, choices=Choices.of(made), seen=made.revision, by=by, now=now)


def upload_workbook(side: Any) -> None:
    """The reporter has uploaded a filled-in workbook and not handed it in yet."""
    client = Client()
    client.force_login(side.reporter)
    row = {
        "percent": 0.4,
        "progress_note": "推进",
        "kind": str(Problem.Kind.FUNDS.label),
        "description": "资金",
    }
    uploaded(client, filled(downloaded(client), {side.unreported.code: row}))
