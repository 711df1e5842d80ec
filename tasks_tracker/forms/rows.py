"""What can be wrong with a row that is to become a work item, in words."""

from django.utils.translation import gettext as _

from tasks_tracker.rules.ledger_csv import Fault


def fault_words(fault: Fault) -> str:
    """What is wrong in the cell."""
    return _what(fault.code) % {"value": fault.value}


def _what(code: str) -> str:
    return {
        "column_unknown": _("there is no such column"),
        "column_missing": _("this column is missing"),
        "column_twice": _("this column is there twice"),
        "no_rows": _("the file holds no work items"),
        "missing": _("this cell must not be empty"),
        "bad_code": _("“%(value)s” is not a code: letters, digits, hyphens, dots and underscores only"),
        "bad_weight": _("“%(value)s” is not a whole number from 1 to 1000"),
        "bad_day": _("“%(value)s” is not a day, write it as 2026-01-31"),
        "bad_word": _("“%(value)s” is none of the words that may stand here"),
        "bad_milestone": _("“%(value)s” is not a list of milestones, write “2026-06-30 50%% title; …”"),
        "milestones_out_of_order": _(
            "they must lie inside the run, one after the other, none below the one before"
        ),
        "due_before_start": _("the due day must lie after the start"),
        "too_long": _("it is longer than %(value)s characters"),
        "unknown": _("“%(value)s” is not known"),
        "ambiguous": _("several are called “%(value)s”, write the code"),
        "does_not_report": _("“%(value)s” does not report, so it cannot stand here"),
        "outside_plan": _("%(value)s lies outside the plan"),
        "retired": _("“%(value)s” is no longer in use"),
        "code_twice": _("“%(value)s” is in the file twice"),
        "differs": _("“%(value)s” is there already with other content; that takes a change of plan"),
    }[code]
