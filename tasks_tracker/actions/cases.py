"""From statements to cases: what accepted reports say about the difficulties of an item, week after week.

Rules: docs/numbers.md, "Problems". The caller holds the transaction, and the turn of the item.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_noop

from tasks_tracker.actions.notices import notify
from tasks_tracker.models import (
    Actor,
    Notice,
    Problem,
    ProblemCase,
    ProgressReport,
    ReportStatus,
    User,
    WorkItem,
)
from tasks_tracker.queries.owed import all_of

BATCH = 1_000
SHORT = 60  # characters of a problem that a notice quotes
ASKED = gettext_noop("%(lead)s needs something from %(unit)s: %(what)s")
NO_LONGER = gettext_noop("%(lead)s no longer states the problem “%(what)s”; it is solved.")
SAID = ("kind", "description", "needed", "needed_from_id")
Words = tuple[str, str]


@dataclass
class Followed:
    """What one report did: cases that began or began again, that are solved, and that ask somebody new."""

    opened: list[ProblemCase] = field(default_factory=list)
    solved: list[ProblemCase] = field(default_factory=list)
    asked: list[ProblemCase] = field(default_factory=list)


class CaseFile:
    """The cases of one item in memory. `follow` takes the accepted reports; saving is the caller's."""

    def __init__(self, cases: Iterable[ProblemCase] = ()) -> None:
        self.cases = list(cases)

    def follow(
        self, report: ProgressReport, stated: Iterable[Problem], silent_since: date | None = None
    ) -> Followed:
        """Tie each statement of an accepted report to its case, and move the cases on.

        `silent_since`: the next week after the report's own of which a report is accepted. What that one and
        those after it say holds: this report then moves no state and no words. None for the newest report.
        """
        done = Followed()
        by_words: dict[Words, list[Problem]] = {}
        for problem in stated:
            by_words.setdefault((problem.kind, problem.description), []).append(problem)
        found = self._continued(by_words, report.week, silent_since)
        for words, problems in by_words.items():
            case = found.get(words)
            if silent_since is not None:
                case = self._earlier(case, problems[0], report, silent_since)
            else:
                case = self._stated(case, problems[0], report, done)
            for problem in problems:
                problem.case = found[words] = case
        if silent_since is None and not report.no_change:
            self._no_longer(set(map(id, found.values())), report, done)
        return done

    def _continued(
        self, by_words: dict[Words, list[Problem]], week: date, silent_since: date | None
    ) -> dict[Words, ProblemCase]:
        """The case of each statement: of the same words, else with edited words, else a solved one."""
        cases = sorted(self.cases, key=lambda case: case.raised_week)  # the newest one of a kind wins
        alive = [case for case in cases if _is_alive(case, week, silent_since)]
        found = {_words(case): case for case in alive if _words(case) in by_words}
        for words, problems in by_words.items():
            edited = [c for c in alive if _claims(problems, c) and c not in found.values()]
            if words not in found and edited:
                found[words] = edited[-1]
        for words, problems in by_words.items():
            solved = [c for c in cases if c.is_solved and (_words(c) == words or _claims(problems, c))]
            solved = [case for case in solved if case not in found.values()]
            if words not in found and solved:
                found[words] = solved[-1]
        return found

    def _stated(
        self, case: ProblemCase | None, problem: Problem, report: ProgressReport, done: Followed
    ) -> ProblemCase:
        """The newest report states it."""
        if case is not None and _is_taken_back(case, report):
            _open_again(case)
            done.opened.append(case)
        elif case is not None and case.is_solved and _holds_still(case, report):
            return case
        if case is None or case.is_solved:
            begun = self._begin(problem, report, again_after=case)
            done.opened.append(begun)
            done.asked += [begun] if begun.needed_from else []
            return begun
        if problem.needed_from_id and problem.needed_from_id != case.needed_from_id:
            done.asked.append(case)
        values = {name: getattr(problem, name) for name in SAID}
        if any(getattr(case, name) != value for name, value in values.items()):
            case.needed_from = problem.needed_from
            for name, value in values.items():
                setattr(case, name, value)
            case.revision += 1
        case.last_stated_week = max(case.last_stated_week, report.week)
        return case

    def _earlier(
        self, case: ProblemCase | None, problem: Problem, report: ProgressReport, silent_since: date
    ) -> ProblemCase:
        """A report of an earlier week states it; what later weeks say stays."""
        if case is not None and (case.solved_week is None or case.solved_week > report.week):
            case.raised_week = min(case.raised_week, report.week)
            return case
        begun = self._begin(problem, report, again_after=case)
        _solve(begun, silent_since, report.decided_at)
        return begun

    def _begin(
        self, problem: Problem, report: ProgressReport, again_after: ProblemCase | None
    ) -> ProblemCase:
        case = ProblemCase(
            item_id=report.item_id,
            kind=problem.kind,
            description=problem.description,
            needed=problem.needed,
            needed_from=problem.needed_from,
            raised_week=report.week,
            last_stated_week=report.week,
            again_after=again_after,
        )
        self.cases.append(case)
        return case

    def _no_longer(self, stated: set[int], report: ProgressReport, done: Followed) -> None:
        for case in self.cases:
            if not case.is_solved and id(case) not in stated:
                _solve(case, report.week, report.decided_at)
                done.solved.append(case)


def _words(case: ProblemCase) -> Words:
    return case.kind, case.description


def _claims(problems: list[Problem], case: ProblemCase) -> bool:
    """The form says that its problem is this case, and one of kind and words is still the same."""
    return case.pk is not None and any(
        problem.case_id == case.pk and (problem.kind == case.kind or problem.description == case.description)
        for problem in problems
    )


