"""What the workbook is to be about."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import ReportScope, User
from tasks_tracker.queries.exports import Choices
from tasks_tracker.queries.ledger import code_of
from tasks_tracker.rules.weeks import UnknownWeek, format_week, parse_week


class ExportForm(forms.Form):
    """A week, and a scope with its subject in one choice: `national`, `key_task:3`, `region:420000`.

    The choices offered are a help; whether the user may export the subject is decided where it is made.
    """

    week = forms.CharField(label=_("Week"), widget=forms.Select)
    about = forms.CharField(label=_("About"), widget=forms.Select)

    def __init__(self, *args: Any, user: User, weeks: list[date], choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        codes = [format_week(week) for week in weeks]
        self.fields["week"].widget.choices = [(code, code) for code in codes]
        self.fields["about"].widget.choices = _grouped(user, choices)

    def clean_week(self) -> date:
        """The Monday."""
        try:
            return parse_week(self.cleaned_data["week"])
        except UnknownWeek:
            raise forms.ValidationError(_("Weeks are written like 2026-W47.")) from None

    def clean_about(self) -> tuple[str, str]:
        """The scope, and the code of its subject."""
        scope, _colon, code = self.cleaned_data["about"].partition(":")
        if scope not in ReportScope.values or bool(code) == (scope == ReportScope.NATIONAL):
            raise forms.ValidationError(_("There is nothing like that to export."))
        return scope, code


def written(scope: str, code: str) -> str:
    """A scope and its subject as the form and the address write them."""
    return f"{scope}:{code}" if code else scope


def _grouped(user: User, choices: Choices) -> list[Any]:
    whole = _("National") if user.scope.is_national else _("Everything in my scope")
    groups: list[Any] = [(str(ReportScope.NATIONAL), whole)]
    kinds: tuple[tuple[ReportScope, Any, list[Any]], ...] = (
        (ReportScope.KEY_TASK, _("Key tasks"), choices.key_tasks),
        (ReportScope.REGION, _("Regions"), choices.regions),
        (ReportScope.ACTOR, _("Units"), choices.actors),
    )
    for scope, title, subjects in kinds:
        if subjects:
            groups.append((title, [(written(scope, code_of(each)), str(each)) for each in subjects]))
    return groups
