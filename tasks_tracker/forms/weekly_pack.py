"""Who is told when a pack is complete, and what is said where an act about a pack is refused."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.actions.pack_acts import PackRefused
from tasks_tracker.models import User

REFUSALS = {
    "nothing_to_make": _("No file of this report failed or expired: somebody may have had it made already."),
    "not_ready": _("This file is not ready, or has expired. A supervisor can have it made again."),
    "gone": _("The content of this file is gone from the store. It will be made again."),
    "no_reader": _("This account cannot be chosen any more; somebody may have changed the list meanwhile."),
}


def refusal_text(refused: PackRefused) -> str:
    """What the page says."""
    return str(REFUSALS[refused.code])


class ReaderForm(forms.Form):
    """An account to be put on the list."""

    user = forms.ModelChoiceField(queryset=None, label=pgettext_lazy("of a list", "Account"))

    def __init__(self, *args: Any, users: QuerySet[User], **options: Any) -> None:
        super().__init__(*args, label_suffix="", **options)
        self.fields["user"].queryset = users  # type: ignore[attr-defined]
