"""The audit log, for the audit administrator only."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks_tracker.forms.filters import AuditFilter
from tasks_tracker.models import AuditEntry
from tasks_tracker.permissions import can_read_audit_log
from tasks_tracker.tables.audit import AuditTable, action_words, object_words
from tasks_tracker.tables.pages import page_of


@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Every act on record, narrowed by who, what, on which object and when."""
    if not can_read_audit_log(request.user):
        raise PermissionDenied(_("Only the audit administrator reads the audit log."))
    form = AuditFilter(
        request.GET,
        actions=[(code, action_words(code)) for code in _occurring("action")],
        object_types=[(code, object_words(code)) for code in _occurring("object_type")],
    )
    entries = _asked_for(form)
    context = {
        "form": form,
        "chips": form.chips(),
        "table": page_of(AuditTable(entries), request),
        "number": entries.count(),
        "all_url": reverse("audit_log"),
    }
    return render(request, "audit/log.html", context)


def _occurring(name: str) -> list[str]:
    return list(AuditEntry.objects.order_by(name).values_list(name, flat=True).distinct())


def _asked_for(form: AuditFilter) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.select_related("by")
    if who := form.good("by"):
        entries = entries.filter(Q(by__username__icontains=who) | Q(by__display_name__icontains=who))
    for name in ("action", "object_type", "object_id"):
        if value := form.good(name):
            entries = entries.filter(**{name: value})
    if since := form.good("since"):
        entries = entries.filter(at__gte=_midnight(since))
    if until := form.good("until"):
        entries = entries.filter(at__lt=_midnight(until + timedelta(days=1)))
    return entries


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
