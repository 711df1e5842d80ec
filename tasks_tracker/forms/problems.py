"""The forms of the ledger of problems: its filters, what people do about a case, and why one was refused."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.assigning import LONGEST_TITLE
from tasks_tracker.actions.problems import CaseRefused
from tasks_tracker.forms.filters import Choices, FilterForm, indented
from tasks_tracker.forms.item_plan import ActorChoice
from tasks_tracker.models import Actor, Problem, ProblemCase
from tasks_tracker.queries.items import Options
from tasks_tracker.queries.problems import UNSOLVED, Wanted

LONGEST_WORDS = 500
REFUSALS = {
    "changed_meanwhile": _("Somebody changed this problem meanwhile. Nothing of yours was written."),
    "solved_already": _("The problem was solved meanwhile. Nothing of yours was written."),
    "words_missing": _("Say it in words."),
    "coordinator_missing": _("Say which unit coordinates."),
    "open_again_already": _("The lead has stated this problem anew already; go on there."),
    "item_made": _("The problem was solved or has become a work item meanwhile. No second one was made."),
}
CONFLICTS = frozenset({"changed_meanwhile", "solved_already", "open_again_already", "item_made"})


def refusal_text(refused: CaseRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code])


def status_of(refused: CaseRefused) -> int:
    """409 for what somebody else did, 422 for what was typed."""
    return 409 if refused.code in CONFLICTS else 422


class CaseForm(forms.Form):
    """Words about a case."""

    use_required_attribute = False
    words = forms.CharField(
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": REFUSALS["words_missing"]},
    )

    def __init__(self, data: Any = None, *, label: Any, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        self.fields["words"].label = label

    def refuse(self, refused: CaseRefused) -> None:
        """Put the refusal beside the field that it is about."""
        where = refused.field if refused.field in self.fields else None
        self.add_error(where, ValidationError(refusal_text(refused), code=refused.code))


class SeenForm(CaseForm):
    """An act upon what was seen: the revision of the case rides along."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class CoordinateForm(SeenForm):
    """Who coordinates, and a note about it."""

    field_order = ("coordinator", "words", "seen")
    coordinator = ActorChoice(
        label=_("Coordinated by"),
        queryset=Actor.objects.none(),
        error_messages={"required": REFUSALS["coordinator_missing"]},
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["words"].required = False
        units = Actor.objects.filter(kind=Actor.Kind.GOVERNMENT, retired_on=None).order_by("path")
        self.fields["coordinator"].queryset = units  # type: ignore[attr-defined]


class ProblemFilter(FilterForm):
    """The filters of the ledger; the names are part of addresses and stay as they are."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("all")), (UNSOLVED, _("Not solved")), *ProblemCase.State.choices],
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all")), *Problem.Kind.choices])
    key_task = forms.ChoiceField(label=_("Key task"))
    measure = forms.ChoiceField(label=_("Measure"))
    region = forms.ChoiceField(label=_("Region"))
    lead = forms.ChoiceField(label=_("Lead"))
    needed_from = forms.ChoiceField(label=_("From whom"))
    older = forms.IntegerField(
        label=_("For more than … weeks"),
        min_value=1,
        max_value=520,
        widget=forms.NumberInput(attrs={"min": 1, "max": 520}),
    )
    asked = forms.ChoiceField(label=_("Asked"), choices=[("", _("anybody")), ("me", _("my unit"))])

    def __init__(self, query: QueryDict, options: Options, asked: list[Actor], *, has_unit: bool) -> None:
        self.offered: dict[str, Choices] = {
            "key_task": [(str(t.number), f"{t.number} {t.short_label}") for t in options.key_tasks],
            "measure": [(measure.code, f"{measure.code} {measure.label}") for measure in options.measures],
            "region": [(region.code, region.short_label) for region in options.regions],
            "lead": [(actor.code, indented(actor)) for actor in options.leads],
            "needed_from": [(actor.code, actor.label) for actor in asked],
        }
        self.has_unit = has_unit
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer what the user may choose from, then read the address."""
        for name, choices in self.offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *choices]
        if not self.has_unit:
            self.fields.pop("asked", None)
        super().full_clean()

    @property
    def wanted(self) -> Wanted:
        """What the ledger is narrowed to."""
        return Wanted(**{name: self.good(name) for name in self.fields})


def problem_as_item(case: ProblemCase, today: date) -> dict[str, Any]:
    """What a work item that is made of a problem begins with: the lead is who is asked, if it reports."""
    asked = case.needed_from
    return {
        "title": case.description[:LONGEST_TITLE],
        "expected_result": case.needed,
        "measure": case.item.measure,
        "region": case.item.region,
        "lead": asked if asked and asked.reports else None,
        "industry": case.item.industry_id,
        "starts_on": today,
        "weight": 1,
        "commitment": case.item.commitment,
    }
