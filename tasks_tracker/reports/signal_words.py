"""Early signals in words: what one is about, and the figures behind it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks_tracker.models import EarlySignal, SignalCode
from tasks_tracker.reports.wording import sentence

Evidence = dict[str, Any]


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


def signal_reason(code: str, evidence: Evidence | None) -> str:
    """The figures behind a sighting as one line."""
    return WORDS[code](evidence) if evidence else ""


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
