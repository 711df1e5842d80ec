"""What the commands that work on a week share: the plan they mean, and the week as it was typed."""

from datetime import date

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from tasks_tracker.models import Plan
from tasks_tracker.rules.weeks import UnknownWeek, format_week, parse_week


def current_plan() -> Plan:
    """The plan that is tracked. Raises CommandError before any is set up."""
    try:
        return Plan.objects.current()
    except Plan.DoesNotExist:
        raise CommandError(_("There is no plan yet.")) from None


def typed_week(text: str | None, *, default: date, latest: date, too_late: str) -> date:
    """The week as typed (2026-W47), or `default`. Raises CommandError for no week, or one after `latest`.

    `too_late` says in the user's language what is wrong with that, with a place for %(week)s.
    """
    try:
        week = parse_week(text) if text else default
    except UnknownWeek:
        raise CommandError(_("“%s” is not a week. Write it as 2026-W47.") % text) from None
    if week > latest:
        raise CommandError(too_late % {"week": format_week(week)})
    return week
