"""Early signals on pages: their words (`reports.signal_words`), and how often their rules were right."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tasks_tracker.models import EarlySignal, SignalCode, SignalRule, SignalTrack
from tasks_tracker.reports.signal_words import signal_reason, signal_title, trail
from tasks_tracker.templatetags.formats import labelled

register = template.Library()
register.simple_tag(signal_reason)
register.filter(signal_title)

PARAMETERS = {
    ("will_be_late", "weeks"): gettext_lazy("Weeks of history"),
    ("will_be_late", "late"): gettext_lazy("Late by more than … weeks"),
    ("will_be_late", "ahead"): gettext_lazy("Due within … weeks"),
    ("losing_pace", "weeks"): gettext_lazy("Weeks in a row"),
    ("losing_pace", "points"): gettext_lazy("Lost in all, points at least"),
    ("cluster", "items"): gettext_lazy("Items at risk at least"),
    ("cluster", "share"): gettext_lazy("Share of the running items, % at least"),
    ("same_problem", "regions"): gettext_lazy("Regions at least"),
    ("extended_again", "times"): gettext_lazy("Put off so many times"),
    ("extended_again", "weeks"): gettext_lazy("Within … weeks"),
    ("stuck", "percent"): gettext_lazy("From … % on"),
    ("stuck", "weeks"): gettext_lazy("Unchanged for … weeks"),
    ("late_jump", "points"): gettext_lazy("Points in one week at least"),
    ("late_jump", "days"): gettext_lazy("Deadline within … days"),
    ("late_jump", "weeks"): gettext_lazy("Remembered for … weeks"),
    ("no_change", "times"): gettext_lazy("Reports in a row"),
    ("copied", "letters"): gettext_lazy("Characters at least"),
    ("copied", "weeks"): gettext_lazy("Compared over … weeks"),
}
# What each rule means, and what "right" means for it.
MEANINGS = {
    SignalCode.WILL_BE_LATE: gettext_lazy(
        "Even at its better pace of the last weeks the item is not done in time."
    ),
    SignalCode.LOSING_PACE: gettext_lazy(
        "Week after week, each with a report of its own, the item moved less than planned."
    ),
    SignalCode.CLUSTER: gettext_lazy(
        "Several items of one key task in one region are at risk in the same week."
    ),
    SignalCode.SAME_PROBLEM: gettext_lazy(
        "Several regions state the same kind of problem and ask the same unit."
    ),
    SignalCode.EXTENDED_AGAIN: gettext_lazy("The due day was put off again and again."),
    SignalCode.STUCK: gettext_lazy("Close to the end the percent does not move, although it is reported."),
    SignalCode.LATE_JUMP: gettext_lazy(
        "The percent jumped just before the due day or a milestone: worth a look at the evidence."
    ),
    SignalCode.NO_CHANGE: gettext_lazy("The last reports all say “no change”."),
    SignalCode.COPIED: gettext_lazy(
        "The last progress note is word for word that of an earlier report, of this item or of another one."
    ),
}
RIGHT = {
    SignalCode.WILL_BE_LATE: gettext_lazy("it became behind or overdue, or its due day was put off"),
    SignalCode.LOSING_PACE: gettext_lazy("it became behind or overdue, or its due day was put off"),
    SignalCode.CLUSTER: gettext_lazy("more items of the place became behind or overdue"),
    SignalCode.SAME_PROBLEM: gettext_lazy("as many regions still stated it at the end of that time"),
    SignalCode.EXTENDED_AGAIN: gettext_lazy("it became overdue, or its due day was put off once more"),
    SignalCode.STUCK: gettext_lazy("it became overdue, or its due day was put off"),
    SignalCode.LATE_JUMP: gettext_lazy("the percent was taken back, it became overdue, or was put off"),
    SignalCode.NO_CHANGE: gettext_lazy("it became behind or overdue, or its due day was put off"),
    SignalCode.COPIED: gettext_lazy("it became behind or overdue, or its due day was put off"),
}


@register.simple_tag
def signal_trail(percents: Sequence[int]) -> str:
    """Values with arrows between them."""
    return trail(percents, len(percents))


@register.filter
def signal_state(code: str) -> str:
    """The word of a state."""
    return str(EarlySignal.State(code).label)


@register.filter
def signal_meaning(code: str) -> str:
    """What the rule looks for."""
    return str(MEANINGS[SignalCode(code)])


@register.filter
def signal_right(rule: SignalRule) -> str:
    """When a warning of the rule was right."""
    return ngettext(
        "Right: within %(n)s week %(what)s.", "Right: within %(n)s weeks %(what)s.", rule.horizon
    ) % {"n": rule.horizon, "what": RIGHT[SignalCode(rule.code)]}


@register.filter
def signal_record(track: SignalTrack | None) -> str:
    """How often it was right, in counts; nothing is said before there are enough of them."""
    if track is None or not track.is_known:
        return _("not yet known how often it is right")
    return _("right in %(hits)s of %(warnings)s") % {"hits": track.hits, "warnings": track.warnings}


def parameter_label(code: str, name: str) -> Any:
    """What a number of a rule is."""
    return PARAMETERS[code, name]


@register.filter
def rule_numbers(rule: SignalRule) -> list[str]:
    """The numbers of a version of a rule in words."""
    return [
        labelled(parameter_label(rule.code, parameter.name), rule.parameters[parameter.name])
        for parameter in rule.spec.parameters
    ]
