"""What can be wrong with a row that is to become a work item, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tasks_tracker.rules.ledger_csv import Fault


def fault_words(fault: Fault) -> str:
    """What is wrong in the cell."""
    others = pgettext("between names", ", ").join(fault.others)
    said = _what(fault.code) % {"value": fault.value, "others": others}
    if others and fault.code == "unknown":
        return said + _("; similar: %(names)s") % {"names": others}
    return said


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
        "bad_run": _("“%(value)s” is not a first and a last day, write 2026-01-01 to 2026-12-31"),
        "cell_error": _("the formula in the file failed: %(value)s"),
        "outside_scope": _("this lies outside your scope"),
        "row_twice": _("“%(value)s” is in the file twice, with the same measure, region and lead"),
        # what was taken for granted
        "year_taken": _("it names no year; taken: %(value)s"),
        "january": _("read as %(value)s; a number 2026.10 looks the same"),
        "long_term": _("it has no end; the last day of the plan is taken: %(value)s"),
        "plan_start": _("it says nothing; taken: %(value)s"),
        "understood": _("“%(value)s” is taken for %(others)s"),
        "other_key_task": _("“%(value)s” stands here, but the measure belongs to %(others)s"),
        "in_words": _("“%(value)s” is no plain number and is kept in words"),
        "stands_otherwise": _("it is there as %(value)s with another weight or other days; these stay"),
        "differs": _("“%(value)s” is there already with other content; that takes a change of plan"),
    }[code]
