"""The filter of the waiting reports, and the reason of a return."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import KeyTask, Plan, Region, User
from tasks_tracker.queries.reviews import Wanted


class WantedForm(forms.Form):
    """The filter in the address; what makes no sense there is left out, not refused."""

    key_task = forms.ChoiceField(label=_("Key task"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    late = forms.BooleanField(label=_("Late"), required=False)
    with_problems = forms.BooleanField(label=_("With problems"), required=False)
    decreased = forms.BooleanField(label=_("Decreased"), required=False)
    big_jump = forms.BooleanField(label=_("Up by more than 20 points"), required=False)

    def __init__(self, data: Any, *, plan: Plan, user: User) -> None:
        super().__init__(data, label_suffix="")
        tasks = KeyTask.objects.filter(policy=plan.policy_id)
        regions = Region.objects.filter(items__plan=plan).distinct()
        if user.scope.key_tasks:
            tasks = tasks.filter(pk__in=user.scope.key_tasks)
        if user.scope.regions:
            regions = regions.filter(pk__in=user.scope.regions)
        self.fields["key_task"].choices = [("", _("All")), *((t.number, str(t)) for t in tasks)]  # type: ignore[attr-defined]
        self.fields["region"].choices = [("", _("All")), *((r.code, r.short_label) for r in regions)]  # type: ignore[attr-defined]

    @property
    def boxes(self) -> list[forms.BoundField]:
        """The conditions that are ticked."""
        return [bound for bound in self if isinstance(bound.field, forms.BooleanField)]

    @property
    def wanted(self) -> Wanted:
        """What the list is narrowed to."""
        self.is_valid()
        values = self.cleaned_data
        return Wanted(
            key_task=int(values["key_task"]) if values.get("key_task") else None,
            region=values.get("region", ""),
            late=values.get("late", False),
            with_problems=values.get("with_problems", False),
            decreased=values.get("decreased", False),
            big_jump=values.get("big_jump", False),
        )

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """(parameter, words) of every condition that is set, each to be taken away by itself."""
        self.is_valid()
        shown = []
        for bound in self:
            value = self.cleaned_data.get(bound.name)
            if value is True:
                shown.append((bound.name, str(bound.label)))
            elif value:
                word = dict(bound.field.choices)  # type: ignore[attr-defined]
                text = next((str(text) for key, text in word.items() if str(key) == value), value)
                shown.append((bound.name, f"{bound.label}: {text}"))
        return shown


class ReturnForm(forms.Form):
    """Why a report goes back."""

    reason = forms.CharField(
        label=_("Reason for the return"),
        max_length=500,
        error_messages={"required": _("Say why the report is returned.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
