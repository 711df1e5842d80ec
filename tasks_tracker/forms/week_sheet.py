"""The week's table of a unit as a workbook: the same rows, the same fields, the words around them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tasks_tracker.actions.handing_in import seen_token
from tasks_tracker.forms.week_table import row_values
from tasks_tracker.models import Actor, Light, Plan, Problem, ProgressReport, ReportStatus, User
from tasks_tracker.queries.week_table import Written
from tasks_tracker.reports.document import Kind, Mark, Value
from tasks_tracker.reports.week_sheet import LONGEST, Identity, SheetColumn, SheetRow, WeekSheet
from tasks_tracker.rules.weeks import format_week

HELP: tuple[tuple[Promise, Promise], ...] = (
    (
        gettext_lazy("Where to write"),
        gettext_lazy(
            "Only the yellow cells are open. Grey rows were handed in already. The sheet is "
            "protected without a password, so that nothing is changed by accident."
        ),
    ),
    (
        gettext_lazy("What a report needs"),
        gettext_lazy(
            "A percent and a progress note. A problem where the item is behind or overdue; a "
            "reason where the percent is lower than last time."
        ),
    ),
    (
        gettext_lazy("No change"),
        gettext_lazy(
            "Choose it from the list and leave everything else as it is: that last percent and "
            "open problems still stand is then signed. A row with a note is no “no change”."
        ),
    ),
    (
        gettext_lazy("Rows left as they are"),
        gettext_lazy(
            "Nothing happens with a row in which nothing was written, and nothing with a row "
            "that was deleted."
        ),
    ),
    (
        gettext_lazy("Sorting and moving"),
        gettext_lazy(
            "Rows and columns are found again by hidden cells, wherever they stand. Do not "
            "delete hidden columns, do not insert rows, do not copy rows from another week."
        ),
    ),
    (
        gettext_lazy("Saving"),
        gettext_lazy("Save as .xlsx, without a password and without macros, in Excel, WPS or LibreOffice."),
    ),
    (
        gettext_lazy("Handing in"),
        gettext_lazy(
            "Log in, open “My reports”, then “Offline workbook”, and upload the file. First you "
            "see what would happen, row by row; nothing is written until you confirm it."
        ),
    ),
    (
        gettext_lazy("If somebody reports meanwhile"),
        gettext_lazy(
            "Nothing is overwritten: such rows are shown beside what was reported, and you decide there."
        ),
    ),
)


def sheet_of(
    *,
    plan: Plan,
    unit: Actor,
    week: date,
    cutoff: datetime | None,
    rows: Iterable[Written],
    by: User,
    now: datetime,
) -> WeekSheet:
    """The workbook of what the week asks of `unit`. `rows` as the page's table has them."""
    title = _("Weekly reports to be filled in")
    until = timezone.localtime(cutoff).strftime("%Y-%m-%d %H:%M") if cutoff else "—"
    facts = {"unit": unit.label, "week": format_week(week), "until": until}
    return WeekSheet(
        title=title,
        subtitle=_("%(unit)s · week %(week)s · hand in until %(until)s") % facts,
        author=str(by),
        identity=Identity(plan.pk, week, unit.code, by.get_username(), now.isoformat(timespec="seconds")),
        notes=tuple(_notes(plan)),
        columns=columns(),
        rows=tuple(_row(written) for written in rows),
        kinds=dict(Problem.Kind.choices),
        yes=yes(),
        help=tuple((str(what), str(text)) for what, text in HELP),
        words=_words(),
    )


def file_name(unit: Actor, week: date) -> str:
    """Like `…_2026-W47_….xlsx`."""
    return f"{_('Weekly reports')}_{format_week(week)}_{unit.label}.xlsx"


def yes() -> str:
    """What stands in the column “no change”."""
    return pgettext("in a cell", "yes")


def words_for_yes() -> frozenset[str]:
    """What is understood there, in any language of the product."""
    words = {"y", "yes", "true", "1", "√", "✓"}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words |= {yes().lower(), _("No change").lower()}
    return frozenset(words)


def codes_of_kinds() -> dict[str, str]:
    """The label of a kind of problem in any language, and its code → its code."""
    found = {code: code for code in Problem.Kind.values}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(label): code for code, label in Problem.Kind.choices}
    return found


def columns() -> tuple[SheetColumn, ...]:
    """The columns from left to right; those that somebody fills in stand beside what was said last time."""
    return (*_about(), *_entry(), *_hidden())


