"""The steps of the life cycle as forms, and the words for what is refused."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.replan import MOST_MILESTONES, StepRefused
from tasks_tracker.models import Grade

REFUSALS: dict[str, Promise] = {
    "state_changed": _("The work item is in another state by now. Nothing was written."),
    "changed_meanwhile": _("Somebody changed this work item in the meantime. Nothing of yours was written."),
    "already_asked": _("A request about this work item waits for its decision already."),
    "already_decided": _("This request has been decided already."),
    "is_over": _("A closed or cancelled work item has no plan to change."),
    "nothing_changed": _("Nothing differs from what is agreed."),
    "reason_missing": _("Say why."),
    "due_before_start": _("The due day lies after the start."),
    "outside_plan": _("This day lies outside the plan."),
    "outside_whole": _("A part runs within the dates of the item that it is a part of."),
    "parts_outside": _("Parts of this work item run outside these dates. Change the parts first."),
    "bad_weight": _("The weight is a whole number from 1 to 1000."),
    "milestones_out_of_order": _(
        "Milestones lie inside the run, one after the other, none below the one before."
    ),
    "too_many_milestones": _("At most %(most)s milestones."),
    "does_not_report": _("This unit does not report, so it cannot lead."),
    "not_own_unit": _("Parts go to the own unit or to units below it, within your scope."),
    "no_parts": _("Fill in at least one part."),
    "parts_running": _("Parts of this work item still run. Deal with the parts first."),
    "whole_closed": _("The item that this one is a part of is closed. Reopen that one first."),
    "statement_missing": _("State what was achieved."),
    "shortfall_missing": _("The last accepted percent is below 100. Say why completion is asked for now."),
    "catch_up_missing": _("Say how the work catches up."),
    "not_later": _("The new due day lies after the present one, and ahead."),
    "grade_missing": _("Choose a grade."),
    "title_missing": _("Enter a title."),
    "title_too_long": _("The title is too long."),
    "code_too_long": _("The code of the part would be too long."),
}
CONFLICTS = frozenset({"state_changed", "changed_meanwhile", "already_asked", "already_decided"})


def refusal_text(refused: StepRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code]) % {"most": MOST_MILESTONES}


def status_of(refused: StepRefused) -> int:
    """409 where somebody was faster, 422 where something is to be corrected."""
    return 409 if refused.code in CONFLICTS else 422


class StepForm(forms.Form):
    """What all steps share: no colon after labels, and refusals beside the field they are about."""

    use_required_attribute = False

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)

    def refuse(self, refused: StepRefused) -> None:
        """Put the refusal beside its field, or on top."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, ValidationError(refusal_text(refused), code=refused.code))


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, typed or picked."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


def text_field(label: Any, length: int, rows: int, missing: str = "", **options: Any) -> forms.CharField:
    """Text of several lines; `missing` is the code of the refusal when it stays empty."""
    if missing:
        options["error_messages"] = {"required": REFUSALS[missing]}
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=length, widget=widget, required=bool(missing), **options)


class ReasonForm(StepForm):
    """Why the step is taken."""

    reason = text_field(_("Reason"), 300, 3, "reason_missing")


class CompletionForm(StepForm):
    """What a lead states when it asks for completion."""

    statement = text_field(_("What was achieved"), 1000, 5, "statement_missing")
    shortfall = text_field(
        _("Why it is asked for below 100 %"),
        300,
        2,
        help_text=_("Only when the last accepted percent is below 100."),
    )


class ExtensionForm(StepForm):
    """What a lead asks for when the due day cannot be kept."""

    due_on = day_field(_("New due day"))
    reason = text_field(_("Reason"), 300, 3, "reason_missing")
    catch_up = text_field(_("How the work catches up"), 1000, 4, "catch_up_missing")


class GradeForm(StepForm):
    """A grade, and what is to be said beside it."""

    grade = forms.ChoiceField(
        label=_("Grade"),
        choices=Grade.choices,
        widget=forms.RadioSelect,
        error_messages={"required": REFUSALS["grade_missing"]},
    )
    remark = text_field(_("Remark"), 300, 2)


class GrantForm(StepForm):
    """Until when an extension is granted."""

    due_on = day_field(_("Granted until"))
    remark = text_field(_("Remark"), 300, 2)

    def __init__(self, data: Any = None, *, asked_for: date | None = None, **options: Any) -> None:
        super().__init__(data, initial={"due_on": asked_for}, **options)
