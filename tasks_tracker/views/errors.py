"""Error pages that say what happened and what to do, and the page before anything is set up."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tasks_tracker.models import Plan
from tasks_tracker.permissions import can_edit_plan
from tasks_tracker.queries.weeks import NothingRolledUp
from tasks_tracker.templatetags.formats import with_query


class Missing(Http404):
    """Something is not there, with words for the user (a plain Http404 has only words for developers)."""


class NoSuchWeek(Missing):
    """The week in the address is none; the same page without it is there."""


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, with the reason where there is one for the user."""
    reason = str(exception) if isinstance(exception, Missing) else ""
    without_week = ""
    if isinstance(exception, NoSuchWeek):
        without_week = with_query(request.get_full_path(), week=None)
    return render(request, "404.html", {"reason": reason, "without_week": without_week}, status=404)


def set_up_first(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: before there is a plan and a rolled-up week, pages say what is still to be done."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, (Plan.DoesNotExist, NothingRolledUp)):
            context = {"may_set_up": can_edit_plan(request.user), "has_plan": Plan.objects.exists()}
            return render(request, "set_up_first.html", context, status=503)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
