"""The outline as supervisors edit it: key tasks and measures with what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from tasks_tracker.models import KeyTask, Measure, Paragraph, Plan, Policy, User, WeightChange, WorkItem
from tasks_tracker.rules.outline import Locator, locate


@dataclass(frozen=True)
class MeasureRow:
    """A measure, how many work items and indicators hang on it."""

    measure: Measure
    items: int
    indicators: int


@dataclass(frozen=True)
class Group:
    """A key task, or (None) the supporting measures, with its measures."""

    key_task: KeyTask | None
    rows: list[MeasureRow]

    @property
    def items(self) -> int:
        """All work items of the group."""
        return sum(row.items for row in self.rows)


@dataclass(frozen=True)
class Located:
    """Where a phrase stands in the loaded text. `code`: no_text, found, elsewhere or missing."""

    code: str
    number: int = 0
    text: str = ""


def outline_groups(policy: Policy, user: User) -> list[Group]:
    """The key tasks that the user is not limited away from, then the supporting measures. Four queries."""
    tasks = policy.key_tasks.all()
    measures = policy.measures.select_related("key_task", "suggested_lead")
    if only := user.scope.key_tasks:
        tasks, measures = tasks.filter(pk__in=only), measures.filter(key_task__in=only)
    measures = measures.annotate(n_indicators=Count("indicators", filter=Q(indicators__retired_on=None)))
    items = _items_by_measure(user)
    rows: dict[int | None, list[MeasureRow]] = {}
    for measure in measures:
        row = MeasureRow(measure, items.get(measure.pk, 0), measure.n_indicators)
        rows.setdefault(measure.key_task_id, []).append(row)
    groups = [Group(task, rows.get(task.pk, [])) for task in tasks]
    return groups if only else [*groups, Group(None, rows.get(None, []))]


def _items_by_measure(user: User) -> dict[int, int]:
    items = WorkItem.objects.visible_to(user).order_by().values_list("measure").annotate(n=Count("pk"))
    return dict(items)


def weight_history(row: KeyTask | Measure) -> list[WeightChange]:
    """The recorded changes of a weight, the newest first. One query."""
    return list(row.weight_changes.select_related("by").order_by("-week", "-pk"))


def find_phrase(policy: Policy, paragraph: int, phrase: str) -> Located:
    """Where `phrase` stands in the policy text that is loaded now. One query."""
    found = Paragraph.objects.filter(policy_text__policy=policy, policy_text__is_current=True)
    texts: Sequence[str] = list(found.order_by("number").values_list("text", flat=True))
    if not texts:
        return Located("no_text")
    outline = locate([Locator("", paragraph, phrase)], texts)
    if not outline.located:
        return Located("missing")
    place = outline.located[0]
    code = "elsewhere" if place.moved else "found"
    return Located(code, place.paragraph, texts[place.paragraph - 1])


def policy_of_plan(plan: Plan | None) -> Policy | None:
    """The policy that is edited: that of the plan, before there is one the first."""
    return plan.policy if plan else Policy.objects.order_by("pk").first()
