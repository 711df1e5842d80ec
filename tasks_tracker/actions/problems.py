"""What people do about problems: take one up, solve it, open it again, answer it, make a work item of it.

Each act names the `revision` of the case that was on the form: of two who decide at the same moment, or on a
form that is stale, one wins and the other is told. Rules: docs/numbers.md, "Problems".
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit
from tasks_tracker.actions.assigning import assign_item
from tasks_tracker.actions.cases import tell
from tasks_tracker.models import Actor, CaseAct, Industry, Plan, ProblemCase, User, WorkItem
from tasks_tracker.permissions import check_can_answer_case, check_can_steer
from tasks_tracker.rules.ledger_csv import Row
from tasks_tracker.rules.weeks import week_of

TAKEN_UP = gettext_noop("%(lead)s: the problem “%(what)s” is being coordinated by %(unit)s.")
SOLVED = gettext_noop("%(lead)s: the problem “%(what)s” is solved.")
OPEN_AGAIN = gettext_noop("%(lead)s: the problem “%(what)s” is open again.")
ANSWERED = gettext_noop("%(unit)s has answered to the problem “%(what)s” of %(lead)s.")
BECAME_ITEM = gettext_noop("%(lead)s: the problem “%(what)s” has become a work item of %(unit)s.")


class CaseRefused(Exception):
    """The act breaks a rule. `code` names it, `field` says where; the page puts both into words.

    Codes: changed_meanwhile, solved_already, words_missing, coordinator_missing, open_again_already,
    item_made.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@transaction.atomic
def coordinate_case(
    *, case: ProblemCase, seen: int, coordinator: Actor | None, words: str, by: User, now: datetime
) -> ProblemCase:
    """Say who coordinates, or that it is somebody else now; lead and coordinator are told."""
    check_can_steer(by, case)
    if coordinator is None:
        raise CaseRefused("coordinator_missing", "coordinator")
    state = ProblemCase.State.COORDINATING
    values = {"state": state, "coordinator": coordinator, "coordination_note": words.strip()}
    before = _move(case, seen, values, wants_solved=False)
    record(case, before, by, now, action="coordinate_case", words=words, unit=coordinator)
    tell(case, TAKEN_UP, _concerned(case), now, unit=coordinator)
    return case


@transaction.atomic
def solve_case(*, case: ProblemCase, seen: int, words: str, by: User, now: datetime) -> ProblemCase:
    """A supervisor says how it was solved; the lead and whoever was asked are told."""
    check_can_steer(by, case)
    _check_words(words)
    values = {
        "state": ProblemCase.State.SOLVED,
        "solved_how": ProblemCase.SolvedBy.SUPERVISOR,
        "solved_week": max(week_of(now.date()), case.raised_week),
        "solved_at": now,
        "solved_by": by,
        "solution": words.strip(),
    }
    before = _move(case, seen, values, wants_solved=False)
    record(case, before, by, now, action="solve_case", words=words)
    tell(case, SOLVED, _concerned(case), now)
    return case


@transaction.atomic
def reopen_case(*, case: ProblemCase, seen: int, words: str, by: User, now: datetime) -> ProblemCase:
    """It was no solution: the case goes on where it was. Not where the lead has stated it anew already."""
    check_can_steer(by, case)
    _check_words(words)
    # Reports that state it anew take their turn on the item: none of them comes in between.
    WorkItem.objects.select_for_update(no_key=True).get(pk=case.item_id)
    same = ProblemCase.objects.filter(item=case.item_id, kind=case.kind, description=case.description)
    if case.again.exists() or same.exclude(state=ProblemCase.State.SOLVED).exists():
        raise CaseRefused("open_again_already")
    states = ProblemCase.State
    values = {
        "state": states.COORDINATING if case.coordinator_id else states.OPEN,
        "solved_how": "",
        "solved_week": None,
        "solved_at": None,
        "solved_by": None,
        "solution": "",
    }
    before = _move(case, seen, values, wants_solved=True)
    record(case, before, by, now, action="reopen_case", words=words)
    tell(case, OPEN_AGAIN, _concerned(case), now)
    return case


