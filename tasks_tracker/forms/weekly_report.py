"""The forms of the weekly report: drafting one, writing a paragraph, publishing and revising it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.weekly_report import ReportRefused
from tasks_tracker.forms.exports import written
from tasks_tracker.models import ReportScope, User
from tasks_tracker.permissions import can_issue
from tasks_tracker.queries.exports import Choices
from tasks_tracker.queries.ledger import code_of
from tasks_tracker.rules.weeks import UnknownWeek, format_week, parse_week

REFUSALS = {
    "there_already": _("There is a report of this week about this already; open it in the list."),
    "changed_meanwhile": _("Somebody changed the report while this page was open. Nothing was saved."),
    "not_open": _("The report is published by now. Begin a revision to change it."),
    "text_too_long": _("A paragraph has at most 4,000 characters."),
    "strange_figures": _("Only the figures listed below may stand in braces. Not among them: %(names)s"),
    "week_open": _("The week is not frozen yet: its figures still move."),
    "figures_old": _("The figures have moved since: generate the report again."),
    "totals_differ": _("A total differs from the sum of its parts."),
    "signer_missing": _("Say who signs."),
    "reason_missing": _("Say why the issue is revised."),
    "nothing_changed": _("Nothing differs from the issue that is published."),
}
# Why a file could not be made, by its code.
FAILURES = {
    "no_font": _(
        "The server has no Chinese font, so this file cannot be made; Excel needs none. Ask the system "
        "administrator to install one (fonts-noto-cjk)."
    ),
    "gone": _("Its content is gone from the store or was changed there."),
    "interrupted": _("The process that made it ended in the middle."),
    "unexpected": _("An error that nobody expected; the log of the worker says which."),
}
CONFLICTS = {"there_already", "changed_meanwhile", "not_open"}


def refusal_text(refused: ReportRefused) -> str:
    """What the page says."""
    text = str(REFUSALS[refused.code])
    return text % {"names": " ".join(refused.names)} if refused.names else text


def status_of(refused: ReportRefused) -> int:
    """409 where somebody was faster, 422 where the form is wrong."""
    return 409 if refused.code in CONFLICTS else 422


class ReportForm(forms.Form):
    """A form about what was seen: `seen` is the revision of the report, or the version of the paragraph."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def refuse(self, refused: ReportRefused) -> None:
        """Put the refusal where it belongs."""
        self.add_error(refused.field if refused.field in self.fields else None, refusal_text(refused))


class DraftForm(forms.Form):
    """Which week, and what about: only what the supervisor is in charge of as a whole is offered."""

    week = forms.ChoiceField(label=_("Week"))
    about = forms.ChoiceField(label=_("About"))

    def __init__(self, *args: Any, user: User, weeks: list[date], choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        codes = [format_week(week) for week in weeks]
        self.fields["week"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        self.fields["about"].choices = _offered(user, choices)  # type: ignore[attr-defined]

    def clean_week(self) -> date:
        """The Monday."""
        try:
            return parse_week(self.cleaned_data["week"])
        except UnknownWeek:
            raise forms.ValidationError(_("Weeks are written like 2026-W47.")) from None

    def clean_about(self) -> tuple[str, str]:
        """The scope, and the code of its subject."""
        scope, _colon, code = self.cleaned_data["about"].partition(":")
        return scope, code


def _offered(user: User, choices: Choices) -> list[Any]:
    groups: list[Any] = []
    if can_issue(user, None):
        groups.append((str(ReportScope.NATIONAL), _("National")))
    kinds: tuple[tuple[ReportScope, Any, list[Any]], ...] = (
        (ReportScope.KEY_TASK, _("Key tasks"), choices.key_tasks),
        (ReportScope.REGION, _("Regions"), choices.regions),
        (ReportScope.ACTOR, _("Units"), choices.actors),
    )
    for scope, title, subjects in kinds:
        own = [each for each in subjects if can_issue(user, each)]
        if own:
            groups.append((title, [(written(scope, code_of(each)), str(each)) for each in own]))
    return groups


class ParagraphForm(ReportForm):
    """A paragraph with its tokens."""

    text = forms.CharField(
        label=_("Text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Each line is a paragraph; an empty text leaves it out. Figures stand in braces."),
    )


class PublishForm(ReportForm):
    """Who signs."""

    signer = forms.CharField(
        label=_("Signer"), max_length=40, error_messages={"required": REFUSALS["signer_missing"]}
    )


class ReviseForm(ReportForm):
    """Why an issue is revised."""

    reason = forms.CharField(
        label=_("Reason of the revision"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": REFUSALS["reason_missing"]},
    )


class ComposeForm(ReportForm):
    """Whether what was edited by hand goes, too."""

    drops_edits = forms.BooleanField(label=_("Drop what was edited by hand"), required=False)
