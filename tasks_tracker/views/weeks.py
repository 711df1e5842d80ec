"""The week of a page, from its address, and the addresses that keep it."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tasks_tracker.permissions import can_see_business_data
from tasks_tracker.queries.weeks import ShownWeek, shown_week
from tasks_tracker.rules.weeks import UnknownWeek, format_week
from tasks_tracker.views.errors import NoSuchWeek


def week_of_page(request: HttpRequest) -> ShownWeek:
    """The week that `?week=` names, else the newest.

    Raises PermissionDenied for administrators, NoSuchWeek with words for a week that does not exist, and
    NothingRolledUp or Plan.DoesNotExist before anything is set up (see `views.errors`).
    """
    if not can_see_business_data(request.user):
        raise PermissionDenied(_("Administrators see no business data."))
    text = request.GET.get("week", "")
    try:
        return shown_week(text)
    except UnknownWeek:
        raise NoSuchWeek(
            _("There is no week “%(week)s” here. Weeks are written like 2026-W47.") % {"week": text[:20]}
        ) from None


def address(name: str, shown: ShownWeek, *args: object, **parameters: object) -> str:
    """The address of a page in the shown week; the newest week needs no parameter."""
    query = {key: value for key, value in parameters.items() if value not in (None, "")}
    if not shown.is_latest:
        query = {"week": format_week(shown.week)} | query
    path = reverse(name, args=args)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
