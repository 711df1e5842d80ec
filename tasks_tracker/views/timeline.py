"""A timeline → what the component `gantt` draws: positions as CSS percentages, and everything in words."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks_tracker.queries.timeline import Bar, DatedMark, Timeline
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.templatetags.formats import labelled, light_label, percent_sign, sentence
from tasks_tracker.templatetags.shapes import Gantt, GanttMark, GanttRow
from tasks_tracker.views.weeks import address

WIDE = timedelta(days=1500)  # from here on only years are named on the axis


class Axis:
    """Days as places between the first and the last day shown."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, max(last, first + timedelta(days=1))
        self.days = (self.last - self.first).days

    def place(self, day: date) -> str:
        """The place of a day as a CSS percentage; days outside stand at the edge."""
        inside = min(max(day, self.first), self.last)
        return f"{(inside - self.first).days * 100 / self.days:.2f}%"

    def span(self, first: date, last: date) -> str:
        """The width between two days."""
        return f"{(last - first).days * 100 / self.days:.2f}%"

    def ticks(self, today: date) -> list[tuple[str, str, bool]]:
        """The beginnings of years and, on a short axis, of quarters; none where `today` is named."""
        room = timedelta(days=self.days // 25)  # so that no name runs out of the axis or into another
        starts = (
            date(year, month, 1)
            for year in range(self.first.year, self.last.year + 1)
            for month in ((1,) if self.last - self.first > WIDE else (1, 4, 7, 10))
        )
        return [
            (self.place(day), _axis_words(day), day.month == 1)
            for day in starts
            if self.first <= day <= self.last - room and abs(day - today) > room
        ]


def _axis_words(day: date) -> str:
    return str(day.year) if day.month == 1 else _("Q%(n)s") % {"n": day.month // 3 + 1}


def gantt_of(timeline: Timeline, shown: ShownWeek, *, with_region: bool) -> Gantt | None:
    """The drawing; None without bars."""
    first, last = timeline.first_day, timeline.last_day
    if first is None or last is None:
        return None
    axis = Axis(min(first, timeline.as_of), max(last, timeline.as_of))
    return Gantt(
        rows=[_row(bar, axis, shown, with_region) for bar in timeline.bars],
        ticks=axis.ticks(timeline.as_of),
        today=axis.place(timeline.as_of),
        today_text=format_week(shown.week)[5:],
    )


def _row(bar: Bar, axis: Axis, shown: ShownWeek, with_region: bool) -> GanttRow:
    standing: Any = bar.standing
    item, percent = standing.item, standing.shown_percent
    run = (standing.due_on - standing.starts_on).days
    moved = bar.first_due_on != standing.due_on
    return GanttRow(
        title=item.title,
        sub=item.region.short_label if with_region else item.measure.code,
        url=address("item", shown, item.code),
        light=standing.light,
        place=axis.place(standing.starts_on),
        width=axis.span(standing.starts_on, standing.due_on),
        filled=f"{run * min(percent or 0, 10_000) / axis.days / 100:.2f}%",
        ghost=_ghost(bar, axis) if moved else None,
        marks=[GanttMark(place=axis.place(m.due_on), tone=m.tone, title=_mark_words(m)) for m in bar.marks],
        said=_said(bar),
        percent=percent,
        planned=standing.planned,
        starts_on=standing.starts_on,
        due_on=standing.due_on,
        first_due_on=bar.first_due_on,
        moved=bar.slippage.moved,
        days=bar.slippage.days,
        milestones=_milestones(bar.marks),
    )


def _ghost(bar: Bar, axis: Axis) -> tuple[str, str]:
    """Where the bar ended at first, from its present start; nothing wide where it would end before that."""
    start = bar.standing.starts_on
    return axis.place(start), axis.span(start, max(bar.first_due_on, start))


def _mark_words(mark: DatedMark) -> str:
    tones = {"met": _("reached"), "missed": _("missed"), "coming": _("coming")}
    return sentence([mark.title, mark.due_on.isoformat(), percent_sign(mark.percent, 0), tones[mark.tone]])


def _milestones(marks: Iterable[DatedMark]) -> str:
    return " · ".join(_mark_words(mark) for mark in marks)


def _said(bar: Bar) -> str:
    """One line for a screen reader."""
    standing: Any = bar.standing
    tones = [mark.tone for mark in bar.marks]
    words = {
        "met": ngettext("%(n)s milestone reached", "%(n)s milestones reached", tones.count("met")),
        "missed": ngettext("%(n)s missed", "%(n)s missed", tones.count("missed")),
        "coming": ngettext("%(n)s coming", "%(n)s coming", tones.count("coming")),
    }
    run = _("%(first)s to %(last)s") % {
        "first": standing.starts_on.isoformat(),
        "last": standing.due_on.isoformat(),
    }
    slipped = bar.slippage
    return labelled(
        standing.item.title,
        sentence(
            [
                light_label(standing.light),
                run,
                _("first due %(day)s") % {"day": bar.first_due_on.isoformat()} if slipped.moved else "",
                *(text % {"n": tones.count(tone)} for tone, text in words.items() if tone in tones),
            ]
        ),
    )
