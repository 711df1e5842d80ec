"""The forms of actors and regions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.people import LEAVES
from tasks_tracker.forms.editing import EditForm
from tasks_tracker.forms.filters import FilterForm, _choice
from tasks_tracker.forms.policy import IN_ADDRESSES
from tasks_tracker.models import Actor, Region, RegionGroup


class ActorForm(EditForm):
    """An actor and its place in the tree; its code stands in addresses and stays."""

    only_new = ("code",)
    parent = forms.ModelChoiceField(
        Actor.objects.none(),
        label=_("Reports to"),
        required=False,
        to_field_name="code",
        help_text=_("With another unit here, everything below moves along, and with it who sees what."),
    )
    region = forms.ModelChoiceField(
        Region.objects.none(), label=_("Region"), required=False, to_field_name="code"
    )

    class Meta:
        model = Actor
        fields = ("code", "name", "name_en", "kind", "level", "parent", "region", "reports", "order", "note")
        help_texts = {
            "code": _("Short and lasting, such as region-420000; it never changes."),
            "reports": _("Only government actors report and lead work items."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Actor.objects.filter(pk=self.instance.parent_id)
        parents = Actor.objects.filter(retired_on=None).exclude(level__in=LEAVES)
        if self.instance.pk:
            parents = parents.exclude(path__startswith=self.instance.path)
        else:
            self.fields["code"].validators.append(IN_ADDRESSES)
        self.fields["parent"].queryset = (parents | own).order_by("path")  # type: ignore[attr-defined]
        self.fields["region"].queryset = Region.objects.all()  # type: ignore[attr-defined]


class RegionForm(EditForm):
    """A region; its code is the official one and stays, and so does its tile on the map."""

    groups = forms.ModelMultipleChoiceField(
        RegionGroup.objects.none(),
        label=_("Region groups"),
        required=False,
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Region
        fields = ("name", "name_en", "short", "short_en", "reports")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = RegionGroup.objects.all()  # type: ignore[attr-defined]


class ActorSearch(FilterForm):
    """The filters of the list of actors to edit."""

    q = forms.CharField(label=_("Words"), max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    level = _choice(_("Level"), list(Actor.Level.choices))
    use = forms.ChoiceField(
        label=_("In use"),
        choices=[("", _("in use")), ("retired", _("retired")), ("all", _("all"))],
    )
