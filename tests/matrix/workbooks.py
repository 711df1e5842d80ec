"""What is sent about the week's workbook: the one that the reporter has uploaded, see `world.py`."""

from collections.abc import Callable
from typing import Any

from tasks_tracker.models import WeekUpload
from tests.matrix.files import Again
from tests.matrix.world import World


def kept_upload(world: World, which: str) -> WeekUpload:
    return WeekUpload.objects.get(uploaded_by=world.side(which).reporter)


WORKBOOKS: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "week_workbook_download": lambda _w, _which: {},
    "week_workbook_upload": lambda w, which: {
        "file": Again("填好.xlsx", bytes(kept_upload(w, which).content))
    },
    "week_workbook_confirm": lambda w, which: {
        "sha256": kept_upload(w, which).sha256,
        "rows": str(w.side(which).unreported.pk),
    },
    "week_workbook_copy": lambda _w, _which: {},
    "week_workbook_discard": lambda _w, _which: {},
}
