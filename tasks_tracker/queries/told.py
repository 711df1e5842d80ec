"""What reports and plan changes have told by a week, for the rules of early signals that look at them.

Read for all items at once; what counted only later is not known yet.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Q

from tasks_tracker.models import Plan, PlanChange, ProgressReport, ReportStatus, SignalRule
from tasks_tracker.rules.signals import fingerprint, normalised, streak
from tasks_tracker.rules.weeks import ONE_WEEK, format_week

ACCEPTED = (ReportStatus.ACCEPTED, ReportStatus.SUPERSEDED)
YEAR = 52
QUOTED = 60  # characters of a copied text that the evidence quotes
Found = dict[int, dict[str, Any]]  # evidence by item


class Text(NamedTuple):
    """A progress note that was accepted."""

    mark: int
    item: int
    week: date
    counted: date
    handed_in: datetime
    letters: int
    quote: str


class Told:
    """The reports and changes, each kind read once; asked for any week from `since` to `until`."""

    def __init__(self, plan: Plan, in_force: Mapping[str, SignalRule], *, since: date, until: date) -> None:
        self.plan, self.in_force, self.since, self.until = plan, in_force, since, until
        self._texts: list[Text] | None = None
        self._signed: dict[int, list[tuple[date, date, bool]]] | None = None

    def _accepted(self) -> Any:
        """Versions in the order in which they were written."""
        reports = ProgressReport.objects.filter(
            item__plan=self.plan, status__in=ACCEPTED, counted_week__lte=self.until
        )
        return reports.order_by("item", "week", "version")

    # --- "no change" --------------------------------------------------------------------------------------
    def no_change(self, week: date, numbers: Mapping[str, int]) -> Found:
        """The last so many reports said "no change"."""
        found: Found = {}
        for item, rows in self._no_changes(numbers["times"]).items():
            by_week = {of: said for of, counted, said in rows if counted <= week and of <= week}
            times = streak(list(by_week.values()))
            if times >= numbers["times"]:
                weeks = sorted(by_week)[-times:]
                found[item] = {"times": times, "weeks": [format_week(each) for each in weeks]}
        return found

    def _no_changes(self, times: int) -> dict[int, list[tuple[date, date, bool]]]:
        if self._signed is None:
            reports = self._accepted().filter(week__gt=self.since - YEAR * ONE_WEEK)
            often = reports.order_by().filter(no_change=True).values("item")
            often = often.annotate(n=Count("week", distinct=True)).filter(n__gte=times).values("item")
            self._signed = defaultdict(list)
            rows = reports.filter(item__in=often).values_list("item", "week", "counted_week", "no_change")
            for item, *row in rows:
                self._signed[item].append(tuple(row))
        return self._signed

    # --- copied texts -------------------------------------------------------------------------------------
    def copied(self, week: date, numbers: Mapping[str, int]) -> Found:
        """The last text says what an earlier report said, of the item itself or of another one."""
        since = week - numbers["weeks"] * ONE_WEEK
        known = [text for text in self._read(numbers["letters"]) if text.counted <= week]
        recent = [text for text in known if since < text.week <= week]
        last: dict[int, Text] = {}
        alike: dict[int, list[Text]] = defaultdict(list)
        for text in recent:
            last[text.item] = text
            alike[text.mark].append(text)
        found: Found = {}
        for item, text in last.items():
            earlier = [
                each
                for each in alike[text.mark]
                if (each.item, each.week) != (item, text.week) and each.handed_in < text.handed_in
            ]
            if earlier and text.letters >= numbers["letters"]:
                found[item] = _copy(text, earlier)
        return found

    def _read(self, letters: int) -> list[Text]:
        if self._texts is None:
            back = self.in_force["copied"].parameters["weeks"] * ONE_WEEK
            notes = self._accepted().filter(no_change=False, week__gt=self.since - back)
            columns = ("item", "week", "counted_week", "submitted_at", "progress_note")
            self._texts = [
                Text(fingerprint(note), item, week, counted, handed_in, len(normalised(note)), note[:QUOTED])
                for item, week, counted, handed_in, note in notes.values_list(*columns).iterator()
                if len(note) >= letters
            ]
        return self._texts

    # --- due days that were moved -------------------------------------------------------------------------
    def extended_again(self, week: date, numbers: Mapping[str, int]) -> Found:
        """The due day was put off so often within so many weeks. One query."""
        moves = PlanChange.objects.filter(
            Q(week__lte=week, week__gt=week - numbers["weeks"] * ONE_WEEK),
            item__plan=self.plan,
            field=PlanChange.Field.DUE_ON,
            new_value__gt=F("old_value"),  # ISO days: the later one is the greater text
        )
        often = moves.order_by().values("item").annotate(n=Count("pk")).filter(n__gte=numbers["times"])
        rows = moves.filter(item__in=often.values("item")).order_by("at", "pk")
        found: Found = {}
        for item, old, new in rows.values_list("item", "old_value", "new_value"):
            moved = found.setdefault(item, {"days": [old]})
            moved["days"].append(new)
        return found


def _copy(text: Text, earlier: list[Text]) -> dict[str, Any]:
    """Its own earlier report before that of another item, the oldest first."""
    own = [each for each in earlier if each.item == text.item]
    source = min(own or earlier, key=lambda each: (each.week, each.handed_in))
    return {
        "week": format_week(text.week),
        "quote": text.quote,
        "source_week": format_week(source.week),
        "source_item": None if own else source.item,
        "times": len({(each.item, each.week) for each in earlier}),
    }
