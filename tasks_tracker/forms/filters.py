"""Filters of the lists. Everything stands in the address; what is not understood is said and ignored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models import Actor, Channel, Light, PlanChange, ReportStatus, State
from tasks_tracker.queries.changes import Asked
from tasks_tracker.queries.compare import Part
from tasks_tracker.queries.items import DECOMPOSED, SEVEN, SUPPORTING, Conditions, Options
from tasks_tracker.queries.pairs import LIGHT, NOT_COUNTED
from tasks_tracker.rules.bridge import Change
from tasks_tracker.rules.weeks import format_week, parse_week

Choices = list[tuple[str, Any]]

OWED: Choices = [
    ("due", _("Owed this week")),
    ("given", _("Owed and given")),
    ("missing", _("Owed and not given")),
]
FILINGS: Choices = [
    (ReportStatus.ACCEPTED, _("Accepted")),
    (ReportStatus.SUBMITTED, _("Waiting")),
    (ReportStatus.RETURNED, _("Returned")),
    (ReportStatus.DRAFT, _("Draft")),
    ("missing", _("Owed, not begun")),
    ("none", _("None owed, none given")),
]
DUE_DAYS: Choices = [
    ("overdue", _("Passed")),
    ("soon", _("In the next days")),
    ("this_week", _("This week")),
    ("next_week", _("Next week")),
    ("this_month", _("This month")),
    ("next_month", _("Next month")),
    ("this_year", _("This year")),
    ("later", _("Later years")),
]
ROLES: Choices = [
    ("led", _("Led")),
    ("supporting", _("Supported")),
    ("all", _("Led or supported")),
]
CHANGES: Choices = [
    (Change.PROGRESS, _("Real progress")),
    (Change.REPORTED, _("Newly reported")),
    (Change.UNREPORTED, _("Begun, not yet reported")),
    (Change.WEIGHT, _("Weights of items")),
    (Change.ADDED, pgettext_lazy("to what is counted", "Added")),
    (Change.REMOVED, pgettext_lazy("from what is counted", "Removed")),
    (Change.CANCELLED, _("Cancelled")),
]
WITH = "with"  # the week that the shown one is compared with; no name that a class can give a field


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it is, its value in words, and the address parameters without it."""

    name: str
    label: str
    value: str
    query: str


