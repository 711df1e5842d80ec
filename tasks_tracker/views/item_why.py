"""Why one work item stands where it stands, in sentences with its own numbers."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from tasks_tracker.models import State
from tasks_tracker.queries.explanation import Question
from tasks_tracker.queries.history import ItemPage
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.templatetags.formats import percent, percent_sign, points
from tasks_tracker.views.signatures import moment
from tasks_tracker.views.weeks import address

DIGITS = 2


class Because(NamedTuple):
    """A figure of the item and how it comes about; `url` leads to what the sentence names."""

    name: str
    text: str
    url: str = ""


def item_because(page: ItemPage, computed: str, by_hand: str) -> list[Because]:
    """Percent, plan, variance, weeks, light and what the item is in the figure of its measure.

    `computed` is the rule of the computed light, `by_hand` says who set another one, or is empty.
    """
    return [
        _percent(page),
        Because(_("Planned"), _planned(page)),
        *_variance(page),
        *([] if page.standing.decomposed else _light(computed, by_hand)),
        _weight(page),
    ]


def _percent(page: ItemPage) -> Because:
    name, standing, report = _("Percent"), page.standing, page.counted
    if standing.decomposed:
        return Because(name, _from_parts(page), "#parts")
    if standing.state == State.CLOSED:
        return Because(name, _("Closed: it counts as 100%."))
    if standing.starts_on > page.day:
        return Because(name, _("Its start lies ahead: it counts as 0%."))
    if report is None or report.decided_at is None:
        return Because(name, _("No report was accepted yet: unknown, which is neither 0% nor 100%."))
    unit = report.submitted_by and report.submitted_by.actor
    words = _(
        "%(percent)s, as %(who)s (%(unit)s) reported it for %(week)s; %(by)s accepted it on %(when)s."
    ) % {
        "percent": percent_sign(report.percent, DIGITS),
        "who": report.submitted_by,
        "unit": (unit or standing.lead).label,
        "week": format_week(report.week),
        "by": report.decided_by,
        "when": moment(report.decided_at),
    }
    return Because(name, words, "#reports")


def _from_parts(page: ItemPage) -> str:
    if page.parts is None or page.percent is None:
        return _("From its parts: nothing of them is known.")
    return _("From its parts: %(progress)s = %(lower)s lower bound ÷ %(coverage)s coverage.") % {
        "progress": percent_sign(page.percent, DIGITS),
        "lower": percent_sign(page.parts.lower, DIGITS),
        "coverage": percent_sign(page.coverage, DIGITS),
    }


def _planned(page: ItemPage) -> str:
    standing, piece = page.standing, page.segment
    if standing.decomposed and page.parts:
        return _("%(planned)s: what is planned for its parts, weighted.") % {
            "planned": percent_sign(page.planned, DIGITS)
        }
    if standing.starts_on > page.day:
        return _("0%% before the start on %(day)s.") % {"day": standing.starts_on.isoformat()}
    if standing.due_on <= page.day or piece is None:
        return _("100%% from the due day %(day)s on.") % {"day": standing.due_on.isoformat()}
    first, last = date.fromordinal(piece.from_day), date.fromordinal(piece.until_day)
    return _(
        "%(planned)s = %(low)s + (%(high)s − %(low)s) × %(gone)s ÷ %(run)s days: in a straight line "
        "from %(first)s to %(last)s, rounded down."
    ) % {
        "planned": percent_sign(page.planned, DIGITS),
        "low": percent_sign(piece.from_percent, DIGITS),
        "high": percent_sign(piece.until_percent, DIGITS),
        "gone": page.day.toordinal() - piece.from_day,
        "run": piece.until_day - piece.from_day,
        "first": _end(first, page),
        "last": _end(last, page),
    }


def _end(day: date, page: ItemPage) -> str:
    """An end of a straight piece of the plan: the start, a milestone or the due day."""
    words = {page.standing.starts_on: _("the start %(day)s"), page.standing.due_on: _("the due day %(day)s")}
    if day in words:
        return words[day] % {"day": day.isoformat()}
    title = next((mark.title for mark in page.milestones if mark.due_on == day), "")
    return _("milestone “%(title)s” %(day)s") % {"title": title or "–", "day": day.isoformat()}


def _variance(page: ItemPage) -> Iterable[Because]:
    if page.variance is None or page.percent is None:
        return
    values = {
        "variance": points(page.variance, DIGITS),
        "percent": percent_sign(page.percent, DIGITS),
        "planned": percent_sign(page.planned, DIGITS),
    }
    yield Because(_("Variance"), _("%(variance)s points = %(percent)s − %(planned)s planned") % values)
    if page.variance < 0 and page.day_planned is not None and page.weeks_late is not None:
        yield Because(
            _("In weeks"),
            _("The plan stood where the item stands on %(day)s: it is %(weeks)s weeks late.")
            % {
                "day": date.fromordinal(int(page.day_planned)).isoformat(),
                "weeks": percent(page.weeks_late),
            },
        )


def _light(computed: str, by_hand: str) -> list[Because]:
    if by_hand:
        return [Because(_("Light"), by_hand), Because(_("Computed"), computed)]
    return [Because(_("Light"), computed)]


def _weight(page: ItemPage) -> Because:
    """What it adds to its measure; nothing while it is in no figure."""
    standing, name = page.standing, _("Weight")
    url = address("why", page.shown, **Question(measure=page.item.measure).filters)
    if standing.decomposed:
        return Because(name, _("Its parts are counted in its place, each with its own weight."), url)
    if not getattr(standing, "in_scope"):  # noqa: B009 — annotated
        return Because(name, _("%(state)s: in no figure.") % {"state": standing.get_state_display()}, url)
    if page.percent is None:
        words = _("%(weight)s: unknown, so it adds nothing to the lower bound of its measure.")
        return Because(name, words % {"weight": standing.weight}, url)
    words = _("To its measure it adds weight × percent: %(weight)s × %(percent)s = %(earned)s.")
    return Because(
        name,
        words
        % {
            "weight": standing.weight,
            "percent": percent_sign(page.percent, DIGITS),
            "earned": percent(standing.weight * page.percent, DIGITS),
        },
        url,
    )
