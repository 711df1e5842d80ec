"""The audit log is only ever added to, through whatever door one comes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tasks_tracker.actions import audit
from tasks_tracker.models import AppendOnly, AuditEntry, AuditSeal
from tests.factories import make_item
from tests.factories.cast import Cast

CHANGES: dict[str, Callable[[Any], object]] = {
    "update": lambda model: model.objects.update(at=timezone.now()),
    "update through the base manager": lambda model: model._base_manager.update(at=timezone.now()),
    "delete": lambda model: model.objects.all().delete(),
    "delete one": lambda model: model.objects.get().delete(),
    "save again": lambda model: model.objects.get().save(),
    "save a field": lambda model: model.objects.get().save(update_fields=["at"]),
    "save by force": lambda model: model.objects.get().save(force_update=True),
    "bulk update": lambda model: model.objects.bulk_update([model.objects.get()], ["at"]),
    "update or create": lambda model: model.objects.update_or_create({"at": timezone.now()}, pk=1),
    "put in the place": lambda model: model.objects.bulk_create(
        [model.objects.get()], update_conflicts=True, update_fields=["at"], unique_fields=["pk"]
    ),
    "swallow a conflict": lambda model: model.objects.bulk_create(
        [model.objects.get()], ignore_conflicts=True
    ),
}


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values_list()) for model in (AuditEntry, AuditSeal)]


@pytest.fixture
def entry(cast: Cast) -> AuditEntry:
    entry = audit.record(by=cast.li, action="assign_item", obj=make_item("HB-1"), after={"item": "HB-1"})
    audit.seal_entries(now=timezone.now())
    return entry


@pytest.mark.parametrize("model", [AuditEntry, AuditSeal])
@pytest.mark.parametrize("way", CHANGES)
def test_a_row_is_neither_changed_nor_removed(way: str, model: Any, entry: AuditEntry) -> None:
    before = everything()
    with pytest.raises(AppendOnly):
        CHANGES[way](model)
    assert everything() == before


def test_an_entry_that_bears_the_number_of_another_is_refused(entry: AuditEntry) -> None:
    before = everything()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry(pk=entry.pk, action="x", object_type="plan", object_id="1", mac="0" * 96).save()
    assert everything() == before


def test_a_copy_of_an_entry_and_one_without_a_code_are_refused(entry: AuditEntry) -> None:
    for mac in (entry.mac, ""):
        copy = AuditEntry.objects.get()
        copy.pk, copy.mac, copy._state.adding = None, mac, True
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()


def test_who_has_acted_stays(entry: AuditEntry, cast: Cast) -> None:
    with pytest.raises(ProtectedError):
        cast.li.delete()


def test_the_administration_pages_do_not_know_the_log() -> None:
    assert not {AuditEntry, AuditSeal} & set(admin.site._registry)