def _is_alive(case: ProblemCase, week: date, silent_since: date | None) -> bool:
    """Not solved; for an earlier report: not solved in its week."""
    earlier = silent_since is not None and case.solved_week is not None and case.solved_week > week
    return not case.is_solved or earlier


def _is_taken_back(case: ProblemCase, report: ProgressReport) -> bool:
    """What solved it was the silence of the version that `report` corrects."""
    return case.solved_how == ProblemCase.SolvedBy.REPORT and case.solved_week == report.week


def _holds_still(case: ProblemCase, report: ProgressReport) -> bool:
    """Solved by a supervisor, and the report says nothing new: it repeats, or was handed in before that."""
    if report.no_change:
        return True
    by_supervisor = case.solved_how == ProblemCase.SolvedBy.SUPERVISOR
    handed_in, solved = report.submitted_at, case.solved_at
    return by_supervisor and handed_in is not None and solved is not None and handed_in <= solved


def _solve(case: ProblemCase, week: date, at: datetime | None) -> None:
    case.state, case.solved_how = ProblemCase.State.SOLVED, ProblemCase.SolvedBy.REPORT
    case.solved_week, case.solved_at = week, at
    case.revision += 1


def _open_again(case: ProblemCase) -> None:
    states = ProblemCase.State
    case.state = states.COORDINATING if case.coordinator_id else states.OPEN
    case.solved_how, case.solved_week, case.solved_at = "", None, None
    case.revision += 1


def follow_report(*, report: ProgressReport, now: datetime) -> Followed:
    """Move the cases of the item on by a report that has just been accepted, and tell whoever is asked."""
    held = ProblemCase.objects.select_for_update(no_key=True).filter(item=report.item_id)
    file = CaseFile(held.order_by("pk"))
    known = {case.pk: _stored(case) for case in file.cases}
    stated = list(report.problems.select_related("needed_from"))
    accepted = ProgressReport.objects.filter(item=report.item_id, status=ReportStatus.ACCEPTED)
    later = accepted.filter(week__gt=report.week).order_by("week").values_list("week", flat=True).first()
    done = file.follow(report, stated, later)
    moved = [case for case in file.cases if known.get(case.pk) != _stored(case)]
    for case in sorted(moved, key=lambda case: not case.is_solved):  # makes room for the same words
        case.save()
    Problem.objects.bulk_update(stated, ["case"])
    for case in done.asked:
        tell(case, ASKED, [case.needed_from], now, unit=case.needed_from)
    for case in done.solved:
        tell(case, NO_LONGER, [case.needed_from, case.coordinator], now)
    return done


def _stored(case: ProblemCase) -> tuple[Any, ...]:
    return tuple(getattr(case, column.attname) for column in ProblemCase._meta.concrete_fields)


def followed(told: Iterable[tuple[ProgressReport, list[Problem]]]) -> list[ProblemCase]:
    """The cases of one item, not saved yet, from all its accepted reports and their problems, in order."""
    file = CaseFile()
    for report, stated in told:
        file.follow(report, stated)
    return file.cases


def collect_cases(*, items: Collection[int]) -> int:
    """Make the cases of items that have none yet from all their accepted reports; returns how many.

    For reports from before there was a ledger. Nobody is told.
    """
    stating = Problem.objects.filter(report__item=OuterRef("pk"), report__status=ReportStatus.ACCEPTED)
    fresh = WorkItem.objects.filter(Exists(stating), pk__in=items, problem_cases=None).values("pk")
    reports: Any = ProgressReport.objects.filter(item__in=fresh, status=ReportStatus.ACCEPTED)
    reports = reports.order_by("item", "week").prefetch_related("problems__needed_from")
    cases: list[ProblemCase] = []
    stated: list[Problem] = []
    for _item, told in groupby(reports, key=lambda report: report.item_id):
        pairs = [(report, list(report.problems.all())) for report in told]
        cases += followed(pairs)
        stated += (problem for _report, problems in pairs for problem in problems)
    write_cases(cases)
    Problem.objects.bulk_update(stated, ["case"], batch_size=BATCH)
    return len(cases)


def write_cases(cases: list[ProblemCase]) -> None:
    """Insert new cases; one that comes again is written after the one that it names."""
    while cases:
        ProblemCase.objects.bulk_create([c for c in cases if _can_be_written(c)], batch_size=BATCH)
        cases = [case for case in cases if case.pk is None]


def _can_be_written(case: ProblemCase) -> bool:
    return case.again_after is None or case.again_after.pk is not None


def tell(
    case: ProblemCase,
    words: str,
    units: Iterable[Actor | None],
    now: datetime,
    *,
    unit: Actor | None = None,
    people: Iterable[User] = (),
) -> None:
    """A notice about a case to `people` and to all of the units.

    It says nothing of the item, which not all of them may see. `unit` is the one that the words name.
    """
    lead, what = case.item.lead, case.needed if words == ASKED and case.needed else case.description
    arguments: dict[str, Any] = {
        "lead": [lead.name, lead.name_en],
        "what": what if len(what) <= SHORT else f"{what[: SHORT - 1]}…",
    }
    if unit:
        arguments["unit"] = [unit.name, unit.name_en]
    link = reverse("problem", args=[case.pk])
    draft = Notice(kind=Notice.Kind.PROBLEM, words=words, arguments=arguments, link=link)
    readers = {user.pk: user for each in units if each for user in all_of(each)}
    notify(to=(readers | {user.pk: user for user in people}).values(), draft=draft, now=now)
