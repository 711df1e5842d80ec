"""The ledger of problems: cases in scope, their counts by kind, and the history of one of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, IntegerField, Prefetch, Q, QuerySet, Value, When

from tasks_tracker.models import Actor, Plan, Problem, ProblemCase, ReportStatus, Standing, User, WorkItem
from tasks_tracker.models import State as ItemState
from tasks_tracker.models.people import within_unit
from tasks_tracker.queries.places import Place
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import ONE_WEEK

State = ProblemCase.State
UNSOLVED = "unsolved"
ENDED = (ItemState.CLOSED, ItemState.CANCELLED)
NAMES = ("item__lead", "item__region", "item__measure__key_task", "needed_from", "coordinator")
OF_ITEM_SHOWN = 20
OF_PLACE_SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """What the ledger is narrowed to; "" and None ask nothing. Units stand for their subtrees.

    `asked`: only what is asked of the own unit. `older`: a problem for more than so many weeks.
    """

    state: str = ""
    kind: str = ""
    key_task: str = ""
    measure: str = ""
    region: str = ""
    lead: str = ""
    needed_from: str = ""
    asked: str = ""
    older: int | None = None


def ledger(plan: Plan, user: User, wanted: Wanted, week: date) -> QuerySet[ProblemCase]:
    """The cases that `user` sees, what needs attention first: open, being coordinated, then the longest.

    What was not solved when its work item ended is left out; it is back when the item is opened again. Adds
    `in_scope`: the work item too is the user's to see, and `stood`: the state.
    """
    cases = seen_in(plan, user).exclude(~Q(state=State.SOLVED), item__state__in=ENDED)
    return _ledger(cases.annotate(stood=F("state")), user, wanted, week)


def ledger_then(shown: ShownWeek, user: User, wanted: Wanted) -> QuerySet[ProblemCase]:
    """The ledger of a past week: raised by then, without what was not solved when its work item had ended.

    Of then it is not kept who coordinated what: `stood` is open or solved, and to ask for what is being
    coordinated asks for what is not solved. The rows are in the words of today; see `as_they_stood`.
    """
    solved = Q(solved_week__lte=shown.week)
    stood = Case(When(solved, then=Value(State.SOLVED)), default=Value(State.OPEN), output_field=CharField())
    cases = seen_in(shown.plan, user).filter(raised_week__lte=shown.week)
    cases = cases.exclude(~solved | Q(solved_week=None), item__in=_ended_in(shown.week)).annotate(stood=stood)
    wanted = replace(wanted, state=State.OPEN) if wanted.state == State.COORDINATING else wanted
    return _ledger(cases, user, wanted, shown.week)


def _ledger(cases: Any, user: User, wanted: Wanted, week: date) -> QuerySet[ProblemCase]:
    """The cases that are wanted, by their state `stood`."""
    cases = cases.asking(user) if wanted.asked else cases
    cases = cases.filter(*_state(wanted), *_where(wanted))
    if wanted.older is not None:
        cases = cases.exclude(stood=State.SOLVED).filter(raised_week__lte=week - wanted.older * ONE_WEEK)
    rank = {State.OPEN: 0, State.COORDINATING: 1, State.SOLVED: 2}
    place = Case(
        *(When(stood=state, then=Value(number)) for state, number in rank.items()),
        output_field=IntegerField(),
    )
    newest_solved = Case(When(stood=State.SOLVED, then=F("solved_at")))
    found: QuerySet[ProblemCase] = (
        _with_scope(cases, user)
        .annotate(place=place)
        .select_related(*NAMES)
        .order_by("place", newest_solved.desc(nulls_first=True), "raised_week", "pk")
    )
    return found


def seen_in(plan: Plan, user: User) -> Any:
    """The cases of the plan that `user` sees."""
    cases: Any = ProblemCase.objects
    return cases.all().visible_to(user).filter(item__plan=plan)


def _with_scope(cases: Any, user: User) -> Any:
    """Adds whether the item of the case is the user's to see; else only the words of the case are."""
    seen = Q(item__in=WorkItem.objects.visible_to(user).values("pk"))
    return cases.annotate(in_scope=Case(When(seen, then=Value(1)), default=Value(0)))


def _state(wanted: Wanted) -> list[Q]:
    if wanted.state == UNSOLVED:
        return [~Q(stood=State.SOLVED)]
    return [Q(stood=wanted.state)] if wanted.state else []


def _where(wanted: Wanted) -> list[Q]:
    conditions = {
        "kind": wanted.kind,
        "item__measure__key_task__number": int(wanted.key_task) if wanted.key_task else None,
        "item__measure__code": wanted.measure,
        "item__region__code": wanted.region,
    }
    units = {"item__lead": wanted.lead, "needed_from": wanted.needed_from}
    return [
        *(Q(**{name: value}) for name, value in conditions.items() if value),
        *(within_unit(f"{name}__path", code) for name, code in units.items() if code),
    ]


@dataclass(frozen=True)
class KindCount:
    """How many cases of a kind are open, being coordinated and solved."""

    kind: str
    open: int = 0
    coordinating: int = 0
    solved: int = 0

    @property
    def label(self) -> str:
        """The kind in words."""
        return str(Problem.Kind(self.kind).label)

    @property
    def unsolved(self) -> int:
        """What is left to do."""
        return self.open + self.coordinating

    @property
    def all(self) -> int:
        """With the solved ones."""
        return self.unsolved + self.solved


