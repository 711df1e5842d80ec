"""The forms of the plan itself: setting it up, and editing it with its thresholds and cut-off."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_tracker.forms.editing import REFUSALS, EditForm
from tasks_tracker.forms.progress import PercentField, written_percent
from tasks_tracker.models import Plan, Policy

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


def day_input() -> forms.DateInput:
    """The browser's own calendar."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BehindField(PercentField):
    """Points behind the plan as typed (10) ↔ the variance below which a light turns (−1000)."""

    def to_python(self, value: Any) -> Any:
        points = super().to_python(value)
        return None if points is None else -points

    def prepare_value(self, value: Any) -> Any:
        """−1000 → "10"; what was typed stays as typed."""
        return written_percent(-value) if isinstance(value, int) else value


class PlanForm(EditForm):
    """Title, days, thresholds and cut-off. `confirmed` follows once the consequence has been seen."""

    severely_behind_below = BehindField(
        label=_("Severely behind: more than … points"), help_text=_("Reason beside the light “behind”.")
    )
    behind_below = BehindField(label=_("Behind: more than … points"))
    at_risk_below = BehindField(label=_("At risk: more than … points"))
    cutoff_weekday = forms.TypedChoiceField(label=_("Cut-off day"), choices=WEEKDAYS, coerce=int)

    class Meta:
        model = Plan
        fields = (
            "title",
            "title_en",
            "starts_on",
            "ends_on",
            "severely_behind_below",
            "behind_below",
            "at_risk_below",
            "due_soon_days",
            "cutoff_weekday",
            "cutoff_time",
        )
        labels = {"due_soon_days": _("Due soon: within … days"), "cutoff_time": _("Cut-off time")}
        widgets = {
            "starts_on": day_input(),
            "ends_on": day_input(),
            "cutoff_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean_due_soon_days(self) -> int:
        """A year is soon enough."""
        days: int = self.cleaned_data["due_soon_days"]
        if days > 366:
            raise forms.ValidationError(_("At most 366 days."))
        return days

    def clean_cutoff_time(self) -> time:
        """Whole minutes: what the page shows is what holds."""
        return self.cleaned_data["cutoff_time"].replace(second=0, microsecond=0)


class NewPlanForm(forms.ModelForm):
    """What a plan begins with; thresholds and cut-off are those that a plan has by default."""

    use_required_attribute = False

    class Meta:
        model = Plan
        fields = ("policy", "code", "title", "title_en", "starts_on", "ends_on")
        widgets = {"starts_on": day_input(), "ends_on": day_input()}
        help_texts = {"code": _("Short and lasting, such as plan-2026; it never changes.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        policies = Policy.objects.order_by("pk")
        self.fields["policy"].queryset = policies  # type: ignore[attr-defined]
        self.fields["policy"].empty_label = None  # type: ignore[attr-defined]
        self.fields["code"].validators.append(forms.fields.validators.validate_slug)

    def refuse(self, code: str) -> None:
        """Why the plan cannot be set up so."""
        field = {"code_taken": "code", "wrong_way_round": "ends_on"}.get(code)
        self.add_error(field, forms.ValidationError(REFUSALS[code], code=code))
