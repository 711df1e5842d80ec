"""What is sent about imports of ledgers."""

from collections.abc import Callable
from typing import Any

from tasks_tracker.models import PlanImport
from tests.matrix.files import NAMELESS, Again, ledger
from tests.matrix.world import Side, World
from tests.views.import_form import columns_as_shown


def import_of(side: Side) -> PlanImport:
    """The ledger that was sent for that side."""
    return PlanImport.objects.get(file_name=f"{side.marks.result}.csv")


def _seen(world: World, which: str) -> dict[str, Any]:
    return {"seen": import_of(world.side(which)).revision}


LEDGERS: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "plan_imports": lambda _w, _which: {"file": Again("台账.csv", ledger("新事项"))},
    "plan_import_columns": lambda w, which: columns_as_shown(w.editor, import_of(w.side(which))),
    "plan_import_names": lambda w, which: _seen(w, which) | {"text-0": NAMELESS, "name-0": "hubei"},
    "plan_import_confirm": _seen,
    "plan_import_discard": _seen,
    "plan_import_file": lambda _w, _which: {},
}
