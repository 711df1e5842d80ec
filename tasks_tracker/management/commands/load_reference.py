"""Loads what every installation starts from: regions, actors, industries, and the outline of the policy."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from tasks_tracker.models import Actor

# In this order each row finds the rows that it names.
FIXTURES = (
    "reference/regions.json",
    "reference/region_groups.json",
    "reference/actors.json",
    "reference/industries.json",
    "policy/key_tasks.json",
    "policy/measures.json",
)


class Command(BaseCommand):
    help = (
        "Load the reference data and the outline of the policy. Rows are found by their codes: loading again "
        "adds nothing, sets changed rows back to the fixtures, and leaves rows of your own alone."
    )

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        with transaction.atomic():  # either all of it is there or none
            call_command("loaddata", *FIXTURES, verbosity=0)
            _save_paths()
        if verbosity:
            folder = Path(settings.BASE_DIR) / "fixtures"
            rows = sum(len(json.loads((folder / name).read_text("utf-8"))) for name in FIXTURES)
            self.stdout.write(_("Reference data loaded: %(rows)d rows.") % {"rows": rows})


def _save_paths() -> None:
    """`loaddata` writes past `Actor.save`, which keeps `path`: save once more, from the roots down."""
    actors = list(Actor.objects.filter(parent=None))
    while actors:
        for actor in actors:
            actor.save(update_fields=["path"])
        actors = list(Actor.objects.filter(parent__in=actors).select_related("parent"))
