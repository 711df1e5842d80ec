"""The forms of the watch list: its filters, what people do about a signal, and the numbers of a rule."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.assigning import LONGEST_TITLE
from tasks_tracker.actions.signal_acts import SignalRefused
from tasks_tracker.actions.signal_rules import RuleRefused
from tasks_tracker.forms.filters import Choices, FilterForm, indented
from tasks_tracker.models import EarlySignal, SignalCode, SignalRule
from tasks_tracker.queries.items import Options
from tasks_tracker.queries.signals import ALL, OPEN, Wanted

LONGEST_WORDS = 500
REFUSALS = {
    "changed_meanwhile": _("Somebody changed this meanwhile. Nothing of yours was written."),
    "words_missing": _("Say it in words."),
    "item_made": _("The signal was settled or has become a work item meanwhile. No second one was made."),
    "reason_missing": _("Say why: this is kept beside the figures."),
    "nothing_changed": _("Nothing differs from the rule in force."),
}
CONFLICTS = frozenset({"changed_meanwhile", "item_made"})


def refusal_text(refused: SignalRefused | RuleRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code])


def status_of(refused: SignalRefused | RuleRefused) -> int:
    """409 for what somebody else did, 422 for what was typed."""
    return 409 if refused.code in CONFLICTS else 422


class SignalForm(forms.Form):
    """Words about a signal; the revision that was seen rides along."""

    use_required_attribute = False
    words = forms.CharField(
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": REFUSALS["words_missing"]},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, label: Any, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        self.fields["words"].label = label

    def refuse(self, refused: SignalRefused) -> None:
        """Put the refusal beside the field that it is about."""
        where = refused.field if refused.field in self.fields else None
        self.add_error(where, ValidationError(refusal_text(refused), code=refused.code))


class SignalFilter(FilterForm):
    """The filters of the watch list; the names are part of addresses and stay as they are."""

    rule = forms.ChoiceField(label=_("Rule"), choices=[("", _("all")), *SignalCode.choices])
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("not settled")),
            (OPEN, _("open, without those made work items")),
            *EarlySignal.State.choices,
            (ALL, _("all")),
        ],
    )
    key_task = forms.ChoiceField(label=_("Key task"))
    region = forms.ChoiceField(label=_("Region"))
    lead = forms.ChoiceField(label=_("Lead"))
    item = forms.CharField(label=_("Code"), max_length=40)

    def __init__(self, query: QueryDict, options: Options) -> None:
        self.offered: dict[str, Choices] = {
            "key_task": [(str(t.number), f"{t.number} {t.short_label}") for t in options.key_tasks],
            "region": [(region.code, region.short_label) for region in options.regions],
            "lead": [(actor.code, indented(actor)) for actor in options.leads],
        }
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer what the user may choose from, then read the address."""
        for name, choices in self.offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *choices]
        super().full_clean()

    @property
    def wanted(self) -> Wanted:
        """What the list is narrowed to."""
        return Wanted(**{name: self.good(name) for name in self.fields})


class RuleForm(forms.Form):
    """The numbers of a rule, within their bounds, and why they change."""

    use_required_attribute = False
    seen = forms.IntegerField(widget=forms.HiddenInput)
    is_on = forms.BooleanField(label=_("switched on"), required=False)

    def __init__(self, data: Any = None, *, rule: SignalRule, labels: dict[str, Any]) -> None:
        self.rule = rule
        initial = {"seen": rule.version, "is_on": rule.is_on, "horizon": rule.horizon, **rule.parameters}
        super().__init__(data, label_suffix="", initial=initial)
        for parameter in rule.spec.parameters:
            bounds = {"min_value": parameter.least, "max_value": parameter.most}
            self.fields[parameter.name] = forms.IntegerField(label=labels[parameter.name], **bounds)
        self.fields["horizon"] = forms.IntegerField(
            label=_("comes true within, weeks"), min_value=1, max_value=26
        )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            max_length=300,
            error_messages={"required": REFUSALS["reason_missing"]},
        )

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, for the action."""
        typed = self.cleaned_data
        parameters = {parameter.name: typed[parameter.name] for parameter in self.rule.spec.parameters}
        rest = {name: typed[name] for name in ("seen", "is_on", "horizon", "reason")}
        return rest | {"parameters": parameters}


def signal_as_item(signal: EarlySignal, title: str, today: date) -> dict[str, Any]:
    """What a work item that is made of a signal begins with."""
    item = signal.item
    values: dict[str, Any] = {"title": title[:LONGEST_TITLE], "starts_on": today, "weight": 1}
    if item:
        more = ("measure", "region", "lead", "commitment")
        return values | {name: getattr(item, name) for name in more} | {"industry": item.industry_id}
    unit = signal.unit if signal.unit and signal.unit.reports else None
    return values | {"region": signal.region, "lead": unit}
