"""The audit log, in words: codes are put into the reader's language, what has no words stays as it is."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import django_tables2 as tables
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import (
    AuditEntry,
    Channel,
    EarlySignal,
    Grade,
    Light,
    Occasion,
    ProblemCase,
    ReportScope,
    ReportStatus,
    Role,
    Slip,
    State,
)
from tasks_tracker.rules.weeks import format_week

ACTIONS = {
    "reset_password": _("Password set anew"),
    "policy_text_loaded": _("Policy text loaded"),
    "draft_outline": _("Outline drafted from a document"),
    "correct_draft": _("Draft of an outline corrected"),
    "adopt_draft": _("Draft of an outline adopted"),
    "discard_draft": _("Draft of an outline discarded"),
    "assign_item": _("Work item assigned"),
    "submit_report": _("Report handed in"),
    "sign_no_change": _("“No change” signed"),
    "review_report": _("Report reviewed for the unit"),
    "accept_report": _("Report accepted"),
    "return_report": _("Report returned"),
    "add_evidence": _("Evidence added"),
    "remove_evidence": _("Evidence removed"),
    "download_evidence": _("Evidence downloaded"),
    "override_light": _("Light set by hand"),
    "withdraw_override": _("Light set by hand withdrawn"),
    "assign_draft": _("Draft assigned"),
    "accept_item": _("Work item signed for"),
    "decompose_item": _("Work item split into parts"),
    "suspend_item": _("Work item suspended"),
    "resume_item": _("Work item resumed"),
    "cancel_item": _("Work item cancelled"),
    "reopen_item": _("Work item reopened"),
    "edit_item": _("Words of a work item edited"),
    "replan_item": _("Plan of a work item changed"),
    "distribute_measure": _("Measure distributed"),
    "request_completion": _("Completion asked for"),
    "grant_completion": _("Completion granted"),
    "return_completion": _("Completion returned"),
    "request_extension": _("Extension asked for"),
    "grant_extension": _("Extension granted"),
    "refuse_extension": _("Extension refused"),
    "coordinate_case": _("Problem taken up"),
    "answer_case": _("Problem answered"),
    "solve_case": _("Problem solved"),
    "reopen_case": _("Problem opened again"),
    "make_item_case": _("Problem turned into a work item"),
    "find_signals": _("Early signals looked for"),
    "assess_signal": _("Early signal assessed"),
    "handle_signal": _("Early signal handled"),
    "solve_signal": _("Early signal solved"),
    "make_item_signal": _("Early signal turned into a work item"),
    "send_ledger": _("Ledger sent for an import"),
    "discard_import": _("Import discarded"),
    "confirm_import": _("Import confirmed"),
    "import_plan": _("Ledger imported"),
    "download_ledger": _("Ledger downloaded"),
    "record_value": _("Indicator value recorded"),
    "correct_value": _("Indicator value corrected"),
    "close_week": _("Week closed"),
    "follow_up": _("Reports asked for by the clock"),
    "issue_slip": _("Slip issued"),
    "answer_slip": _("Slip answered"),
    "close_slip": _("Slip closed"),
    "move_cutoff": _("Cut-off moved"),
    "withdraw_cutoff": _("Moved cut-off withdrawn"),
    "download_week_workbook": _("Workbook to fill in downloaded"),
    "upload_week_workbook": _("Filled-in workbook uploaded"),
    "refuse_week_workbook": _("Filled-in workbook not taken"),
    "return_week_workbook": _("Filled-in workbook returned with remarks"),
    "hand_in_week_workbook": _("Filled-in workbook handed in"),
    "discard_week_workbook": _("Filled-in workbook discarded"),
    "export_workbook": _("Weekly workbook exported"),
    "draft_weekly_report": _("Weekly report drafted"),
    "compose_weekly_report": _("Weekly report generated again"),
    "edit_weekly_report": _("Paragraph of a weekly report edited"),
    "reset_weekly_report": _("Paragraph of a weekly report set back"),
    "publish_weekly_report": _("Weekly report published"),
    "revise_weekly_report": _("Revision of a weekly report begun"),
    "download_weekly_report": _("Weekly report downloaded"),
    "export_audit_log": _("Audit log exported"),
    "make_pack": _("Pack of weekly reports made"),
    "make_pack_file_again": _("File of a pack to be made again"),
    "download_pack_file": _("File of a pack downloaded"),
    "add_pack_reader": _("Reader of packs added"),
    "remove_pack_reader": _("Reader of packs removed"),
    "issue_report": _("Weekly report written by hand"),
}
# What happens on the pages for editing and administration, whatever it happens to.
SAVED = {
    "create": _("%(what)s added"),
    "change": _("%(what)s changed"),
    "retire": _("%(what)s retired"),
    "restore": _("%(what)s taken into use again"),
    "delete": _("%(what)s deleted"),
}
FIELDS = {
    "username": _("User name"),
    "role": _("Role"),
    "week": _("Week"),
    "version": _("Version"),
    "percent": _("Percent"),
    "status": _("Status"),
    "reason": _("Reason"),
    "item": _("Work item"),
    "state": _("State"),
    "grade": _("Grade"),
    "statement": _("Statement"),
    "asked_due_on": _("asked for"),
    "due_on": _("due on"),
    "title": _("Title"),
    "light": _("Light"),
    "expires_on": _("Expires on"),
    "scope": _("Scope"),
    "subject": pgettext_lazy("of a workbook", "Subject"),
    "items": _("Work items"),
    "measures": _("Measures taken"),
    "promised_on": _("Reports promised by"),
    "slip_status": _("Status"),
    "case_state": _("State"),
    "signal_state": _("State"),
    "raised": _("Signals raised"),
    "unit": _("Unit"),
    "words": pgettext_lazy("of an act", "Words"),
    "problems_opened": _("Problems that began"),
    "problems_solved": _("Problems solved"),
    "sha256": _("SHA-256"),
    "file_name": _("File"),
    "paragraphs": _("Paragraphs"),
    "lines": _("Lines"),
    "key_tasks": _("Key tasks"),
    "measures_adopted": _("Measures"),
    "entries": _("Entries"),
    "already_there": _("Already there"),
    "refused": _("Refused rows"),
    "draft": _("Draft"),
    "filters": _("Filters"),
    "remarks": _("Remarks"),
}


def _percent(hundredths: int | None) -> str:
    return gettext("no data") if hundredths is None else f"{hundredths / 100:.2f}%"


TEXTS_OF_THE_WORK = {
    "statement",
    "shortfall",
    "catch_up",
    "measures",
    "file_name",
    "title",
    "expected_result",
    "deliverable",
    "milestones",
    "words",
    "closing_note",
    "problems_opened",
    "problems_solved",
}


VALUES: dict[str, Callable[[Any], object]] = {
    "role": lambda code: Role(code).label,
    "week": lambda monday: format_week(date.fromisoformat(monday)),
    "percent": _percent,
    "status": lambda code: ReportStatus(code).label,
    "state": lambda code: State(code).label,
    "grade": lambda code: Grade(code).label,
    "light": lambda code: Light(code).label,
    "scope": lambda code: ReportScope(code).label,
    "kind": lambda code: dict(Slip.KINDS)[code],
    "case_state": lambda code: ProblemCase.State(code).label,
    "signal_state": lambda code: EarlySignal.State(code).label,
    "slip_status": lambda code: Slip.Status(code).label,
    "occasion": lambda code: Occasion(code).label,
    "filters": lambda filters: ", ".join(f"{label} = {value}" for label, value in filters.items()),
}


def action_words(code: str) -> str:
    """What was done."""
    verb, _separator, model_name = code.partition("_")
    if code not in ACTIONS and verb in SAVED:
        return str(SAVED[verb]) % {"what": object_words(model_name)}
    return str(ACTIONS.get(code, code))


def object_words(model_name: str) -> str:
    """What it was done to: the name of the model."""
    try:
        return str(apps.get_model("tasks_tracker", model_name)._meta.verbose_name)
    except LookupError:  # an entry of a model that is no more
        return model_name


def field_words(model_name: str, name: str) -> str:
    """What a value is: by its own words, else by those of the model's field."""
    if name in FIELDS:
        return str(FIELDS[name])
    try:
        field = apps.get_model("tasks_tracker", model_name)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))


