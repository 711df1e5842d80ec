"""The forms of key tasks and measures. Weights and suggested leads are ours and say so."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from tasks_tracker.forms.editing import EditForm
from tasks_tracker.models import Actor, KeyTask, Measure, Policy

HEAVIEST = 1000
OURS = _("Ours, not the policy’s.")
IN_ADDRESSES = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", _("Letters, digits, full stops, hyphens and underscores only.")
)


class WeightedForm(EditForm):
    """A row with a weight: a new one needs a reason."""

    plain_fields = only_old = ("reason",)
    reason = forms.CharField(
        label=_("Reason for a new weight"),
        required=False,
        max_length=300,
        help_text=_(
            "Only when the weight changes. It holds from this week on; weeks before keep the old one."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.policy = policy
        self.fields["weight"].help_text = OURS
        self.fields["weight"].validators.append(MaxValueValidator(HEAVIEST))


class KeyTaskForm(WeightedForm):
    """A key task; its number stands in addresses and stays."""

    only_new = ("number",)

    class Meta:
        model = KeyTask
        fields = ("number", "title", "title_en", "short", "short_en", "weight")


class MeasureForm(WeightedForm):
    """A measure; its code and its place in the outline stay."""

    only_new = ("code", "key_task", "supporting_area")
    key_task = forms.ModelChoiceField(
        KeyTask.objects.none(), label=_("Key task"), required=False, empty_label=_("none: supporting measure")
    )
    suggested_lead = forms.ModelChoiceField(
        Actor.objects.none(), label=_("Suggested lead"), required=False, to_field_name="code", help_text=OURS
    )

    class Meta:
        model = Measure
        fields = (
            "code",
            "key_task",
            "supporting_area",
            "title",
            "title_en",
            "description",
            "paragraph",
            "phrase",
            "weight",
            "suggested_lead",
            "order",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "code": _("Such as 5.8, or S1.4 for a supporting measure; it never changes."),
            "phrase": _("At most 20 characters that stand in the paragraph."),
            "order": _("Measures are listed by this number."),
        }

    def __init__(self, *args: Any, key_tasks: frozenset[int] = frozenset(), **kwargs: Any) -> None:
        """`key_tasks`: the row numbers that the user is limited to; empty = not limited."""
        super().__init__(*args, **kwargs)
        in_use = Actor.objects.filter(reports=True, retired_on=None)
        own = Actor.objects.filter(pk=self.instance.suggested_lead_id)
        self.fields["suggested_lead"].queryset = (in_use | own).order_by("order", "code")  # type: ignore[attr-defined]
        if "code" in self.fields:
            self._offer_places(key_tasks)

    def _offer_places(self, key_tasks: frozenset[int]) -> None:
        self.fields["code"].validators.append(IN_ADDRESSES)
        offered = KeyTask.objects.filter(policy=self.instance.policy, retired_on=None)
        field: Any = self.fields["key_task"]
        if key_tasks:
            field.required, field.empty_label = True, None
            offered = offered.filter(pk__in=key_tasks)
            del self.fields["supporting_area"]
        field.queryset = offered

    def clean_code(self) -> str:
        """Unique within the policy: its constraint does not say at which field."""
        code: str = self.cleaned_data["code"]
        if code == "new" or Measure.objects.filter(policy=self.instance.policy, code=code).exists():
            raise forms.ValidationError(_("This code is taken."))
        return code
