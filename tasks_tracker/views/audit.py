"""The audit log, for the audit administrator only: to look at, and to take along."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import audit
from tasks_tracker.forms.filters import AuditFilter
from tasks_tracker.models import AuditEntry
from tasks_tracker.permissions import check_can_read_audit_log
from tasks_tracker.tables.audit import AuditTable, action_words, object_words
from tasks_tracker.tables.audit_csv import csv_lines
from tasks_tracker.tables.pages import page_of

ROWS_AT_A_TIME = 1_000


@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Every act on record, narrowed by who, from where, what, on which object and when."""
    check_can_read_audit_log(request.user)
    form = _filter(request)
    entries = _asked_for(form)
    context = {
        "form": form,
        "chips": form.chips(),
        "table": page_of(AuditTable(entries), request),
        "number": entries.count(),
        "all_url": reverse("audit_log"),
        "export_url": f"{reverse('audit_export')}?{request.GET.urlencode()}",
    }
    return render(request, "audit/log.html", context)


@require_POST
def audit_export(request: HttpRequest) -> StreamingHttpResponse:
    """What the same filters show, as a file; that it was taken along is on record."""
    check_can_read_audit_log(request.user)
    form = _filter(request)
    entries = _asked_for(form)
    filters = {chip.label: chip.value for chip in form.chips()}
    own = audit.record_export(by=request.user, entries=entries.count(), filters=filters)
    rows = entries.filter(pk__lt=own.pk).order_by("pk").iterator(ROWS_AT_A_TIME)
    name = f"{_('Audit log')}_{timezone.localdate().isoformat()}.csv"
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _filter(request: HttpRequest) -> AuditFilter:
    return AuditFilter(
        request.GET,
        actions=[(code, action_words(code)) for code in _occurring("action")],
        object_types=[(code, object_words(code)) for code in _occurring("object_type")],
    )


def _occurring(name: str) -> list[str]:
    return list(AuditEntry.objects.order_by(name).values_list(name, flat=True).distinct())


def _asked_for(form: AuditFilter) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.select_related("by")
    if who := form.good("by"):
        entries = entries.filter(Q(by__username__icontains=who) | Q(by__display_name__icontains=who))
    if address := form.good("address"):
        entries = entries.filter(address__startswith=address)
    for name in ("channel", "action", "object_type", "object_id"):
        if value := form.good(name):
            entries = entries.filter(**{name: value})
    if since := form.good("since"):
        entries = entries.filter(at__gte=_midnight(since))
    if until := form.good("until"):
        entries = entries.filter(at__lt=_midnight(until + timedelta(days=1)))
    return entries


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
