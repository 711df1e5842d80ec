"""The form of a progress report, and the words for everything that can be wrong with it."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.progress import Entry, EntryRefused, ProblemEntry
from tasks_tracker.models import WHOLE, Actor, Problem, ProgressReport, ReportStatus

MOST_PROBLEMS = 5

REFUSALS: dict[str, Promise] = {
    "week_closed": _("This week is closed; its figures are frozen. Report in the open week."),
    "week_in_future": _("This week has not begun yet."),
    "not_running": _("This work item is not running, so there is nothing to report on it."),
    "percent_missing": _("Enter the percent, from 0 to 100."),
    "percent_out_of_range": _("The percent lies between 0 and 100."),
    "decrease_needs_reason": _("The percent is lower than last time. Say why."),
    "note_missing": _("Say what was done this week."),
    "problem_missing": _("The item is behind or overdue: state at least one problem."),
    "nothing_to_repeat": _("Nothing has been accepted yet that could stay unchanged. Please report in full."),
    "already_waiting": _("A report of this week is handed in already and waits for its decision."),
    "changed_meanwhile": _("This report was changed in the meantime. Nothing of yours was written."),
    "already_decided": _("This report has been decided already."),
    "waits_for_unit": _("This report waits for the review of its unit."),
    "no_unit_review": _("This report goes to the supervisor without a review of the unit."),
    "reason_missing": _("Say why the report is returned."),
    "file_empty": _("The file is empty."),
    "file_too_large": _("The file is too large."),
    "too_many_files": _("No more files can be added to this report."),
    "file_type": _("This kind of file is not taken: its content is none of the kinds named below."),
    "file_ending": _("The ending of the name does not fit the content of the file."),
    "file_macros": _("The file holds macros. Save it without macros and add it again."),
    "file_damaged": _("The file is damaged or locked with a password."),
    "file_bomb": _("The file unpacks to far more than its size. It is not taken."),
    "file_missing": _("The content of this file is not in the store. Tell the system administrator."),
    "store_unwritable": _(
        "The file could not be stored; your draft is kept. Tell the system administrator, and add it later."
    ),
}
CONFLICTS = frozenset(
    {
        "week_closed",
        "week_in_future",
        "not_running",
        "already_waiting",
        "changed_meanwhile",
        "already_decided",
        "waits_for_unit",
        "no_unit_review",
    }
)


def refusal_text(refused: EntryRefused) -> str:
    """The refusal in the language of the page."""
    return str(REFUSALS[refused.code])


_PERCENT = re.compile(r"(-?)([0-9]{1,6})(?:\.([0-9]*))?")


class PercentField(forms.CharField):
    """A percent as typed (63, 62.5, also in full width) ↔ hundredths of a percent (6250); None when empty."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for anything but a number of 0 to 100 with at most two decimals."""
        text = (
            unicodedata.normalize("NFKC", value or "").replace("。", ".").replace(" ", "").removesuffix("%")
        )
        if not text:
            return None
        match = _PERCENT.fullmatch(text)
        if not match:
            raise ValidationError(_("Enter a number, for example 62.5."), code="invalid")
        sign, whole, decimals = match[1], match[2], (match[3] or "").rstrip("0")
        if len(decimals) > 2:
            raise ValidationError(_("At most two decimals, for example 62.25."), code="decimals")
        percent = int(whole) * 100 + int(decimals.ljust(2, "0"))
        if percent > WHOLE or (sign and percent):
            raise ValidationError(REFUSALS["percent_out_of_range"], code="range")
        return percent

    def prepare_value(self, value: Any) -> Any:
        """6250 → "62.5"; what was typed stays as typed."""
        return written_percent(value) if isinstance(value, int) else value


