"""What is looked at before a weekly report is published: what stops it, and what somebody should know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks_tracker.models import ReportParagraph, WeeklyReport, WeekRollup
from tasks_tracker.reports.drafted import Figure, figures_from
from tasks_tracker.reports.paper import Paper, Table
from tasks_tracker.reports.wording import thousands
from tasks_tracker.rules.tokens import strangers, typed_numbers

OK, WARN, STOP = "ok", "warn", "stop"


@dataclass(frozen=True)
class Check:
    """One line of the list; `code` names what stops the publication."""

    kind: str
    text: str
    url: str = ""
    code: str = ""


def checks_of(
    report: WeeklyReport,
    rollup: WeekRollup,
    paper: Paper,
    paragraphs: Sequence[ReportParagraph],
    length: int,
    longest: int,
) -> list[Check]:
    """All of them, what stops first."""
    figures = figures_from(report.figures)
    used = [paragraph for paragraph in paragraphs if paragraph.is_used]
    found = [
        _freeze(rollup),
        _freshness(report, rollup),
        _totals(paper),
        _tokens(used, figures),
        _edits(used),
        *_typed(used),
        *_dropped(paragraphs),
        *_reports(figures),
        _length(length, longest),
    ]
    return sorted(found, key=lambda check: (STOP, WARN, OK).index(check.kind))


def _freeze(rollup: WeekRollup) -> Check:
    if rollup.is_frozen:
        return Check(OK, _("The week is frozen."))
    return Check(STOP, _("The week is not frozen yet: its figures still move."), code="week_open")


def _freshness(report: WeeklyReport, rollup: WeekRollup) -> Check:
    if report.times_computed == rollup.times_computed and report.is_frozen == rollup.is_frozen:
        return Check(OK, _("Figures are those of the last roll-up."))
    return Check(STOP, _("The figures have moved since: generate the report again."), code="figures_old")


def _totals(paper: Paper) -> Check:
    """The total of both tables is the sum of its rows, and the same in both."""
    tables = [block for block in paper.parts[0].blocks if isinstance(block, Table) and block.has_total]
    totals = {table.rows[-1] for table in tables}
    sums = all(
        sum(_number(row[1]) for row in table.rows[:-1]) == _number(table.rows[-1][1]) for table in tables
    )
    if sums and len(totals) <= 1:
        return Check(OK, _("Totals agree with their parts."))
    return Check(STOP, _("A total differs from the sum of its parts."), code="totals_differ")


def _number(cell: Any) -> int:
    return int(str(cell).replace(",", ""))


def _tokens(used: Sequence[ReportParagraph], figures: dict[str, Figure]) -> Check:
    strange = [name for paragraph in used for name in strangers(paragraph.text, figures)]
    if not strange:
        return Check(OK, _("Every figure in the text is bound to its source."))
    words = _("These figures are no longer there: %(names)s. Edit the paragraphs that use them.")
    return Check(STOP, words % {"names": " ".join(sorted(set(strange)))}, code="strange_figures")


def _edits(used: Sequence[ReportParagraph]) -> Check:
    number = sum(1 for paragraph in used if paragraph.is_edited)
    words = ngettext(
        "%(n)s paragraph was edited by hand; its versions are kept.",
        "%(n)s paragraphs were edited by hand; their versions are kept.",
        number,
    )
    return Check(OK, words % {"n": number})


def _typed(used: Sequence[ReportParagraph]) -> list[Check]:
    """Numbers that somebody typed: nothing binds them to the figures."""
    edited = (paragraph for paragraph in used if paragraph.is_edited)
    typed = [number for each in edited for number in typed_numbers(each.text, each.generated)]
    if not typed:
        return []
    words = _("Numbers typed by hand, bound to no source: %(numbers)s.")
    return [Check(WARN, words % {"numbers": ", ".join(typed[:8])})]


def _dropped(paragraphs: Sequence[ReportParagraph]) -> list[Check]:
    kept = sum(1 for each in paragraphs if each.is_edited and not each.is_used)
    if not kept:
        return []
    words = ngettext(
        "%(n)s edited paragraph is no longer generated; its text is kept under “Versions”.",
        "%(n)s edited paragraphs are no longer generated; their texts are kept under “Versions”.",
        kept,
    )
    return [Check(WARN, words % {"n": kept})]


def _reports(figures: dict[str, Figure]) -> list[Check]:
    """What is missing in the figures, with its list."""
    words = {
        "missing": _("Reports not given: %(n)s; the last reported progress counts."),
        "waiting": _("Reports handed in and not accepted: %(n)s; not counted."),
    }
    there = ((figures[name], text) for name, text in words.items() if name in figures)
    return [Check(WARN, text % {"n": f.text}, f.url) for f, text in there if f.text != "0"]


def _length(length: int, longest: int) -> Check:
    words = {"n": thousands(length), "most": thousands(longest)}
    if length <= longest:
        return Check(OK, _("%(n)s characters of at most %(most)s.") % words)
    text = _("%(n)s characters: longer than the usual %(most)s. Shorten some paragraphs.")
    return Check(WARN, text % words)
