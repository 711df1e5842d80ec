"""`manage.py collect_problems`: makes the ledger of problems from reports accepted before there was one."""

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import ngettext

from tasks_tracker.actions.cases import collect_cases
from tasks_tracker.models import WorkItem

ITEMS_AT_A_TIME = 1_000


class Command(BaseCommand):
    """Once, after the upgrade that brings the ledger."""

    help = (
        "Follow the problems of the accepted reports of work items that have none in the ledger yet. "
        "Nobody is told. Doing it twice changes nothing more."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        items = iter(WorkItem.objects.order_by("pk").values_list("pk", flat=True))
        made = 0
        while chunk := list(islice(items, ITEMS_AT_A_TIME)):
            with transaction.atomic():
                made += collect_cases(items=chunk)
        self.stdout.write(ngettext("%(n)d problem collected", "%(n)d problems collected", made) % {"n": made})
