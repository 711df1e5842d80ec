"""The bridge of two weeks → what the components draw: the waterfall, its sentence and its table. No query."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks_tracker.charts.bridge import Rung, waterfall
from tasks_tracker.queries.pairs import CAME, LEFT
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.bridge import Bridge, Change
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.templatetags.formats import labelled, percent_sign, points, sentence
from tasks_tracker.templatetags.shapes import Twin
from tasks_tracker.views.panels import Panel


def bridge_panel(other: ShownWeek, shown: ShownWeek, bridge: Bridge, rows: Sequence[Any]) -> Panel:
    """The waterfall from the other week to the shown one; `rows` are the steps as they are printed."""
    then, now = rounded(bridge.then) or 0, rounded(bridge.now) or 0
    first, last = format_week(other.week), format_week(shown.week)
    if first == last:
        last = f"{last} "  # two rows of a chart need two names
    rungs = [
        Rung(first, then, then, percent_sign(then, 2), end=True),
        *(Rung(row.label, row.before, row.after, points(row.points, 2), row.url) for row in rows),
        Rung(last, now, now, percent_sign(now, 2), end=True),
    ]
    ends = _("From %(then)s in week %(first)s to %(now)s in week %(last)s") % {
        "then": percent_sign(then, 2),
        "first": first,
        "now": percent_sign(now, 2),
        "last": last.strip(),
    }
    moved = [labelled(row.label, points(row.points, 2)) for row in rows if row.points]
    table = [[rung.label, "" if rung.end else rung.text, percent_sign(rung.after, 2)] for rung in rungs]
    head = [_("Step"), _("Points"), _("Progress after it")]
    return Panel(waterfall(rungs), sentence([ends, *moved]), Twin(head=head, rows=table))


def reason_words(change: Change, reasons: Mapping[str, int]) -> str:
    """Why the items of a step came into what is counted, or left it, with how many each."""
    chosen = {Change.ADDED: CAME, Change.REMOVED: LEFT}.get(change, ())
    return sentence(_counted(why, reasons[why]) for why in chosen if reasons.get(why))


def _counted(why: str, n: int) -> str:
    words = {
        "new": ngettext("%(n)s new in the plan", "%(n)s new in the plan", n),
        "part": ngettext("%(n)s part of a split item", "%(n)s parts of split items", n),
        "taken_over": ngettext("%(n)s taken over", "%(n)s taken over", n),
        "resumed": ngettext("%(n)s resumed", "%(n)s resumed", n),
        "revived": ngettext("%(n)s back in the plan", "%(n)s back in the plan", n),
        "split": ngettext("%(n)s split into parts", "%(n)s split into parts", n),
        "suspended": ngettext("%(n)s suspended", "%(n)s suspended", n),
        "handed_over": ngettext("%(n)s handed over", "%(n)s handed over", n),
        "withdrawn": ngettext("%(n)s back to draft", "%(n)s back to draft", n),
    }
    return words[why] % {"n": n}
