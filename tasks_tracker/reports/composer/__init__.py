"""The weekly report as it is generated: seven sections and three annexes, in the language of the moment.

Figures in paragraphs are tokens; a table, a picture and an annex is data. Nobody's hand is in it yet.
"""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tasks_tracker.queries.ledger import Selection
from tasks_tracker.queries.weekly_report import Facts, facts_of
from tasks_tracker.reports.composer import annexes, outlook, overall, tasks, troubles
from tasks_tracker.reports.composer.script import Script
from tasks_tracker.reports.drafted import Drafted
from tasks_tracker.reports.paper import Paper
from tasks_tracker.reports.weekly import facts_about, scope_label
from tasks_tracker.reports.wording import day_words, short_day, week_label


def compose(selection: Selection, *, office: str, author: str, now: datetime) -> Drafted:
    """The report of the selection as a draft of today, from the roll-up of its week as it is now."""
    facts = facts_of(selection)
    script = Script(facts)
    parts = (
        overall.section(script),
        tasks.section(script),
        troubles.problems(script),
        troubles.signals(script),
        troubles.late(script),
        outlook.next_week(script),
        outlook.changes(script),
    )
    paper = Paper(
        title=_("Weekly report on the key tasks of new industrialization"),
        serial=_("Draft"),
        office=office,
        dated=day_words(now.date()),
        subtitle=subtitle_of(facts),
        remark=_("Demonstration data, not real statistics")
        if selection.rollup.plan.is_demonstration
        else _("For internal use"),
        language=get_language() or "",
        parts=parts,
        annexes=annexes.all_of(script),
        facts=facts_about(selection, author, now),
    )
    return Drafted(paper, tuple(script.paragraphs), script.figures, overall.comparison(facts))


def subtitle_of(facts: Facts) -> str:
    """What the report is about and of which days."""
    return _("%(scope)s · %(week)s (%(first)s – %(last)s)") % {
        "scope": scope_label(facts.selection),
        "week": week_label(facts.week),
        "first": short_day(facts.week),
        "last": short_day(facts.sunday),
    }
