"""What every form that edits a row has: it knows what its user saw, and shows what others changed since.

A page that edits a row derives its form from EditForm, hands `form.seen_values` to its action, and answers
StaleEdit with `form.conflict`: status 409, the difference on top (`{% stale_edit form %}`), nothing written.
"""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks_tracker.actions.editing import EditRefused, Plain, StaleEdit, plain

SALT = "editing"
REFUSALS: dict[str, Promise] = {
    "reason_missing": gettext_lazy("Say why: this is kept beside the figures."),
    "in_use": gettext_lazy("It is in use by now and cannot be deleted. Retire it instead."),
    "has_items": gettext_lazy("It has work items and cannot be deleted. Retire it instead."),
    "has_indicators": gettext_lazy("It has indicators and cannot be deleted. Retire it instead."),
    "has_measures": gettext_lazy("It has measures and cannot be deleted. Retire it instead."),
    "limits_users": gettext_lazy("Accounts are limited to it, so it cannot be deleted. Retire it instead."),
    "has_users": gettext_lazy("It has user accounts and cannot be deleted. Retire it instead."),
    "has_children": gettext_lazy("There are units below it."),
    "is_suggested": gettext_lazy("It is the suggested lead of measures. Change these first, or retire it."),
    "parent_is_a_leaf": gettext_lazy("The tree ends there: choose a unit above prefecture level."),
    "below_itself": gettext_lazy("A unit cannot stand below itself."),
    "tree_too_deep": gettext_lazy("The tree would become too deep. Choose a unit further up."),
    "leads_items": gettext_lazy(
        "It leads running work items, so it goes on reporting. Give these away first."
    ),
    "region_has_items": gettext_lazy("It has running work items, so it goes on reporting."),
    "items_outside": gettext_lazy("%(n)s work items would lie outside the plan."),
    "wrong_direction": gettext_lazy("The target lies in the other direction from the baseline."),
    "retired": gettext_lazy("This indicator is no longer in use."),
    "in_future": gettext_lazy("This day lies ahead."),
    "too_early": gettext_lazy("This day lies too far back."),
    "source_missing": gettext_lazy("Say where the value is from."),
    "day_taken": gettext_lazy("There is a value of this day already. Correct that one."),
    "already_corrected": gettext_lazy("Somebody has corrected this value already. Nothing was written."),
    "plan_exists": gettext_lazy("There is a plan already."),
    "wrong_way_round": gettext_lazy("A plan ends after it starts."),
    "code_taken": gettext_lazy("This code is taken."),
    "demonstration": gettext_lazy("This database holds demonstration data. Begin with an empty database."),
}


def refusal_text(refused: EditRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code]) % refused.values


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed: what the user had seen, what it is now, and what the user typed."""

    label: str
    was: str
    now: str
    typed: str


class EditForm(forms.ModelForm):
    """A form over one row. It reads the row and never saves it; an action does."""

    use_required_attribute = False
    plain_fields: tuple[str, ...] = ()  # fields of the form that are no values of the row, such as a reason
    only_new: tuple[str, ...] = ()  # what stays once the row is there, such as a code
    only_old: tuple[str, ...] = ()  # what is asked of a row that is there already
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name in self.only_new if self.instance.pk else self.only_old:
            del self.fields[name]
        self.differences: list[Difference] = []
        self._now: Plain = plain(self.instance, self.row_fields) if self.instance.pk else {}
        self.initial["seen"] = _signed(self._now)
        for name, value in self._now.items():
            if isinstance(self.fields[name], forms.ModelChoiceField):
                self.initial[name] = value  # by code, as it is posted
        self.order_fields([*self._meta.fields, *self.plain_fields])

    @property
    def row_fields(self) -> list[str]:
        """The fields that are values of the row."""
        return [name for name in self.fields if name != "seen" and name not in self.plain_fields]

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, for the action."""
        return {name: self.cleaned_data[name] for name in self.row_fields}

    @property
    def seen_values(self) -> Plain:
        """What the user saw when the page was made."""
        return self.cleaned_data["seen"]

    def clean_seen(self) -> Plain:
        """The values that the page was made with; a row that is new has none."""
        if not self.instance.pk:
            return {}
        try:
            seen = json.loads(signing.loads(self.cleaned_data["seen"], salt=SALT))
        except signing.BadSignature:
            raise ValidationError(_("This page was not complete. Load it again.")) from None
        if seen.keys() != set(self.row_fields):
            raise ValidationError(_("This page has changed. Load it again."))
        return seen

    def conflict(self, stale: StaleEdit) -> None:
        """Show what was changed meanwhile; what the user left alone follows it, the rest stays as typed."""
        seen = self.seen_values
        typed = {name: self.cleaned_data[name] for name in self.row_fields}
        mine = plain(SimpleNamespace(**typed), self.row_fields)
        self.differences = [
            Difference(
                label=str(self.fields[name].label),
                was=self._words(name, seen[name]),
                now=self._words(name, value),
                typed=self._words(name, mine[name]) if mine[name] != seen[name] else "",
            )
            for name, value in stale.now.items()
        ]
        data = self.data.copy()
        for name, value in stale.now.items():
            if mine[name] == seen[name]:
                _set(data, self.add_prefix(name), self.fields[name], value)
        data[self.add_prefix("seen")] = _signed(seen | stale.now)
        self.data = data

    def refuse(self, refused: EditRefused) -> None:
        """Put the refusal beside the field that it is about."""
        name = refused.field if refused.field in self.fields else None
        self.add_error(name, ValidationError(refusal_text(refused), code=refused.code))

    def refuse_row(self, error: ValidationError) -> None:
        """What the row's own rules say, beside the fields of this form and above all others."""
        for name, messages in error.message_dict.items() if hasattr(error, "error_dict") else ():
            self.add_error(name if name in self.fields else None, messages)
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            codes = value if isinstance(value, list) else [value] if value else []
            key = getattr(field, "to_field_name", None) or "pk"
            rows = field.queryset.model._default_manager.filter(**{f"{key}__in": codes})
            return ", ".join(str(row) for row in rows) or "—"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        value = field.prepare_value(value)
        choices = dict(getattr(field, "choices", ()))
        return str(choices.get(value, value)) if value not in ("", None) else "—"


def _signed(values: Plain) -> str:
    return signing.dumps(json.dumps(values, ensure_ascii=False), salt=SALT, compress=True)


def _set(data: Any, key: str, field: forms.Field, value: Any) -> None:
    if isinstance(value, list):
        data.setlist(key, value)
    elif isinstance(field, forms.BooleanField) and not value:
        data.pop(key, None)
    else:
        data[key] = field.prepare_value("" if value is None else value)