def written_percent(percent: int | None) -> str:
    """6250 → "62.5", 6300 → "63", None → ""; the form in which percents are typed."""
    if percent is None:
        return ""
    whole, rest = divmod(percent, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


class NoteField(forms.CharField):
    """Text of several lines; a line break is one character, as the browser counts it."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ReportForm(forms.Form):
    """What a reporter types for one item and week. A draft may lack what a complete report must have."""

    use_required_attribute = False
    percent = PercentField(
        label=_("Percent this week"), error_messages={"required": REFUSALS["percent_missing"]}
    )
    decrease_reason = NoteField(
        label=_("Reason for the decrease"),
        help_text=_("Only when the percent is lower than last time."),
        max_length=300,
        required=False,
        widget=_area(2),
    )
    progress_note = NoteField(
        label=_("Progress note"),
        max_length=2000,
        widget=_area(5),
        error_messages={"required": REFUSALS["note_missing"]},
    )
    next_steps = NoteField(label=_("Next steps"), max_length=2000, required=False, widget=_area(3))

    def __init__(
        self, *args: Any, is_complete: bool = True, previous: int | None = None, **kwargs: Any
    ) -> None:
        """`previous`: the percent that was accepted last; a complete report that falls below says why."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.previous = previous if is_complete else None
        if not is_complete:
            for field in self.fields.values():
                field.required = False

    def clean(self) -> dict[str, Any]:
        """The action refuses one thing after the other; here all that is missing is said at once."""
        values: dict[str, Any] = self.cleaned_data
        percent, reason = values.get("percent"), values.get("decrease_reason", "")
        falls = percent is not None and self.previous is not None and percent < self.previous
        if falls and not reason and "decrease_reason" not in self.errors:
            code = "decrease_needs_reason"
            self.add_error("decrease_reason", ValidationError(REFUSALS[code], code=code))
        return values


class ProblemForm(forms.Form):
    """A problem: kind, what it is, what is needed and from whom."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "—"), *Problem.Kind.choices])
    description = NoteField(label=_("What is the problem"), max_length=500, widget=_area(2))
    needed = forms.CharField(label=_("What is needed"), max_length=300, required=False)
    needed_from = forms.ChoiceField(label=_("From whom"), required=False)
    continues = forms.IntegerField(  # the case of the problem from which the form was filled
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def __init__(
        self, *args: Any, units: list[tuple[str, str]], is_complete: bool = True, **kwargs: Any
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        if not is_complete:  # a draft is kept as typed
            self.fields["kind"].required = self.fields["description"].required = False
        asked = self.initial.get("needed_from")
        kept = [] if not asked or asked in dict(units) else [(asked, self.initial["needed_from_label"])]
        self.fields["needed_from"].choices = [("", "—"), *units, *kept]  # type: ignore[attr-defined]

    def has_changed(self) -> bool:
        """The number of the case alone is nothing that anybody typed."""
        return bool(set(self.changed_data) - {"continues"})

    @property
    def data_typed(self) -> dict[str, str]:
        """What was typed, with the name of whoever is asked; empty for a blank form or a solved problem."""
        values = {name: str(self[name].value() or "").strip() for name in self.fields if name != "continues"}
        if values.pop("DELETE", "") in ("on", "True") or not any(values.values()):
            return {}
        named = dict(self.fields["needed_from"].choices)  # type: ignore[attr-defined]
        return values | {"needed_from_label": str(named.get(values["needed_from"], "")).strip("—")}


class ProblemFormSet(forms.BaseFormSet):
    """Up to five problems; a form left blank or ticked as solved is no problem."""

    def initial_form_count(self) -> int:
        """What comes back is judged as typed, wherever it came from: a blank form is no problem."""
        return 0 if self.is_bound else super().initial_form_count()

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("No longer a problem")

    @property
    def filled_forms(self) -> list[ProblemForm]:
        """The forms that hold something, to be shown opened."""
        return [form for form in self.forms if self._is_filled(form)]

    @property
    def blank_forms(self) -> list[ProblemForm]:
        """The forms that are still free."""
        return [form for form in self.forms if not self._is_filled(form)]

    def _is_filled(self, form: ProblemForm) -> bool:
        return form.has_changed() if self.is_bound else bool(form.initial)


_problem_formset = forms.formset_factory(
    ProblemForm,
    formset=ProblemFormSet,
    extra=MOST_PROBLEMS,
    max_num=MOST_PROBLEMS,
    absolute_max=MOST_PROBLEMS,
    validate_max=True,
    can_delete=True,
)


class ReportEntry:
    """The form and its problems as one: shown from a report, read into an Entry, told what was refused."""

    def __init__(
        self,
        data: Any = None,
        *,
        units: list[tuple[str, str]],
        shown: ProgressReport | None = None,
        percent: int | None = None,
        problems_of: ProgressReport | None = None,
        previous: int | None = None,
        is_complete: bool = True,
    ) -> None:
        """`shown` fills all fields; without it `percent` and the problems of `problems_of` are the start.

        `is_complete`: what is missing is an error, also the reason for a percent below `previous`; a draft
        may be half done.
        """
        fields = ("percent", "decrease_reason", "progress_note", "next_steps")
        values = {name: getattr(shown, name) for name in fields} if shown else {"percent": percent}
        source = shown or problems_of
        self.form = ReportForm(data, initial=values, is_complete=is_complete, previous=previous)
        self.problems = _problem_formset(
            data,
            initial=[problem_values(problem) for problem in source.problems.all()] if source else [],
            prefix="problems",
            form_kwargs={"units": units, "is_complete": is_complete},
        )

    @property
    def is_valid(self) -> bool:
        """Both parts are well formed; whether the rules hold is the action's to say."""
        return all([self.form.is_valid(), self.problems.is_valid()])

    @property
    def percent(self) -> int | None:
        """The percent that the form shows, if it is one."""
        try:
            return PercentField(required=False).clean(str(self.form["percent"].value() or ""))
        except ValidationError:
            return None

    def entry(self, actors: Mapping[str, Actor] | None = None) -> Entry:
        """What was typed. Only after `is_valid`.

        One query when somebody is asked for help, unless `actors` by code are given.
        """
        typed = [
            form.cleaned_data
            for form in self.problems.forms
            if form.has_changed()
            and not form.cleaned_data.get("DELETE")
            and _says_something(form.cleaned_data)
        ]
        asked = {values["needed_from"] for values in typed} - {""}
        if actors is None:
            actors = {actor.code: actor for actor in Actor.objects.filter(code__in=asked)} if asked else {}
        problems = [
            ProblemEntry(
                p["kind"], p["description"], p["needed"], actors.get(p["needed_from"]), p["continues"]
            )
            for p in typed
        ]
        return Entry(**self.form.cleaned_data, problems=problems)

    def contradicts_no_change(self, latest: ProgressReport | None, last: ProgressReport | None) -> bool:
        """True, with the words beside the fields, where what is typed says that something did change.

        `latest` version of the week, `last` accepted report before it. Only after `is_valid`.
        """
        typed = self.form.cleaned_data
        if last and typed["percent"] not in (None, last.percent):
            self.form.add_error(
                "percent", _("The percent differs from last time. Submit the report instead.")
            )
        kept = latest.progress_note if latest and latest.status == ReportStatus.DRAFT else ""
        if typed["progress_note"] not in ("", kept):
            self.form.add_error("progress_note", _("You have typed a note. Submit it, or clear it to sign."))
        return bool(self.form.errors)

    def leave_out_errors(self, kept: ProgressReport | None) -> list[str]:
        """Make a valid draft of a half-typed one: a field that cannot be read yet stays as `kept` has it.

        Returns what was left out, in words. Only where the problems are well formed.
        """
        left_out = [
            f"{self.form.fields[name].label}: {' '.join(errors)}" for name, errors in self.form.errors.items()
        ]
        for name in list(self.form.errors):
            empty = None if name == "percent" else ""
            self.form.cleaned_data[name] = getattr(kept, name) if kept else empty
            del self.form.errors[name]
        return left_out

    def refuse(self, refused: EntryRefused) -> None:
        """Put the refusal beside the field that it is about; one about no field is the page's to show."""
        message = ValidationError(refusal_text(refused), code=refused.code)
        if refused.field == "problems":
            self.problems.non_form_errors().append(message)
        elif refused.field in self.form.fields:
            self.form.add_error(refused.field, message)


def _says_something(values: dict[str, Any]) -> bool:
    return any(values.get(name) for name in ("kind", "description", "needed", "needed_from"))


def problem_values(problem: Problem) -> dict[str, str]:
    """A problem as its form holds it."""
    asked = problem.needed_from
    return {
        "kind": problem.kind,
        "description": problem.description,
        "needed": problem.needed,
        "needed_from": asked.code if asked else "",
        "needed_from_label": asked.label if asked else "",
        "continues": str(problem.case_id or ""),
    }
