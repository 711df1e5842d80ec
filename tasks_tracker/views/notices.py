"""The own notices: unread ones first, opened and marked as read by POST."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions.notices import read_notices
from tasks_tracker.models import Notice

PAGE_SIZE = 25


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """All of them, page by page."""
    is_read = Case(When(read_at=None, then=Value(0)), default=Value(1))
    found = Notice.objects.of(request.user).order_by(is_read, "-at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "unread": Notice.objects.of(request.user).unread().count(),
    }
    return render(request, "notices/notices.html", context)


@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it as read and go where it leads."""
    notice = get_object_or_404(Notice.objects.of(request.user), pk=pk)
    read_notices(by=request.user, now=timezone.localtime(), notice=notice.pk)
    return redirect(notice.link)


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark one (`notice`) or all as read, and stay."""
    number = request.POST.get("notice", "")
    read_notices(
        by=request.user,
        now=timezone.localtime(),
        notice=int(number) if number.isdecimal() else None,
    )
    return redirect("notices")
