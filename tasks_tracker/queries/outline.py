"""The outline as supervisors edit it: key tasks and measures with what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from tasks_tracker.models import KeyTask, Measure, Paragraph, Plan, Policy, User, WeightChange, WorkItem
from tasks_tracker.rules.drafting import Proposal, propose_sentence
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
    tasks = policy.key_tasks.select_related("drafted_from")
    measures = policy.measures.select_related("key_task", "suggested_lead", "drafted_from")
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


def find_phrase(policy: Policy, paragraph: int, phrase: str, *, beside: int | None = None) -> Located:
    """Where `phrase` stands in the policy text that is loaded now. One query.

    `beside`: the text that its measure was drafted from; where it stands beside the policy's own, it counts.
    """
    found = Paragraph.objects.filter(in_own_text(beside), policy_text__policy=policy)
    rows = found.order_by("policy_text__is_current", "number").values_list("policy_text", "text")
    by_text: dict[int, list[str]] = {}
    for text, words in rows:
        by_text.setdefault(text, []).append(words)
    texts: Sequence[str] = next(iter(by_text.values()), [])
    if not texts:
        return Located("no_text")
    outline = locate([Locator("", paragraph, phrase)], texts)
    if not outline.located:
        return Located("missing")
    place = outline.located[0]
    code = "elsewhere" if place.moved else "found"
    return Located(code, place.paragraph, texts[place.paragraph - 1])


def in_own_text(drafted_from: int | None) -> Q:
    """Paragraphs of the current text, and of the one beside it that a measure was drafted from.

    Ordered by `policy_text__is_current` the latter come first.
    """
    own = Q(policy_text__is_current=True)
    return own | Q(policy_text=drafted_from, policy_text__is_beside=True) if drafted_from else own


def next_code(policy: Policy, key_task: KeyTask | None) -> str:
    """A code that no measure of the key task has, or of the first supporting area. One query."""
    head = f"{key_task.number}." if key_task else "S1."
    taken = policy.measures.filter(code__startswith=head).values_list("code", flat=True)
    tails = [code.removeprefix(head) for code in taken]
    last = max((int(tail) for tail in tails if tail.isdecimal() and len(tail) < 6), default=0)
    return f"{head}{last + 1}"


def measure_of_sentence(policy: Policy, paragraph: int, sentence: int) -> Proposal | None:
    """A measure made of that sentence of the current text; None where there is none. One query."""
    rows = Paragraph.objects.filter(in_own_text(None), policy_text__policy=policy).order_by("number")
    return propose_sentence(list(rows.values_list("text", flat=True)), paragraph, sentence)


def policy_of_plan(plan: Plan | None) -> Policy | None:
    """The policy that is edited: that of the plan, before there is one the first."""
    return plan.policy if plan else Policy.objects.order_by("pk").first()
