"""The form that moves the cut-off of a week, and why it was refused."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.cutoffs import CutoffRefused
from tasks_tracker.rules.weeks import UnknownWeek, parse_week

REFUSALS = {
    "passed_already": _("The cut-off of this week has passed: reports were marked late by it."),
    "outside_week": _("The cut-off lies on a day of its week, Monday to Sunday."),
    "in_the_past": _("This moment has passed already."),
    "outside_plan": _("The plan does not run in this week."),
    "not_moved": _("This is the cut-off already."),
    "reason_missing": _("Say why the cut-off is moved."),
    "changed_meanwhile": _("Somebody else moved it meanwhile; nothing was written. Look at the list again."),
}
CONFLICTS = frozenset({"changed_meanwhile", "not_moved"})


def refusal_text(refused: CutoffRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code])


class CutoffForm(forms.Form):
    """Which week, until when instead, and why."""

    week = forms.CharField(label=_("Week"), widget=forms.Select)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, error_messages={"required": REFUSALS["reason_missing"]}
    )

    def __init__(self, data: Any = None, *, weeks: list[tuple[str, str]], usual: time) -> None:
        super().__init__(data, initial={"time": usual}, label_suffix="")
        self.fields["week"].widget.choices = weeks  # type: ignore[attr-defined]

    def clean_week(self) -> date:
        """The Monday."""
        try:
            return parse_week(self.cleaned_data["week"])
        except UnknownWeek:
            raise ValidationError(_("Weeks are written like 2026-W47.")) from None

    @property
    def cutoff(self) -> datetime:
        """The moment in the wall time of the house."""
        moment = datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"])
        return timezone.make_aware(moment, timezone.get_default_timezone())

    def refuse(self, refused: CutoffRefused) -> None:
        """Put the refusal beside the field that it is about."""
        self.add_error(refused.field or None, ValidationError(refusal_text(refused), code=refused.code))
