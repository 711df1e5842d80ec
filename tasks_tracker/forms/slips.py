"""The forms of slips: issuing, answering, closing; and why one was refused."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.slips import LONGEST_DAYS, SlipRefused
from tasks_tracker.forms.filters import FilterForm
from tasks_tracker.models import Level, Slip
from tasks_tracker.queries.slips import Candidate, Wanted

REFUSALS = {
    "nothing_chosen": _("Choose at least one work item."),
    "words_missing": _("Say what is demanded."),
    "week_closed": _("The week is closed: nobody can hand in for it any more."),
    "not_owed": _("One of the reports was handed in meanwhile. Look at the list again."),
    "on_a_slip": _("One of the work items is on a slip of this kind already. Look at the list again."),
    "not_urged_before": _("Only what was urged before is supervised. Issue an urging slip first."),
    "deadline_missing": _("A supervision slip has a deadline."),
    "deadline_passed": _("The deadline has passed already."),
    "deadline_too_far": _("The deadline lies at most %(days)s days ahead."),
    "measures_missing": _("Say which measures you take."),
    "promise_passed": _("The promised day has passed already."),
    "closed_already": _("The slip was closed meanwhile; nothing was written."),
}
CONFLICTS = frozenset({"not_owed", "on_a_slip", "week_closed", "closed_already"})


def refusal_text(refused: SlipRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code]) % {"days": LONGEST_DAYS}


class _RefusableForm(forms.Form):
    def refuse(self, refused: SlipRefused) -> None:
        """Put the refusal beside the field that it is about."""
        where = refused.field if refused.field in self.fields else None
        self.add_error(where, ValidationError(refusal_text(refused), code=refused.code))


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SlipForm(_RefusableForm):
    """Which reports are demanded, at which level, in which words and by when."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=Slip.KINDS, widget=forms.RadioSelect, initial=Level.URGE
    )
    items = forms.MultipleChoiceField(
        label=_("Reports demanded"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": REFUSALS["nothing_chosen"],
            "invalid_choice": REFUSALS["not_owed"],
        },
    )
    words = forms.CharField(
        label=_("Demand"),
        max_length=500,
        error_messages={"required": REFUSALS["words_missing"]},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    answer_by = forms.DateField(
        label=_("Answer by"), required=False, widget=_day(), help_text=_("A supervision slip needs one.")
    )

    def __init__(self, data: Any = None, *, candidates: list[Candidate], words: str, kind: str) -> None:
        self.candidates = {candidate.item.code: candidate for candidate in candidates}
        initial = {
            "kind": kind,
            "words": words,
            "items": [c for c in self.candidates if self._is_free(c, kind)],
        }
        super().__init__(data, initial=initial, label_suffix="")
        choices = [(code, candidate.item.title) for code, candidate in self.candidates.items()]
        self.fields["items"].choices = choices  # type: ignore[attr-defined]

    def _is_free(self, code: str, kind: str) -> bool:
        candidate = self.candidates[code]
        return kind not in candidate.on_slip and (kind == Level.URGE or candidate.was_urged)

    @property
    def chosen(self) -> list[Candidate]:
        """The candidates that are ticked, in the order of the list."""
        codes = set(self.cleaned_data["items"])
        return [candidate for code, candidate in self.candidates.items() if code in codes]

    @property
    def boxes(self) -> list[tuple[Any, Candidate]]:
        """The tick boxes, each with its work item."""
        return list(zip(self["items"], self.candidates.values(), strict=True))


class AnswerForm(_RefusableForm):
    """What the unit does about a slip, and by when the reports come."""

    measures = forms.CharField(
        label=_("Measures taken"),
        max_length=1000,
        error_messages={"required": REFUSALS["measures_missing"]},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    promised_on = forms.DateField(label=_("Reports promised by"), widget=_day())

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, label_suffix="", prefix="answer")
        self.fields["promised_on"].widget.attrs["min"] = today.isoformat()


class CloseForm(_RefusableForm):
    """With which words the matter is settled."""

    note = forms.CharField(label=_("Closing note"), max_length=300, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", prefix="close")


class SlipFilter(FilterForm):
    """The filters of the register."""

    q = forms.CharField(label=_("Words"), max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all")), *Slip.KINDS])
    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("all")), *Slip.Status.choices, ("overdue", _("Answer overdue"))]
    )
    year = forms.ChoiceField(label=_("Year"))

    def __init__(self, query: QueryDict, years: list[int]) -> None:
        self.years = years
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer the years there are, then read the address."""
        field = self.fields["year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *((str(year), str(year)) for year in self.years)]
        super().full_clean()

    @property
    def wanted(self) -> Wanted:
        """What the register is narrowed to."""
        return Wanted(**{name: self.good(name) for name in self.fields})
