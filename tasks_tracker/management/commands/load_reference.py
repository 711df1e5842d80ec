"""Loads what every installation starts from: regions, actors, industries, and the outline of the policy."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from tasks_tracker.models import Actor, AuditEntry, KeyTask, WeightChange

# In this order each row finds the rows that it names.
FIXTURES = (
    "reference/regions.json",
    "reference/region_groups.json",
    "reference/actors.json",
    "reference/industries.json",
    "policy/key_tasks.json",
    "policy/measures.json",
)
# What supervisors and administrators change on their pages.
THEIRS = tuple(name for name in FIXTURES if name != "reference/industries.json")


class Command(BaseCommand):
    help = (
        "Load the reference data and the outline of the policy. Rows are found by their codes: loading again "
        "adds nothing, sets changed rows back to the fixtures (but for weights with a recorded change), and "
        "leaves rows of your own alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep-changes",
            action="store_true",
            help="leave all but the industries as they are, and add what is missing and was not deleted",
        )

    def handle(self, *args: Any, verbosity: int, keep_changes: bool, **options: Any) -> None:
        kept = THEIRS if keep_changes else ()
        with transaction.atomic():  # either all of it is there or none
            for name in FIXTURES:
                if name in kept:
                    _add_missing(name)
                else:
                    call_command("loaddata", name, verbosity=0)
            _save_paths()
            _keep_recorded_weights()
        if verbosity:
            folder = Path(settings.BASE_DIR) / "fixtures"
            rows = sum(len(json.loads((folder / name).read_text("utf-8"))) for name in FIXTURES)
            self.stdout.write(_("Reference data loaded: %(rows)d rows.") % {"rows": rows})


def _add_missing(name: str) -> None:
    """The rows of the fixture whose code is not there yet. A row that is found has its number already."""
    text = (Path(settings.BASE_DIR) / "fixtures" / name).read_text("utf-8")
    for row in serializers.deserialize("json", text):
        if row.object.pk is None and not _was_deleted(row.object):
            row.save()


def _was_deleted(row: Model) -> bool:
    """Somebody deleted it on the pages: it does not come back by itself."""
    name, value = ("number", row.number) if isinstance(row, KeyTask) else ("code", row.code)  # type: ignore[attr-defined]
    deleted = AuditEntry.objects.filter(action=f"delete_{row._meta.model_name}", **{f"before__{name}": value})
    return deleted.exists()


def _keep_recorded_weights() -> None:
    """A weight holds from the week of its change on: the fixtures' must not hold for weeks long gone."""
    for change in WeightChange.objects.select_related("key_task", "measure").order_by("week", "pk"):
        row = change.measure or change.key_task
        if row and row.weight != change.new_weight:
            row.weight = change.new_weight
            row.save(update_fields=["weight"])


def _save_paths() -> None:
    """`loaddata` writes past `Actor.save`, which keeps `path`: save once more, from the roots down."""
    actors = list(Actor.objects.filter(parent=None))
    while actors:
        for actor in actors:
            actor.save(update_fields=["path"])
        actors = list(Actor.objects.filter(parent__in=actors).select_related("parent"))