@transaction.atomic
def answer_case(*, case: ProblemCase, words: str, by: User, now: datetime) -> CaseAct:
    """The unit that is asked, or that coordinates, says what it does; lead and supervisor are told.

    An answer moves no state: two may answer at the same moment, and both stand.
    """
    check_can_answer_case(by, case)
    _check_words(words)
    # The row is taken, so that nobody solves the case between this look and the answer.
    if not _unsolved(case).update(revision=F("revision")):
        raise CaseRefused("solved_already")
    act = record(case, {}, by, now, action="answer_case", words=words, unit=by.actor)
    tell(case, ANSWERED, [case.item.lead], now, unit=by.actor, people=_who_took_it_up(case))
    return act


@transaction.atomic
def make_item_of_case(
    *,
    case: ProblemCase,
    plan: Plan,
    row: Row,
    draft: bool = False,
    industry: Industry | None = None,
    by: User,
    now: datetime,
) -> WorkItem:
    """Turn a case into a work item, whose lead then coordinates it. A case becomes one item at most.

    Raises like `assign_item`, and CaseRefused; writes nothing then.
    """
    check_can_steer(by, case)
    item = assign_item(plan=plan, row=row, draft=draft, industry=industry, by=by, now=now)
    state = ProblemCase.State.COORDINATING
    mine = _unsolved(case).filter(made_item=None)
    if not mine.update(made_item=item, state=state, coordinator=item.lead, revision=F("revision") + 1):
        raise CaseRefused("item_made")
    before = {"case_state": case.state}
    case.refresh_from_db()
    record(case, before, by, now, action="make_item_case", words="", unit=item.lead)
    tell(case, BECAME_ITEM, _concerned(case), now, unit=item.lead)
    return item


def _check_words(words: str) -> None:
    if not words.strip():
        raise CaseRefused("words_missing", "words")


def _unsolved(case: ProblemCase) -> Any:
    return ProblemCase.objects.filter(pk=case.pk).exclude(state=ProblemCase.State.SOLVED)


def _move(case: ProblemCase, seen: int, values: dict[str, Any], *, wants_solved: bool) -> dict[str, Any]:
    """One act wins; whoever comes second, or saw something older, is told. Returns the state before."""
    before = {"case_state": case.state}
    now = ProblemCase.objects.filter(pk=case.pk, revision=seen)
    solved = ProblemCase.State.SOLVED
    now = now.filter(state=solved) if wants_solved else now.exclude(state=solved)
    if not now.update(revision=F("revision") + 1, **values):
        raise CaseRefused("changed_meanwhile")
    case.refresh_from_db()
    return before


def record(
    case: ProblemCase,
    before: dict[str, Any],
    by: User,
    now: datetime,
    *,
    action: str,
    words: str,
    unit: Actor | None = None,
) -> CaseAct:
    """Write the act down beside the case, and in the audit log as `action`."""
    act = CaseAct.Act(action.removesuffix("_case"))
    after: dict[str, Any] = {"case_state": case.state} if before else {}
    after |= {"words": words.strip()} if words.strip() else {}
    after |= {"unit": unit.name} if unit else {}
    if case.made_item and act == CaseAct.Act.MAKE_ITEM:
        after["item"] = case.made_item.code
    audit.record(by=by, action=action, obj=case, before=before, after=after)
    return CaseAct.objects.create(case=case, act=act, words=words.strip(), unit=unit, by=by, at=now)


def _concerned(case: ProblemCase) -> list[Actor | None]:
    return [case.item.lead, case.needed_from, case.coordinator]


def _who_took_it_up(case: ProblemCase) -> list[User]:
    taken = case.acts.filter(act=CaseAct.Act.COORDINATE, by__is_active=True).select_related("by").first()
    return [taken.by] if taken else []
