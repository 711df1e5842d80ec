"""The page of one work item, as it stood in a week."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from tasks_tracker.actions.supervision import can_be_set
from tasks_tracker.charts.item import DayPoint, item_curve
from tasks_tracker.forms.lifecycle import StepForm
from tasks_tracker.forms.supervision import LightForm
from tasks_tracker.models import Milestone, PlanChange, Problem, ProgressReport, Reason, ReportStatus, User
from tasks_tracker.permissions import can_override_light, can_report, can_supervise
from tasks_tracker.queries.changes import days_moved
from tasks_tracker.queries.history import SAME_IN_A_ROW, ItemPage, Told, item_page
from tasks_tracker.queries.indicators import indicators_of
from tasks_tracker.queries.problems import cases_of
from tasks_tracker.queries.signals import on_item, up_to
from tasks_tracker.queries.slips import ladder
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.tables.changes import change_words, leads_of
from tasks_tracker.templatetags.formats import (
    labelled,
    percent,
    percent_sign,
    points,
    week_label,
    week_span,
)
from tasks_tracker.templatetags.shapes import Entry, Mark, Reply, Twin
from tasks_tracker.views.item_why import item_because
from tasks_tracker.views.policy import policy_address
from tasks_tracker.views.signatures import moment, signatures
from tasks_tracker.views.steps import steps_of
from tasks_tracker.views.trail import item_trail
from tasks_tracker.views.weeks import address, week_of_page

SHOWN_AT_FIRST = 12
KINDS = ("all", "problems", "returned")
# What each reason of the light means, with the numbers that decided. Thresholds are the plan's.
RULES = {
    Reason.CLOSED: gettext_lazy("Closed: it counts as 100%%, whatever was reported last."),
    Reason.SUSPENDED: gettext_lazy("Suspended: it is in no figure and listed apart."),
    Reason.STARTS_LATER: gettext_lazy("It starts on %(starts)s, after %(day)s."),
    Reason.DUE_DAY_PASSED: gettext_lazy(
        "The due day %(due)s has passed on %(day)s and the item is not closed."
    ),
    Reason.SEVERELY_BEHIND: gettext_lazy(
        "On %(day)s it stands at %(percent)s, planned %(planned)s: variance %(variance)s, below %(severely)s."
    ),
    Reason.BEHIND_PLAN: gettext_lazy(
        "On %(day)s it stands at %(percent)s, planned %(planned)s: variance %(variance)s, below %(behind)s."
    ),
    Reason.SLIGHTLY_BEHIND: gettext_lazy(
        "On %(day)s it stands at %(percent)s, planned %(planned)s: variance %(variance)s, below %(at_risk)s."
    ),
    Reason.DUE_SOON: gettext_lazy(
        "It is due on %(due)s, within %(soon)s days of %(day)s, and stands below 100%%."
    ),
    Reason.REPORT_MISSING: gettext_lazy("The cut-off has passed and the report that is owed is missing."),
    Reason.NOT_YET_REPORTED: gettext_lazy("Nothing has been reported yet, and no report is missing."),
    Reason.AS_PLANNED: gettext_lazy(
        "On %(day)s it stands at %(percent)s, planned %(planned)s: "
        "variance %(variance)s is not below %(at_risk)s."
    ),
}


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """Figures, curve, reports with decisions, plan and its changes, policy, and the same item elsewhere."""
    return item_page_response(request, code)


def item_page_response(
    request: HttpRequest,
    code: str,
    *,
    light_form: LightForm | None = None,
    tried: tuple[str, StepForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `light_form` and `tried` hold what was refused. Raises Http404 for an item not there."""
    shown = week_of_page(request)
    page = item_page(shown, request.user, code)
    if page is None:
        raise Http404(_("There is no such work item in this week, or it is not yours to see."))
    marks = [_mark(milestone, page) for milestone in page.milestones]
    context = {
        "page": page,
        "shown": shown,
        "item": page.item,
        "standing": page.standing,
        "reason": _override_words(page) or _reason_words(page),
        "computed_reason": _reason_words(page),
        "because": item_because(page, _reason_words(page), _override_words(page)),
        "light_form": light_form or _light_form(request, page),
        "curve": _curve(page),
        "curve_label": _curve_label(page),
        "curve_table": _curve_table(page),
        "marks": marks,
        "met": sum(mark.tone == "met" for mark in marks),
        "changes": _changes(page),
        "report_url": _report_url(request, page),
        "ladder": ladder(page.item),
        "cases": cases_of(page.item, request.user, None if shown.is_latest else shown.week),
        "signals": on_item(page.item, up_to(shown)),
        "links": _links(page, request.user),
        "trail": item_trail(request, page),
        "indicators": indicators_of(page.item, shown),
        "may_add_indicator": can_supervise(request.user),
    }
    context |= _history(request, page) | steps_of(request, page, tried)
    return render(request, "plan/item.html", context, status=status)