def counts_by_kind(cases: Any) -> list[KindCount]:
    """The kinds that occur, the one with most left to do first. One query."""
    rows = cases.order_by().select_related(None).values("kind", "stood").annotate(n=Count("pk"))
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows.values("kind", "stood", "n"):
        counts[row["kind"]][row["stood"]] += row["n"]
    kinds = [KindCount(kind, **found) for kind, found in counts.items()]
    return sorted(kinds, key=lambda count: (-count.unsolved, -count.solved, count.kind))


@dataclass(frozen=True)
class ProblemSection:
    """The problems of a place that were not solved by the end of a week; `latest` were stated last, or of
    a past week raised last.

    The ledger of the week says the same. Of a past week it is not kept who coordinated what, so that all
    count as open (docs/numbers.md, "Problems").
    """

    kinds: Sequence[KindCount]
    latest: Sequence[ProblemCase]

    @property
    def unsolved(self) -> int:
        """How many there are."""
        return sum(kind.unsolved for kind in self.kinds)

    @property
    def coordinating(self) -> int:
        """How many of them somebody takes care of."""
        return sum(kind.coordinating for kind in self.kinds)


def problems_in(shown: ShownWeek, user: User, place: Place) -> ProblemSection:
    """What is not solved in a place in the shown week. Two queries, of a past week three."""
    asked: dict[str, Any] = {"state": UNSOLVED} | place.everything
    wanted = Wanted(**asked)
    if shown.is_latest:
        cases = ledger(shown.plan, user, wanted, shown.week)
    else:
        cases = ledger_then(shown, user, wanted)
    newest = ("-last_stated_week", "-raised_week", "-pk") if shown.is_latest else ("-raised_week", "-pk")
    latest = list(cases.order_by(*newest)[:OF_PLACE_SHOWN])
    if not shown.is_latest:
        as_they_stood([case for case in latest if case.in_scope], shown.week)  # type: ignore[attr-defined]
    return ProblemSection(counts_by_kind(cases), latest)


def _ended_in(week: date) -> Any:
    return Standing.objects.filter(since__lte=week, until__gt=week, state__in=ENDED).values("item")


def units_asked(plan: Plan, user: User) -> list[Actor]:
    """From whom something is needed in the cases that `user` sees. One query."""
    asked = seen_in(plan, user).order_by().values("needed_from")
    return list(Actor.objects.filter(pk__in=asked).order_by("path"))


def case_of(plan: Plan, user: User, pk: int) -> ProblemCase | None:
    """One case with all names; None for what is not the user's to see.

    Adds `in_scope` and `made_in_scope`: its item, and the one that was made of it, are the user's to see.
    """
    more = ("item__plan", "made_item", "solved_by", "again_after")
    named = _with_scope(seen_in(plan, user), user).select_related(*NAMES, *more)
    made = Q(made_item__in=WorkItem.objects.visible_to(user).values("pk"))
    named = named.annotate(made_in_scope=Case(When(made, then=Value(1)), default=Value(0)))
    found: ProblemCase | None = named.filter(pk=pk).first()
    return found


def statements_of(case: ProblemCase) -> list[Problem]:
    """What accepted reports said of it, the newest first. One query."""
    stated = case.statements.filter(report__status=ReportStatus.ACCEPTED)
    return list(stated.select_related("report__submitted_by", "needed_from").order_by("-report__week", "pk"))


def cases_of(item: WorkItem, user: User, past: date | None = None) -> list[ProblemCase]:
    """The cases of an item, unsolved ones first, and the one that it was made of, if it shows. One query.

    With `past`, a week that is over, as they stood in it: two queries.
    """
    cases: Any = ProblemCase.objects
    own = cases.all().visible_to(user).filter(Q(item=item) | Q(made_item=item))
    solved = Q(state=State.SOLVED)
    if past is not None:
        own, solved = own.filter(raised_week__lte=past), solved & Q(solved_week__lte=past)
    unsolved_first = Case(When(solved, then=Value(1)), default=Value(0))
    named = own.select_related("needed_from", "coordinator")
    found = list(named.order_by(unsolved_first, "-last_stated_week", "-pk")[:OF_ITEM_SHOWN])
    return found if past is None else as_they_stood(found, past)


def as_they_stood(cases: list[ProblemCase], week: date) -> list[ProblemCase]:
    """The cases in the words of the last report up to the week. Who coordinated then is not kept: open.

    One query; the cases given are changed.
    """
    stated = Problem.objects.filter(
        case__in=cases, report__status=ReportStatus.ACCEPTED, report__week__lte=week
    ).select_related("needed_from", "report")
    last = {problem.case_id: problem for problem in stated.order_by("report__week", "pk")}
    for case in cases:
        if case.solved_week is None or case.solved_week > week:
            case.state, case.solved_how, case.coordinator = State.OPEN, "", None
            case.solved_week = None
        if said := last.get(case.pk):
            case.description, case.kind, case.last_stated_week = said.description, said.kind, said.report.week
            case.needed, case.needed_from = said.needed, said.needed_from
    return cases


def stated_problems() -> Any:
    """The problems of reports with whom they ask and what became of them, to be prefetched in one query."""
    return Prefetch("problems", Problem.objects.select_related("needed_from", "case__coordinator"))
