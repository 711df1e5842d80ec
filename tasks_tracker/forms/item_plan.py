"""Forms of supervisors over work items: the words, the plan on record, a new item, its parts."""

import json
from datetime import date
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.assigning import MOST_PARTS, Part
from tasks_tracker.actions.item_words import Words
from tasks_tracker.actions.replan import Terms
from tasks_tracker.forms.filters import indented
from tasks_tracker.forms.lifecycle import REFUSALS, StepForm, day_field, text_field
from tasks_tracker.forms.progress import written_percent
from tasks_tracker.forms.rows import fault_words
from tasks_tracker.models import Actor, Industry, Measure, Region, User, WorkItem
from tasks_tracker.rules.ledger_csv import HEAVIEST, Fault, Row, in_the_run, typed_marks
from tasks_tracker.rules.schedule import Mark, read_marks

SALT = "tasks_tracker.seen"


def written_lines(marks: Any) -> str:
    """Milestones one per line, as they are typed."""
    return "\n".join(f"{mark.due_on} {written_percent(mark.percent)}% {mark.title}" for mark in marks)


class MilestonesField(forms.CharField):
    """Milestones one per line, `2026-06-30 50% title` ↔ a tuple of marks."""

    widget = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})

    def __init__(self, **options: Any) -> None:
        help_text = _("One per line: day, planned percent, title. For example: 2026-06-30 50% Scheme issued")
        super().__init__(
            label=_("Milestones"), required=False, max_length=2500, help_text=help_text, **options
        )

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for a line that says something else."""
        marks = typed_marks((super().to_python(value) or "").replace("\r", ""))
        if marks is None:
            raise ValidationError(_("Write each milestone as: 2026-06-30 50% title"))
        if any(len(mark.title) > 80 for mark in marks):
            raise ValidationError(_("A title of a milestone has at most 80 characters."))
        return marks

    def prepare_value(self, value: Any) -> Any:
        """Marks as lines; what was typed stays as typed."""
        return value if isinstance(value, str) else written_lines(value or ())


class ActorChoice(forms.ModelChoiceField):
    """One actor, indented by its place in the tree."""

    def label_from_instance(self, actor: Actor) -> str:  # type: ignore[override]
        """By its place in the tree."""
        return indented(actor)


class PersonChoice(forms.ModelChoiceField):
    """One person with the office."""

    def label_from_instance(self, user: User) -> str:  # type: ignore[override]
        """Name and office."""
        return f"{user} {user.office}".strip()


class SeenMixin(forms.Form):
    """Keeps what was on the form when it was opened, signed, so that a stale form is told apart."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def seen_values(self) -> Any:
        """What was seen; None when it is not ours."""
        try:
            return json.loads(signing.loads(self.data.get("seen", ""), salt=SALT))
        except signing.BadSignature:
            return None


def signed(values: Any) -> str:
    """Values for `seen`."""
    return signing.dumps(json.dumps(values, ensure_ascii=False), salt=SALT)