def _links(page: ItemPage, user: User) -> dict[str, str]:
    """Where the names on the page lead, in the same week."""
    measure, lead = page.item.measure, page.standing.lead
    task = measure.key_task
    is_seen = lead.path.startswith(user.scope.path)
    return {
        "items": address("items", page.shown),
        "key_task": address("key_task", page.shown, task.number) if task else "",
        "measure": address("items", page.shown, measure=measure.code),
        "policy": policy_address(page.shown, measure),
        "region": address("region", page.shown, page.item.region.code),
        "lead": address("actor", page.shown, lead.code) if is_seen else "",
        "week": "" if page.shown.is_latest else format_week(page.shown.week),
    }


def _report_url(request: HttpRequest, page: ItemPage) -> str:
    """Where the reporter of the lead logs this week, or "" for everybody else."""
    running = page.standing.due or page.standing.filing  # type: ignore[attr-defined]
    if not (page.shown.is_latest and running and can_report(request.user, page.item)):
        return ""
    return reverse("my_week_item", args=[page.item.code])


def _light_form(request: HttpRequest, page: ItemPage) -> LightForm | None:
    """For the supervisor of an item that has a light to set, in the newest week."""
    today = timezone.localdate()
    if not (
        page.shown.is_latest and can_be_set(page.item, today) and can_override_light(request.user, page.item)
    ):
        return None
    return LightForm(today=today)


def _override_words(page: ItemPage) -> str:
    """Who set the light by hand and why; empty where the computed one holds."""
    if page.override is None:
        return ""
    return _("Set by %(who)s through %(day)s: %(reason)s") % {
        "who": page.override.by,
        "day": page.override.expires_on.isoformat(),
        "reason": page.override.reason,
    }


def _reason_words(page: ItemPage) -> str:
    """The rule of the computed light that holds, with the numbers it was held against."""
    limits, standing = page.shown.rollup, page.standing
    values = {
        "percent": percent_sign(page.percent, 2),
        "planned": percent_sign(page.planned, 2),
        "variance": points(page.variance, 2),
        "day": page.day.isoformat(),
        "due": standing.due_on.isoformat(),
        "starts": standing.starts_on.isoformat(),
        "severely": points(limits.severely_behind_below, 0),
        "behind": points(limits.behind_below, 0),
        "at_risk": points(limits.at_risk_below, 0),
        "soon": limits.due_soon_days,
    }
    reason = standing.computed_reason  # type: ignore[attr-defined]
    return str(RULES[reason]) % values if reason else str(standing.get_state_display())


def _curve(page: ItemPage) -> dict[str, Any]:
    plan = [DayPoint(date.fromordinal(s.from_day), s.from_percent) for s in page.segments]
    if page.segments:
        last = page.segments[-1]
        plan.append(DayPoint(date.fromordinal(last.until_day), last.until_percent))
    steps = [DayPoint(step.week, step.percent) for step in page.steps]
    today = DayPoint(page.day, steps[-1].percent) if steps else None
    returned = [
        DayPoint(told.report.week, told.report.percent or 0)
        for told in reversed(page.reports)
        if told.report.status == ReportStatus.RETURNED
    ]
    planned = DayPoint(page.day, int(page.standing.planned))
    return item_curve(steps, plan, returned, today, planned)


def _curve_label(page: ItemPage) -> str:
    return _("Reported %(percent)s, planned %(planned)s on %(day)s.") % {
        "percent": percent_sign(page.percent),
        "planned": percent_sign(page.planned),
        "day": page.day.isoformat(),
    }


def _curve_table(page: ItemPage) -> Twin:
    rows = [[week_label(step.week), percent(step.percent)] for step in reversed(page.steps)]
    return Twin(head=[_("Counts from week"), _("Percent")], rows=rows)


def _history(request: HttpRequest, page: ItemPage) -> dict[str, Any]:
    """The reports of the kind asked for: the newest ones, or all on request."""
    kind = request.GET.get("reports", "all")
    kind = kind if kind in KINDS else "all"
    groups = {
        "all": page.reports,
        "problems": [told for told in page.reports if told.report.problems.all()],
        "returned": [told for told in page.reports if told.report.status == ReportStatus.RETURNED],
    }
    words = {"all": _("All"), "problems": _("With problems"), "returned": _("Returned")}
    chosen = groups[kind]
    cut = len(chosen) if "older" in request.GET else SHOWN_AT_FIRST
    return {
        "entries": [_entry(told, page.shown.week) for told in chosen[:cut]],
        "earlier": len(chosen[cut:]),
        "kind": kind,
        "kinds": [(name, f"{words[name]} {len(groups[name])}") for name in KINDS],
        "number_of_reports": len(page.reports),
    }


