"""The audit row of an act, written inside the act's transaction."""

from typing import Any

from django.db import models

from tasks_tracker.models import AuditEntry, User


def record(
    *,
    by: User | None,
    action: str,
    obj: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add a row: who did `action` to `obj`, with plain values before and after. `by` is None for jobs."""
    return AuditEntry.objects.create(
        by=by,
        action=action,
        object_type=obj._meta.model_name or "",
        object_id=str(obj.pk),
        before=before or {},
        after=after or {},
    )
