"""Distributing a measure: what all items have in common, the regions, and a row per region to look over."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions.assigning import short_code
from tasks_tracker.forms.item_plan import CommonForm, MeasureChoice, scoped
from tasks_tracker.forms.rows import fault_words
from tasks_tracker.models import Actor, Measure, Region, RegionGroup, User
from tasks_tracker.rules.ledger_csv import Fault, Row, Sheet

PLACE = "{region}"


@dataclass
class Line:
    """One region: what is to be assigned there, and what is wrong with it."""

    region: Region
    code: str
    title: str
    lead: str
    faults: list[str]


class RegionsChoice(forms.ModelMultipleChoiceField):
    """Regions as boxes with their short names."""

    def label_from_instance(self, region: Region) -> str:  # type: ignore[override]
        """The short name."""
        return region.short_label


class DistributionForm(CommonForm):
    """A measure, a title with a place for the region, the regions and what all items share."""

    field_order = (
        "measure",
        "title",
        "batch",
        "starts_on",
        "due_on",
        "weight",
        "commitment",
        "is_key",
        "deliverable",
        "expected_result",
        "milestones",
        "groups",
        "regions",
    )
    measure = MeasureChoice(label=_("Measure"), queryset=Measure.objects.none())
    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_("“{region}” stands for the name of the region."),
        initial=PLACE,
    )
    batch = forms.CharField(
        label=_("Batch"),
        max_length=16,
        help_text=_("Part of every code: done twice, nothing is there twice."),
        validators=[RegexValidator(r"\A[0-9A-Za-z]+\Z", _("Letters and digits only."))],
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("Region groups"),
        queryset=RegionGroup.objects.prefetch_related("regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All regions of a group, beside those ticked below."),
    )
    regions = RegionsChoice(
        label=_("Regions"),
        queryset=Region.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    every = forms.BooleanField(label=_("All regions that report"), required=False)

    def __init__(self, data: Any = None, *, measures: Any, user: User, today: date) -> None:
        super().__init__(data, initial={"batch": f"{today:%Y%m%d}", "title": PLACE})
        self.measures, self.offered = scoped(user, measures)
        self.fields["measure"].queryset = self.measures  # type: ignore[attr-defined]
        self.fields["regions"].queryset = self.offered.order_by("order", "code")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """At least one region."""
        values = super().clean()
        if not self.chosen(values):
            self.add_error("regions", ValidationError(_("Choose at least one region.")))
        return values

    def chosen(self, values: dict[str, Any]) -> list[Region]:
        """The regions ticked, and those of the groups ticked, as far as they lie in the scope."""
        ticked = {region.pk for region in values.get("regions") or ()}
        for group in values.get("groups") or ():
            ticked |= {region.pk for region in group.regions.all()}
        everywhere = values.get("every")
        return [
            region
            for region in self.fields["regions"].queryset  # type: ignore[attr-defined]
            if region.pk in ticked or (everywhere and region.reports)
        ]

    def lines(self) -> list[Line]:
        """A line per region: as typed on the preview, else as proposed."""
        measure = self.cleaned_data["measure"]
        regions = self.chosen(self.cleaned_data)
        authorities = {
            actor.region_id: actor
            for actor in Actor.objects.filter(level=Actor.Level.PROVINCE, reports=True, region__in=regions)
        }
        return [
            Line(
                region=region,
                code=f"{short_code(region)}-{measure.code}-{self.cleaned_data['batch']}",
                title=self._typed("title", region, self.cleaned_data["title"].replace(PLACE, region.name)),
                lead=self._typed("lead", region, _name(authorities.get(region.pk) or measure.suggested_lead)),
                faults=[],
            )
            for region in regions
        ]

    def _typed(self, name: str, region: Region, proposed: str) -> str:
        typed: str = self.data.get(f"{name}-{region.code}", proposed)
        return typed.strip()

    def sheet(self, lines: list[Line]) -> Sheet:
        """The lines as rows, numbered from 1; an empty cell is a fault."""
        measure, common = self.cleaned_data["measure"], self.common()
        rows = [
            Row(
                number=number,
                code=line.code,
                title=line.title,
                measure=measure.code,
                region=line.region.code,
                lead=line.lead,
                **common,
            )
            for number, line in enumerate(lines, 1)
        ]
        empty = [
            Fault(row.number, name, "missing")
            for row in rows
            for name in ("title", "lead")
            if not getattr(row, name)
        ]
        return Sheet(tuple(rows), tuple(empty))


def _name(actor: Actor | None) -> str:
    return actor.name if actor else ""


def note_faults(lines: list[Line], faults: list[Fault]) -> None:
    """Put each fault beside its line."""
    for fault in faults:
        lines[fault.row - 1].faults.append(fault_words(fault))
