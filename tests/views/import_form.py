"""The form of the columns of a ledger, as a browser sends it back."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tasks_tracker.models import PlanImport


def columns_as_shown(client: Client, found: PlanImport, **changes: Any) -> dict[str, Any]:
    """What stands in the form, with `changes`."""
    form = client.get(reverse("plan_import_columns", args=[found.pk])).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    plain = {name: getattr(value, "pk", value) for name, value in shown.items()}
    kept = {name: value for name, value in plain.items() if value not in (None, False)}
    hidden = {"seen": found.revision, "sheet": form.choices.sheet, "header": form.choices.header}
    return kept | hidden | changes