def value_words(name: str, value: Any) -> str:
    """A value before or after an act; a text that is no code stays as it is, what is left is JSON."""
    if value in ("", [], {}):
        return "—"
    try:
        return str(VALUES[name](value))
    except (KeyError, ValueError, TypeError):  # no words for it, or from before the code was known
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def values_words(model_name: str, values: dict[str, Any]) -> str:
    """The values before or after an act as `name: value` pairs, in the order in which they were noted.

    For the audit administrator, who sees no business data: that a text of the work was written shows, the
    text itself does not. Who may read it finds it in the trail of the work item.
    """
    pair = gettext("%(label)s: %(value)s")
    kept_back = gettext("(text of the work)")
    return pgettext("between values", "; ").join(
        pair
        % {
            "label": field_words(model_name, name),
            "value": kept_back if each and name in TEXTS_OF_THE_WORK else value_words(name, each),
        }
        for name, each in values.items()
    )


def came_words(channel: str) -> str:
    """The way in; a dash where it is not known, as before it was noted."""
    return str(Channel(channel).label) if channel in Channel.values else "–"


class ValuesColumn(tables.Column):
    """The values before or after an act."""

    def render(self, value: dict[str, Any], record: AuditEntry) -> str:
        """In words."""
        return values_words(record.object_type, value)


class AuditTable(tables.Table):
    """Who did what to which object, when and from where, newest first."""

    row_header = "at"

    at = tables.DateTimeColumn(format="Y-m-d H:i:s", verbose_name=_("At"))
    by = tables.Column(verbose_name=_("User"), default=_("system"), order_by=("by__username",))
    channel = tables.Column(verbose_name=_("From where"), empty_values=(), order_by=("channel", "address"))
    action = tables.Column(verbose_name=_("Action"))
    object_type = tables.Column(verbose_name=_("Object type"))
    object_id = tables.Column(verbose_name=_("Object"))
    before = ValuesColumn(
        verbose_name=_("Before"), orderable=False, empty_values=(None, {}), attrs={"td": {"class": "is-wide"}}
    )
    after = ValuesColumn(
        verbose_name=_("After"), orderable=False, empty_values=(None, {}), attrs={"td": {"class": "is-wide"}}
    )

    class Meta:
        model = AuditEntry
        template_name = "components/table.html"
        fields = ("at", "by", "channel", "action", "object_type", "object_id", "before", "after")
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-at",)

    def render_channel(self, record: AuditEntry) -> str:
        """The way in, and the address of the caller."""
        return f"{came_words(record.channel)} {record.address}".strip()

    def render_action(self, value: str) -> str:
        """In words."""
        return action_words(value)

    def render_object_type(self, value: str) -> str:
        """In words."""
        return object_words(value)
