"""The form in which a supervisor sets a light by hand, and why it was refused."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks_tracker.actions.supervision import LONGEST_DAYS, OverrideRefused
from tasks_tracker.models import LIGHTS_TO_SET

USUAL_DAYS = 14
REFUSALS = {
    "not_running": gettext_lazy("Only a running work item that has started has a light to set."),
    "unknown_light": gettext_lazy("Choose one of the lights."),
    "expiry_passed": gettext_lazy("The last day has passed already."),
    "expiry_too_far": gettext_lazy("The last day lies at most %(days)s days ahead."),
    "reason_missing": gettext_lazy("Say why the light is set by hand."),
    "nothing_to_withdraw": gettext_lazy("No light set by hand is in force any more."),
}


def refusal_text(refused: OverrideRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code]) % {"days": LONGEST_DAYS}


class LightForm(forms.Form):
    """Which light, through which day, and why."""

    light = forms.ChoiceField(label=gettext_lazy("Light"), choices=[("", "—"), *LIGHTS_TO_SET])
    expires_on = forms.DateField(
        label=gettext_lazy("Through"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why the light is set by hand.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(
            data,
            initial={"expires_on": today + timedelta(days=USUAL_DAYS)},
            label_suffix="",
            prefix="by-hand",
        )
        last = today + timedelta(days=LONGEST_DAYS)
        self.fields["expires_on"].widget.attrs |= {"min": today.isoformat(), "max": last.isoformat()}
        self.fields["expires_on"].help_text = _("At most %(days)s days ahead.") % {"days": LONGEST_DAYS}

    def refuse(self, refused: OverrideRefused) -> None:
        """Put the refusal beside the field that it is about."""
        self.add_error(refused.field or None, ValidationError(refusal_text(refused), code=refused.code))