class WordsForm(SeenMixin, StepForm):
    """What may be edited freely."""

    title = forms.CharField(
        label=_("Title"), max_length=120, error_messages={"required": REFUSALS["title_missing"]}
    )
    expected_result = text_field(_("Expected result"), 300, 3)
    deliverable = forms.CharField(label=_("Deliverable"), max_length=200, required=False)
    commitment = forms.ChoiceField(label=_("Commitment"), choices=WorkItem.Commitment.choices)
    owner = PersonChoice(label=_("Owner"), queryset=User.objects.none(), required=False)
    industry = forms.ModelChoiceField(label=_("Industry"), queryset=Industry.objects.all(), required=False)
    supporting = forms.ModelMultipleChoiceField(
        label=_("Supporting units"),
        queryset=Actor.objects.all(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, data: Any = None, *, item: WorkItem) -> None:
        words = Words.of(item)
        initial = {name: getattr(words, name) for name in words.written} | {"seen": signed(words.written)}
        super().__init__(data, initial=initial)
        people = User.objects.filter(is_active=True, actor__path__startswith=item.lead.path)
        self.fields["owner"].queryset = people | User.objects.filter(pk=item.owner_id or 0)  # type: ignore[attr-defined]

    @property
    def words(self) -> Words:
        """What is to hold."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        supporting = tuple(sorted(values.pop("supporting"), key=lambda actor: actor.code))
        return Words(**values, supporting=supporting)


class TermsForm(SeenMixin, StepForm):
    """What moves only on the record."""

    lead = ActorChoice(label=_("Lead"), queryset=Actor.objects.none())
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=HEAVIEST)
    starts_on = day_field(_("Start"))
    due_on = day_field(_("Due"))
    is_key = forms.BooleanField(label=_("Key item, reported every week"), required=False)
    milestones = MilestonesField()
    reason = text_field(_("Reason of the change"), 300, 3, "reason_missing")

    def __init__(self, data: Any = None, *, item: WorkItem) -> None:
        terms = Terms.of(item)
        initial = {name: getattr(terms, name) for name in terms.written} | {"seen": signed(terms.written)}
        super().__init__(data, initial=initial)
        self.fields["lead"].queryset = reporting_actors() | Actor.objects.filter(pk=item.lead_id)  # type: ignore[attr-defined]

    @property
    def terms(self) -> Terms | None:
        """What is to hold; None while a value of it is not understood."""
        names = ("lead", "weight", "starts_on", "due_on", "is_key", "milestones")
        values = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return Terms(**values) if len(values) == len(names) else None

    def seen_terms(self) -> Terms | None:
        """The terms that were on the form; None when they are not ours."""
        seen = self.seen_values()
        if seen is None:
            return None
        return Terms(
            lead=Actor.objects.filter(code=seen["lead"]).first() or Actor(),
            weight=int(seen["weight"]),
            starts_on=date.fromisoformat(seen["starts_on"]),
            due_on=date.fromisoformat(seen["due_on"]),
            is_key=seen["is_key"] == "1",
            milestones=tuple(read_marks(seen["milestones"])),
        )


def reporting_actors() -> Any:
    """Who may lead."""
    return Actor.objects.filter(reports=True).order_by("path")


class CommonForm(StepForm):
    """What a new item and a distribution have in common."""

    starts_on = day_field(_("Start"))
    due_on = day_field(_("Due"))
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=HEAVIEST, initial=1)
    commitment = forms.ChoiceField(
        label=_("Commitment"), choices=WorkItem.Commitment.choices, initial=WorkItem.Commitment.ANTICIPATORY
    )
    is_key = forms.BooleanField(label=_("Key item, reported every week"), required=False)
    expected_result = text_field(_("Expected result"), 300, 3)
    deliverable = forms.CharField(label=_("Deliverable"), max_length=200, required=False)
    milestones = MilestonesField()

    def clean(self) -> dict[str, Any]:
        """The milestones fit the run."""
        values: dict[str, Any] = super().clean() or {}
        first, last, marks = (values.get(name) for name in ("starts_on", "due_on", "milestones"))
        if first and last and last <= first:
            self.add_error("due_on", ValidationError(REFUSALS["due_before_start"]))
        elif first and last and marks and not in_the_run(marks, first, last):
            self.add_error("milestones", ValidationError(REFUSALS["milestones_out_of_order"]))
        return values

    def common(self) -> dict[str, Any]:
        """The values as a row of a table has them."""
        names = ("starts_on", "due_on", "weight", "commitment", "is_key", "expected_result", "deliverable")
        marks: tuple[Mark, ...] = self.cleaned_data["milestones"]
        return {name: self.cleaned_data[name] for name in names} | {"supporting": (), "milestones": marks}

    def fault(self, fault: Fault) -> None:
        """Put a fault of a row beside the field that it is about."""
        field = fault.column if fault.column in self.fields else None
        self.add_error(field, ValidationError(fault_words(fault), code=fault.code))


def scoped(user: User, measures: Any) -> tuple[Any, Any]:
    """The measures and regions in which the user assigns items."""
    scope = user.scope
    regions = Region.objects.filter(reports=True) | Region.objects.filter(kind=Region.Kind.NATIONAL)
    if scope.key_tasks:
        measures = measures.filter(key_task__in=scope.key_tasks)
    if scope.regions:
        regions = regions.filter(pk__in=scope.regions)
    return measures, regions


class MeasureChoice(forms.ModelChoiceField):
    """One measure with its code."""

    def label_from_instance(self, measure: Measure) -> str:  # type: ignore[override]
        """Code and title."""
        return f"{measure.code} {measure.label}"


class NewItemForm(CommonForm):
    """One new work item."""

    field_order = ("measure", "region", "lead", "title", "starts_on", "due_on", "weight", "commitment")
    measure = MeasureChoice(label=_("Measure"), queryset=Measure.objects.none())
    region = forms.ModelChoiceField(label=_("Region"), queryset=Region.objects.none())
    lead = ActorChoice(label=_("Lead"), queryset=Actor.objects.none())
    title = forms.CharField(
        label=_("Title"), max_length=120, error_messages={"required": REFUSALS["title_missing"]}
    )
    industry = forms.ModelChoiceField(label=_("Industry"), queryset=Industry.objects.all(), required=False)

    def __init__(self, data: Any = None, *, measures: Any, user: User, **options: Any) -> None:
        super().__init__(data, **options)
        measures, regions = scoped(user, measures)
        for name, queryset in (("measure", measures), ("region", regions), ("lead", reporting_actors())):
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    def row(self) -> Row:
        """The item as a row without a code."""
        values = self.cleaned_data
        named = {name: values[name].code for name in ("measure", "region", "lead")}
        return Row(number=1, code="", title=values["title"], **named, **self.common())


class PartForm(StepForm):
    """One part of an item; a row that stays empty is left out."""

    title = forms.CharField(label=_("Title"), max_length=120)
    lead = ActorChoice(label=_("Lead"), queryset=Actor.objects.none())
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=HEAVIEST)
    starts_on = day_field(_("Start"))
    due_on = day_field(_("Due"))

    def __init__(self, data: Any = None, *, item: WorkItem, leads: Any, **options: Any) -> None:
        options["initial"] = {"weight": 1, "starts_on": item.starts_on, "due_on": item.due_on}
        options.pop("label_suffix", None)
        super().__init__(data, **options)
        self.fields["lead"].queryset = leads  # type: ignore[attr-defined]
        for name in ("starts_on", "due_on"):
            self.fields[name].widget.attrs |= {
                "min": item.starts_on.isoformat(),
                "max": item.due_on.isoformat(),
            }

    @property
    def part(self) -> Part:
        """The part as typed."""
        return Part(**self.cleaned_data)


PartFormSet: type[BaseFormSet] = formset_factory(  # type: ignore[type-arg]
    PartForm, extra=4, max_num=MOST_PARTS, absolute_max=MOST_PARTS
)