TONES = {
    ReportStatus.ACCEPTED: "done",
    ReportStatus.RETURNED: "returned",
    ReportStatus.SUBMITTED: "waiting",
    ReportStatus.REVIEWED: "waiting",
}


def _entry(told: Told, shown: date) -> Entry:
    report = told.report
    return Entry(
        heading=_week_words(report.week, shown),
        sub=_sub(report),
        tone=TONES.get(ReportStatus(report.status), "plain"),
        status=str(report.get_status_display()),
        value=percent_sign(report.percent) if report.percent is not None else "",
        change=told.change,
        signatures=signatures(report),
        files=list(report.evidence.all()),
        facts=[(label, text) for label, text in _facts(report) if text],
        flag=_flag(told),
        reply=_reply(report),
    )


def _week_words(week: date, shown: date) -> str:
    """The number alone within the year of the page."""
    year, number, _day = week.isocalendar()
    return week_label(week) if year != shown.isocalendar().year else _("week %(n)s") % {"n": number}


def _sub(report: ProgressReport) -> str:
    span = week_span(report.week)
    if report.version == 1:
        return span
    return _("%(span)s, version %(version)s") % {"span": span, "version": report.version}


def _facts(report: ProgressReport) -> Iterable[tuple[str, str]]:
    yield _("Progress note"), report.progress_note
    for problem in report.problems.all():
        yield _("Problem"), _problem(problem)
    yield _("Next steps"), report.next_steps
    yield _("Why it fell"), report.decrease_reason


def _problem(problem: Problem) -> str:
    parts = [labelled(problem.get_kind_display(), problem.description)]
    if problem.needed:
        parts.append(_("Needed: %(what)s") % {"what": problem.needed})
    if problem.needed_from:
        parts.append(_("From: %(whom)s") % {"whom": problem.needed_from.label})
    return "\n".join(parts)


def _flag(told: Told) -> str:
    """What a reader should know about this version at a glance."""
    words = []
    if told.unchanged >= SAME_IN_A_ROW:
        words.append(
            ngettext(
                "no change for %(n)s week in a row", "no change for %(n)s weeks in a row", told.unchanged
            )
            % {"n": told.unchanged}
        )
    elif told.report.no_change:
        words.append(_("no change"))
    if told.report.is_late:
        words.append(_("late"))
    if told.report.counted_week and told.report.counted_week != told.report.week:
        words.append(_("counted in %(week)s") % {"week": format_week(told.report.counted_week)})
    return " · ".join(words)


def _reply(report: ProgressReport) -> Reply | None:
    if report.decided_by is None or report.decided_at is None:
        return None
    returned = report.status == ReportStatus.RETURNED
    return Reply(
        text=report.return_reason if returned else _("Accepted"),
        who=str(report.decided_by),
        when=moment(report.decided_at),
        tone="returned" if returned else "done",
    )


def _mark(milestone: Milestone, page: ItemPage) -> Mark:
    """Met when it was reached, or when the item stands where the milestone asks it to stand."""
    reached = milestone.reached_on if milestone.reached_on and milestone.reached_on <= page.day else None
    days = (milestone.due_on - (reached or page.day)).days
    if reached:
        tone, note = "met", _late_or_early(days)
    elif page.percent is not None and page.percent >= milestone.percent:
        tone, note = "met", ""
    elif days < 0:
        tone, note = "missed", ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}
    else:
        tone = "now" if days <= 7 else "coming"
        note = ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days} if days else _("today")
    return Mark(name=milestone.title, due=milestone.due_on, tone=tone, note=note, percent=milestone.percent)


def _late_or_early(days: int) -> str:
    if days > 0:
        return ngettext("%(n)s day early", "%(n)s days early", days) % {"n": days}
    if days < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}
    return _("on the day")


def _changes(page: ItemPage) -> list[dict[str, Any]]:
    """The recorded changes, their values in words."""
    leads = leads_of(page.changes)
    return [_change(change, *change_words(change, leads)) for change in page.changes]


def _change(change: PlanChange, old: str, new: str) -> dict[str, Any]:
    return {
        "change": change,
        "field": change.get_field_display(),
        "old": old,
        "new": new,
        "days": days_moved(change),
        "at": moment(change.at),
    }
