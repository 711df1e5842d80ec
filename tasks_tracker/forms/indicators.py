"""The forms of an indicator and of its values."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.editing import EditRefused
from tasks_tracker.forms.editing import EditForm, refusal_text
from tasks_tracker.forms.plan import day_input
from tasks_tracker.models import Indicator, IndicatorValue


class NumberField(forms.DecimalField):
    """A number as typed, without the zeros that the table keeps behind it."""

    def __init__(self, **options: Any) -> None:
        field = IndicatorValue._meta.get_field("value")
        options = {"max_digits": field.max_digits, "decimal_places": field.decimal_places} | options  # type: ignore[union-attr]
        super().__init__(**options)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        """120.5000 → 120.5"""
        return format(value.normalize(), "f") if hasattr(value, "normalize") else value


class IndicatorForm(EditForm):
    """What is measured, from where and how far; a new target or baseline needs a reason."""

    plain_fields = only_old = ("reason",)
    baseline = NumberField(label=_("Baseline"), required=False)
    target = NumberField(
        label=_("Target as a number"), required=False, help_text=_("Either a number or words.")
    )
    reason = forms.CharField(
        label=_("Reason for a new target"),
        required=False,
        max_length=300,
        help_text=_("Only when baseline, target or target day change. It is kept beside the indicator."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Indicator
        fields = (
            "name",
            "name_en",
            "unit",
            "commitment",
            "direction",
            "baseline",
            "baseline_on",
            "target",
            "target_text",
            "target_on",
            "source",
        )
        widgets = {"baseline_on": day_input(), "target_on": day_input()}
        labels = {"baseline_on": _("Baseline as of"), "target_text": _("Target in words")}
        help_texts = {
            "target_text": _("For a target that is no number, such as “about 100”. It has no attainment."),
            "source": _("The document that sets the target."),
        }


class ValueForm(forms.Form):
    """Where an indicator stood on a day, and where that is from."""

    use_required_attribute = False
    value = NumberField(label=_("Value"))
    as_of = forms.DateField(label=_("As of"), widget=day_input())
    source = forms.CharField(label=_("Source"), max_length=200)

    def __init__(self, data: Any = None, *, today: date, correcting: IndicatorValue | None = None) -> None:
        initial = {"as_of": today}
        if correcting:
            initial = {name: getattr(correcting, name) for name in ("value", "as_of", "source")}
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["as_of"].widget.attrs["max"] = today.isoformat()

    def refuse(self, refused: EditRefused) -> None:
        """Put the refusal beside the field that it is about."""
        error = forms.ValidationError(refusal_text(refused), code=refused.code)
        self.add_error(refused.field or None, error)
