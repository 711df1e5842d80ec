"""Early signals in words: what one is about, the figures behind it, and how often its rule was right."""

from collections.abc import Callable, Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tasks_tracker.models import EarlySignal, SignalCode, SignalRule, SignalTrack
from tasks_tracker.templatetags.formats import labelled, sentence

register = template.Library()
Evidence = dict[str, Any]

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


def number(hundredths: int) -> str:
    """As exactly as it was reported: 5200 → "52", 5250 → "52.5"."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def trail(percents: Sequence[int], most: int = 5) -> str:
    """The last values with arrows between them: 50 → 52 → 53 → 53."""
    return " → ".join(number(percent) for percent in percents[-most:])


def _will_be_late(told: Evidence) -> str:
    words = [_("%(trail)s in the last weeks") % {"trail": trail(told["percents"])}]
    if told["needed"] is not None:
        needed = {"needed": number(told["needed"]), "due": told["due_on"]}
        words.append(_("needed %(needed)s a week until %(due)s") % needed)
    return sentence([*words, _range(told["earliest"], told["latest"])])


def _range(earliest: str | None, latest: str | None) -> str:
    if earliest is None:
        return _("at this pace no end within two years")
    if latest is None:
        return _("at this pace done in %(week)s at the earliest") % {"week": earliest}
    if earliest == latest:
        return _("at this pace done about %(week)s") % {"week": earliest}
    return _("at this pace done between %(earliest)s and %(latest)s") % {
        "earliest": earliest,
        "latest": latest,
    }


def _losing_pace(told: Evidence) -> str:
    words = [trail(told["percents"], len(told["percents"]))]
    if told["needed"] is not None:
        words.append(_("needed %(needed)s a week") % {"needed": number(told["needed"])})
    lost = {"lost": number(told["lost"])}
    return sentence([*words, _("%(lost)s points lost against the plan") % lost])


def _cluster(told: Evidence) -> str:
    return _("%(n)s of %(running)s running items at risk at once") % {
        "n": told["at_risk"],
        "running": told["running"],
    }


def _same_problem(told: Evidence) -> str:
    return _("%(cases)s problems in %(regions)s regions, not solved") % told


def _extended_again(told: Evidence) -> str:
    times = len(told["days"]) - 1
    words = ngettext("put off %(n)s time: %(days)s", "put off %(n)s times: %(days)s", times)
    return words % {"n": times, "days": " → ".join(told["days"])}


def _stuck(told: Evidence) -> str:
    weeks = len(told["percents"]) - 1
    words = ngettext(
        "%(percent)s%% for %(n)s week, last reported in %(week)s",
        "%(percent)s%% for %(n)s weeks, last reported in %(week)s",
        weeks,
    )
    return words % {
        "percent": number(told["percents"][-1]),
        "n": weeks,
        "week": told["reported_week"],
    }


def _late_jump(told: Evidence) -> str:
    return _("%(trail)s in week %(week)s, deadline %(day)s") % {
        "trail": trail(told["percents"]),
        "week": told["week"],
        "day": told["deadline"],
    }


def _no_change(told: Evidence) -> str:
    times = {"n": told["times"], "week": told["weeks"][0]}
    return _("%(n)s reports in a row say “no change”, since %(week)s") % times


def _copied(told: Evidence) -> str:
    weeks = {"week": told["week"], "source": told["source_week"]}
    if told["source_item"] is None:
        return _("the note of %(week)s is the own one of %(source)s") % weeks
    return _("the note of %(week)s is that of another item in %(source)s") % weeks


WORDS: dict[str, Callable[[Evidence], str]] = {
    SignalCode.WILL_BE_LATE: _will_be_late,
    SignalCode.LOSING_PACE: _losing_pace,
    SignalCode.CLUSTER: _cluster,
    SignalCode.SAME_PROBLEM: _same_problem,
    SignalCode.EXTENDED_AGAIN: _extended_again,
    SignalCode.STUCK: _stuck,
    SignalCode.LATE_JUMP: _late_jump,
    SignalCode.NO_CHANGE: _no_change,
    SignalCode.COPIED: _copied,
}


@register.simple_tag
def signal_reason(code: str, evidence: Evidence | None) -> str:
    """The figures behind a sighting as one line."""
    return WORDS[code](evidence) if evidence else ""


@register.simple_tag
def signal_trail(percents: Sequence[int]) -> str:
    """Values with arrows between them."""
    return trail(percents, len(percents))


@register.filter
def signal_state(code: str) -> str:
    """The word of a state."""
    return str(EarlySignal.State(code).label)


@register.filter
def signal_title(signal: EarlySignal) -> str:
    """What a signal is about."""
    if signal.item:
        return signal.item.title
    if signal.key_task and signal.region:
        return f"{signal.key_task.short_label} · {signal.region.short_label}"
    return _("%(kind)s, asked of %(unit)s") % {
        "kind": signal.get_kind_display(),
        "unit": signal.unit.label if signal.unit else "",
    }


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