def _about() -> tuple[SheetColumn, ...]:
    text, long, share = Kind.TEXT, Kind.LONG, Kind.PERCENT
    return (
        SheetColumn("code", _("Code"), 14, text),
        SheetColumn("title", _("Work item"), 26, long),
        SheetColumn("due_on", _("Due"), 11, Kind.DATE),
        SheetColumn("light", _("Light"), 10, text),
        SheetColumn("status", _("State of the report"), 12, long),
        SheetColumn("last_percent", _("Percent last time"), 9, share),
        SheetColumn("planned", _("Planned"), 9, share),
    )


def _entry() -> tuple[SheetColumn, ...]:
    text, long, share = Kind.TEXT, Kind.LONG, Kind.PERCENT
    no_more = {key: _("At most %(n)d characters.") % {"n": n} for key, n in LONGEST.items()}
    return (
        SheetColumn("percent", _("Percent this week"), 10, share, _("Type 62.5% or 62.5; 0 to 100 %.")),
        SheetColumn(
            "no_change",
            _("No change"),
            8,
            text,
            _("Choose this instead of a report: it is then signed as unchanged."),
        ),
        SheetColumn("last_note", _("Progress note last time"), 30, long),
        SheetColumn("progress_note", _("Progress note"), 40, long, no_more["progress_note"]),
        SheetColumn(
            "decrease_reason",
            _("Reason for the decrease"),
            16,
            long,
            _("Only when the percent is lower than last time."),
        ),
        SheetColumn("last_problem", _("Problem last time"), 22, long),
        SheetColumn(
            "kind",
            _("Kind of problem"),
            13,
            text,
            _("Choose from the list. Needed where the item is behind or overdue."),
        ),
        SheetColumn("description", _("What is the problem"), 24, long, no_more["description"]),
        SheetColumn("last_steps", _("Next steps last time"), 22, long),
        SheetColumn("next_steps", _("Next steps"), 26, long, no_more["next_steps"]),
    )


def _hidden() -> tuple[SheetColumn, ...]:
    text = Kind.TEXT
    return (
        SheetColumn("item", "item", 4, text),
        SheetColumn("seen", "seen", 30, text),
        SheetColumn("seal", "seal", 60, text),
    )


def _row(written: Written) -> SheetRow:
    line, last = written.line, written.last
    return SheetRow(
        item_id=line.item_id,
        code=line.code,
        seen=seen_token(written.latest),
        is_open=not line.is_given,
        shown={
            "code": line.code,
            "title": line.title,
            "due_on": line.due_on,
            "light": _light(line.light),
            "status": _status(written),
            "last_percent": _share(last.percent if last else None),
            "planned": _share(line.planned),
            "last_note": last.progress_note if last else "",
            "last_problem": _problems(last),
            "last_steps": last.next_steps if last else "",
        },
        values=row_values(written.latest, last) | {"no_change": ""},
    )


def _share(hundredths: int | None) -> Value:
    return "—" if hundredths is None else hundredths / 10_000


def _light(code: str) -> Value:
    return Mark(code, f"{Light(code).mark} {Light(code).label}") if code else ""


def _status(written: Written) -> str:
    line = written.line
    if line.return_reason:
        return _("Returned: %(reason)s") % {"reason": line.return_reason}
    if line.is_given:
        return str(ReportStatus.ACCEPTED.label) if line.filing == ReportStatus.ACCEPTED else _("Handed in")
    return str(ReportStatus.DRAFT.label) if line.filing == ReportStatus.DRAFT else _("Not yet reported")


def _problems(report: ProgressReport | None) -> str:
    stated = report.problems.all() if report else ()
    return "\n".join(f"{problem.get_kind_display()} · {problem.description}" for problem in stated)


def _notes(plan: Plan) -> Iterable[str]:
    yield _(
        "Write in the yellow columns only; the sheet “How to fill in” says how. Hand it in on the "
        "page it came from."
    )
    if plan.is_demonstration:
        yield _("Demonstration data, not real statistics")


def _words() -> Mapping[str, str]:
    return {
        "table": _("Table to fill in"),
        "help": _("How to fill in"),
        "page": _("Page &P of &N"),
        "no_data": "—",
        "empty": _("Nothing is due this week"),
        "wrong_percent": _("The percent lies between 0 and 100."),
        "wrong_no_change": _("Choose from the list, or leave it blank."),
        "wrong_kind": _("Choose from the list, or leave it blank."),
        "wrong_decrease_reason": _("At most %(n)d characters.") % {"n": LONGEST["decrease_reason"]},
    }