class FilterForm(forms.Form):
    """A form over the address: a bad value is marked beside its field and asks nothing."""

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        self.query = query
        for field in self.fields.values():
            field.required = False
        self.full_clean()

    def good(self, name: str) -> Any:
        """The value of a field, or its empty value when what was asked is not understood."""
        return self.cleaned_data.get(name) or self.fields[name].clean(None)

    def chips(self) -> list[Chip]:
        """One chip per value in force, in the order of the fields."""
        chips = []
        for name, field in self.fields.items():
            values = self.good(name)
            for value in values if isinstance(values, list) else [values]:
                if value not in ("", None, field.initial):
                    chips.append(
                        Chip(name, str(field.label), self._words(name, value), self._less(name, value))
                    )
        return chips

    def _words(self, name: str, value: str) -> str:
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value)).strip("\N{NO-BREAK SPACE}")

    def _less(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.setlist(name, [other for other in query.getlist(name) if other != value])
        query.pop("page", None)
        return query.urlencode()

    def query_without(self, name: str) -> str:
        """The address parameters with one filter taken out."""
        query = self.query.copy()
        for gone in (name, "page"):
            query.pop(gone, None)
        return query.urlencode()


def _choice(label: Any, choices: Choices = (), every: Any = _("all")) -> forms.ChoiceField:  # type: ignore[assignment]
    return forms.ChoiceField(label=label, choices=[("", every), *choices])


class ItemFilter(FilterForm):
    """The filters of the list of work items; the names are part of many addresses and stay as they are."""

    q = forms.CharField(
        label=_("Words"),
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Title, code, lead")}),
    )
    key_task = _choice(_("Key task"))
    measure = _choice(_("Measure"))
    region = _choice(_("Region"))
    group = _choice(_("Region group"))
    light = forms.MultipleChoiceField(
        label=_("Light"), choices=Light.choices, widget=forms.CheckboxSelectMultiple
    )
    lead = _choice(_("Lead"))
    role = forms.ChoiceField(label=_("Part taken"), choices=ROLES, initial="led")
    due = _choice(_("Due"), DUE_DAYS)
    filing = _choice(_("This week's report"), FILINGS)
    reported = _choice(_("Reports owed"), OWED)
    known = _choice(_("Knowledge"), [("unknown", _("Never reported")), ("stale", _("Old report"))])
    key = _choice(_("Key items"), [("1", _("only key items"))])
    state = _choice(
        _("State"),
        [(state, state.label) for state in State] + [(DECOMPOSED, _("Decomposed into parts"))],
        _("counted"),
    )
    owner = _choice(_("Owner"), [("me", _("me"))])
    changed = _choice(_("Change"), [*CHANGES, (LIGHT, _("Light turned"))])
    with_light = _choice(_("Light in the other week"), [*Light.choices, (NOT_COUNTED, _("not counted then"))])

    def __init__(self, query: QueryDict, options: Options, weeks: Sequence[date] = ()) -> None:
        """`weeks` are those that the shown week can be compared with."""
        self.options, self.weeks = options, weeks
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer what the user may choose from, then read the address."""
        self.fields[WITH] = _week_choice(self.weeks, _("no other week"))
        self._offer("key_task", _key_task_choices(self.options))
        self._offer("measure", [(m.code, f"{m.code} {m.label}") for m in self.options.measures])
        self._offer("region", [(region.code, region.short_label) for region in self.options.regions])
        self._offer("group", [(group.code, group.label) for group in self.options.groups])
        self._offer("lead", [(actor.code, indented(actor)) for actor in self.options.leads])
        super().full_clean()

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *choices]

    @property
    def conditions(self) -> Conditions:
        """What is asked of the list."""
        asked = {name: self.good(name) for name in self.fields if name not in ("light", WITH)}
        asked["role"] = asked["role"] or "led"
        return Conditions(lights=tuple(self.good("light")), **asked)


def _week_choice(weeks: Sequence[date], none: Any) -> forms.ChoiceField:
    field = _choice(_("Compared with"), [(format_week(week), format_week(week)) for week in weeks], none)
    field.required = False
    return field


class CompareFilter(FilterForm):
    """The other week, and the part of the plan that is compared; the same names as in the list of items."""

    key_task = forms.ChoiceField(label=_("Key task"), initial=SEVEN)
    measure = _choice(_("Measure"))
    region = _choice(_("Region"))
    lead = _choice(_("Lead"))

    def __init__(self, query: QueryDict, options: Options, weeks: Sequence[date]) -> None:
        self.options, self.weeks = options, weeks
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer what the user may choose from, then read the address."""
        seven, *rest = reversed(_key_task_choices(self.options)[:-1])
        offered: dict[str, Choices] = {
            "key_task": [seven, *reversed(rest), (SUPPORTING, _("Supporting measures"))],
            "measure": [("", _("all")), *((m.code, f"{m.code} {m.label}") for m in self.options.measures)],
            "region": [("", _("all")), *((one.code, one.short_label) for one in self.options.regions)],
            "lead": [("", _("all")), *((actor.code, indented(actor)) for actor in self.options.leads)],
        }
        self.fields[WITH] = _week_choice(self.weeks, _("the week before"))
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        super().full_clean()

    @property
    def part(self) -> Part:
        """What is compared."""
        asked = {name: self.good(name) for name in ("measure", "region", "lead")}
        return Part(key_task=self.good("key_task") or SEVEN, **asked)

    @property
    def other(self) -> date | None:
        """The Monday of the week asked for; None for the week before."""
        return other_week(self)


def other_week(form: FilterForm) -> date | None:
    """The Monday of the week that a form compares with; None where it names none."""
    written = form.good(WITH)
    return parse_week(written) if written else None


def _key_task_choices(options: Options) -> Choices:
    seven: Choices = [(str(task.number), f"{task.number} {task.short_label}") for task in options.key_tasks]
    return [*seven, (SEVEN, _("All key tasks")), (SUPPORTING, _("Supporting measures"))]


def indented(actor: Actor) -> str:
    """The name, further in the deeper it stands in the tree."""
    return "\N{NO-BREAK SPACE}" * 2 * (actor.path.count("/") - 1) + actor.label


class ChangeFilter(FilterForm):
    """The filters of the ledger of plan changes."""

    key_task = _choice(_("Key task"))
    region = _choice(_("Region"))
    lead = _choice(_("Lead"))
    field = _choice(_("What"), list(PlanChange.Field.choices))
    item = forms.CharField(label=_("Code"), max_length=40)
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, query: QueryDict, options: Options) -> None:
        self.options = options
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer what the user may choose from, then read the address."""
        offered: dict[str, Choices] = {
            "key_task": _key_task_choices(self.options)[:-2],
            "region": [(region.code, region.short_label) for region in self.options.regions],
            "lead": [(actor.code, indented(actor)) for actor in self.options.leads],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *choices]
        super().full_clean()

    @property
    def asked(self) -> Asked:
        """What the ledger is narrowed to."""
        return Asked(**{name: self.good(name) for name in self.fields})


class ActorFilter(FilterForm):
    """The filters of the list of leads."""

    q = forms.CharField(label=_("Words"), max_length=100)
    level = _choice(_("Level"), list(Actor.Level.choices))


class AuditFilter(FilterForm):
    """The filters of the audit log."""

    by = forms.CharField(label=_("User"), max_length=100)
    channel = _choice(_("Way in"), list(Channel.choices))
    address = forms.CharField(label=_("Network address"), max_length=45)
    action = _choice(_("Action"))
    object_type = _choice(_("Object type"))
    object_id = forms.CharField(label=_("Object"), max_length=60)
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, query: QueryDict, actions: Choices, object_types: Choices) -> None:
        """What occurs in the log, each code with its words."""
        self.offered = {"action": actions, "object_type": object_types}
        super().__init__(query)

    def full_clean(self) -> None:
        """Offer what occurs in the log, then read the address."""
        for name, values in self.offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *values]
        super().full_clean()
