"""Explanations: what the parts add up to is what the dashboards show, exactly, at every level and week."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from tasks_tracker.actions import plan_curve, rollup, standing
from tasks_tracker.actions.editing import plain
from tasks_tracker.actions.policy import edit_outline_row
from tasks_tracker.models import KeyTask, Plan, Region, RegionGroup, User, WorkItem
from tasks_tracker.queries import remembered
from tasks_tracker.queries.actors import actor_lines
from tasks_tracker.queries.dashboard import group_slices, national_board, region_board, task_board
from tasks_tracker.queries.explanation import (
    CountedItem,
    Explanation,
    Question,
    counted_items,
    explain,
    with_reports,
)
from tasks_tracker.queries.figures import Slice, outline_of
from tasks_tracker.queries.ledger import Selection, standings_of
from tasks_tracker.queries.weeks import ShownWeek, shown_week
from tasks_tracker.rules.rollup import WHOLE, Sums
from tests.factories import THIS_WEEK, moment
from tests.factories.cast import Cast
from tests.reports.random_plan import NOW, make_random_plan

pytestmark = pytest.mark.django_db
WEEKS = ("2026-W47", "2026-W45")  # the open week, and a frozen one


@pytest.fixture(params=[47])
def plan(request: Any, cast: Cast) -> Plan:
    plan = make_random_plan(cast, request.param, items=45)
    group = RegionGroup.objects.create(code="two", name="两地", order=1)
    group.regions.set(Region.objects.filter(code__in=("420000", "110000")))
    plan_curve.draw_plan(plan=plan)
    remembered.forget()
    return plan


def viewers(cast: Cast) -> list[User]:
    """National, limited to one region, and a unit with what is below it."""
    return [cast.li, cast.sun, cast.chen]


def below(shown: ShownWeek, user: User, question: Question) -> Iterator[Explanation]:
    """The explanation and all below it, down to the measures; each is the part that the one above says."""
    told = explain(shown, user, question)
    yield told
    for part in told.parts:
        first, *others = below(shown, user, told.question.below(part.row))
        assert first.slice == part.slice
        yield first
        yield from others


def questions(user: User) -> list[Question]:
    """The whole and the supporting measures; who sees all also asks by region, group and unit."""
    places: list[dict[str, Any]] = [{}]
    if user.scope.is_national:
        places += [{"region": Region.objects.get(code="420000")}, {"group": RegionGroup.objects.get()}]
        places += [{"lead": user.actor}]
    return [Question(supporting=apart, **place) for place in places for apart in (False, True)]


def check_parts(told: Explanation) -> None:
    """The parts are the figures of their own explanations; what they add is the figure, exactly."""
    figure = told.slice.figure
    in_force = [part for part in told.parts if part.share]
    assert [bool(part.missing) for part in told.parts] == [part.share is None for part in told.parts]
    if figure is None:
        assert in_force == []
        return
    assert sum(part.share.weight for part in in_force if part.share) == 1
    for name in ("coverage", "lower", "planned"):
        assert sum(getattr(part.share, name) for part in in_force) == getattr(figure, name), name
    if figure.progress is not None:
        assert sum(part.share.progress or 0 for part in in_force if part.share) == figure.progress
    for part in in_force:
        assert part.share is not None
        assert part.share.weight == Fraction(part.row.weight, told.in_force)
        assert part.share.lower == part.share.weight * (part.slice.lower or 0)


def check_items(shown: ShownWeek, user: User, told: Explanation) -> None:
    """The items of a measure, added up one by one, are its figure; each percent is the report's beside it."""
    rows = with_reports(counted_items(shown, user, told.question))
    sums = sum((of_item(row, shown) for row in rows), Sums())
    assert sums == told.slice.tally.sums
    if figure := told.slice.figure:
        assert figure.coverage == Fraction(sums.known_weight, sums.weight)
        assert figure.lower == Fraction(sum(row.earned for row in rows), sums.weight)
        assert figure.planned == Fraction(sum(row.to_plan for row in rows), sums.weight)
    for row in rows:
        if row.report:
            assert row.report.item_id == row.standing.item_id
            assert row.report.counted_week is not None
            assert row.report.counted_week <= shown.week
            assert row.standing.percent == row.report.percent
        else:
            assert row.standing.percent is None


def of_item(row: CountedItem, shown: ShownWeek) -> Sums:
    """One item as the rules read it: closed = 100, starts later = 0, else what was reported, else unknown."""
    standing, weight = row.standing, row.standing.weight
    if standing.state == "closed":
        percent: int | None = WHOLE
    elif standing.starts_on > shown.rollup.as_of:
        percent = 0
    else:
        percent = row.report.percent if row.report else None
    assert percent == row.percent
    known = weight if percent is not None else 0
    return Sums(1, weight, known, weight * standing.stale, weight * (percent or 0), weight * standing.planned)


def check_asides(rows: list[Any], told: Explanation) -> None:
    """What is left open or out, counted one by one; `rows` are all standings that the user's cells count."""
    measure = told.question.measure
    here = [row for row in rows if row.item.measure_id == measure.pk] if measure else []
    found = {
        "unknown": [row for row in here if row.in_scope and not row.known],
        "stale": [row for row in here if row.in_scope and row.stale],
        "suspended": [row for row in here if row.state == "suspended"],
        "cancelled": [row for row in here if row.state == "cancelled"],
    }
    for name, aside in told.asides.items():
        assert aside[:2] == (len(found[name]), sum(row.weight for row in found[name])), name


def test_the_parts_add_up_at_every_level(plan: Plan, cast: Cast) -> None:
    for shown, user in product(map(shown_week, WEEKS), viewers(cast)):
        for question in questions(user):
            for told in below(shown, user, question):
                if not told.is_flat:
                    check_parts(told)


def test_the_items_of_every_measure_add_up(plan: Plan, cast: Cast) -> None:
    for week, user in ((WEEKS[0], cast.li), (WEEKS[1], cast.li), (WEEKS[0], cast.chen)):
        shown = shown_week(week)
        rows = list(standings_of(Selection(shown.rollup, user=user)).select_related("item"))
        for measure in plan.policy.measures.all():
            told = explain(shown, user, Question(measure=measure))
            check_items(shown, user, told)
            check_asides(rows, told)


def test_the_figures_are_those_of_the_dashboards(plan: Plan, cast: Cast) -> None:
    for shown, user in product(map(shown_week, WEEKS), viewers(cast)):
        board = national_board(shown, user)
        assert told(shown, user) == board.whole.now
        assert told(shown, user, supporting=True) == board.supporting
        for line in board.tasks:
            task = line.key_task
            assert told(shown, user, key_task=task) == line.slice.now
        for line in board.measures:
            assert told(shown, user, measure=line.measure) == line.slice.now
        for line in (line for line in board.regions if line.slice.now.tally.items):
            assert told(shown, user, region=line.region) == line.slice.now
        for (task_pk, region_pk), part in board.matrix.items():
            place = {"key_task": KeyTask.objects.get(pk=task_pk), "region": Region.objects.get(pk=region_pk)}
            assert told(shown, user, **place) == part
        task, region = board.tasks[0].key_task, cast.hubei_region
        assert told(shown, user, key_task=task) == task_board(shown, user, task).whole.now
        assert told(shown, user, region=region) == region_board(shown, user, region).whole.now
        for line in actor_lines(shown, user):
            assert told(shown, user, lead=line.actor) == line.seven
        for group, part in group_slices(shown, user, board.outline):
            assert told(shown, user, group=group) == part


def told(shown: ShownWeek, user: User, **question: Any) -> Slice:
    return explain(shown, user, Question(**question)).slice


def test_a_figure_can_be_rebuilt_by_hand_from_the_items(plan: Plan, cast: Cast) -> None:
    """Item by item, with nothing but sums and divisions: the same as the page, level by level."""
    for week in WEEKS:
        check_by_hand(shown_week(week), plan, cast)


def check_by_hand(shown: ShownWeek, plan: Plan, cast: Cast) -> None:
    outline = outline_of(plan, shown.week)
    rows = list(standings_of(Selection(shown.rollup, user=cast.li)).filter(in_scope=True))
    by_task = {}
    for task in outline.key_tasks:
        of_measures = []
        for measure in outline.under(task):
            items = [row for row in rows if row.item.measure_id == measure.pk]
            if (weight := sum(row.weight for row in items)) and measure.weight:
                known = [row for row in items if row.known]
                coverage = Fraction(sum(row.weight for row in known), weight)
                lower = Fraction(sum(row.weight * row.counted_percent for row in known), weight)
                of_measures.append((measure.weight, coverage, lower))
        if of_measures:
            by_task[task] = (task.weight, *averaged(of_measures))
        figure = told(shown, cast.li, key_task=task).figure
        assert (figure is None) == (task not in by_task)
        if figure:
            assert (figure.coverage, figure.lower) == by_task[task][1:]
    whole = told(shown, cast.li).figure
    assert whole is not None
    coverage, lower = averaged([row for row in by_task.values() if row[0]])
    assert (whole.coverage, whole.lower, whole.progress) == (coverage, lower, lower / coverage)


def averaged(rows: list[tuple[int, Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    weights = sum(weight for weight, _coverage, _lower in rows)
    return (
        sum((weight * coverage for weight, coverage, _ in rows), Fraction(0)) / weights,
        sum((weight * lower for weight, _, lower in rows), Fraction(0)) / weights,
    )


def everything(shown: ShownWeek, user: User) -> list[Any]:
    """All that explanations say about a week, as plain values."""
    said: list[Any] = []
    for told in below(shown, user, Question()):
        weights = [(part.row.pk, part.row.weight, part.share, part.slice) for part in told.parts]
        said.append((told.slice, weights, told.asides))
        if told.is_flat:
            rows = with_reports(counted_items(shown, user, told.question))
            said.append([(r.standing.item_id, r.percent, r.earned, r.to_plan, r.report) for r in rows])
    return said


def test_a_frozen_week_is_explained_as_it_was_whatever_happens_later(plan: Plan, cast: Cast) -> None:
    before = everything(shown_week("2026-W45"), cast.li)
    for row in (*plan.policy.key_tasks.all()[:2], *plan.policy.measures.all()[:3]):
        seen = plain(row, ("weight",))
        values = {"weight": row.weight + 5}
        edit_outline_row(row=row, plan=plan, values=values, reason="调整", seen=seen, by=cast.li, now=NOW)
    for number, item in enumerate(WorkItem.objects.order_by("code")):
        changed: dict[str, Any] = {"weight": 9} if number % 2 else {"state": "cancelled"}
        standing.advance(item, THIS_WEEK, **changed)
        standing.learn(item, THIS_WEEK, percent=100 * (number % 100), reported_week=THIS_WEEK)
    Plan.objects.filter(pk=plan.pk).update(at_risk_below=-100, behind_below=-200)
    now = everything(shown_week("2026-W47"), cast.li)
    rollup.roll_up_week(plan=Plan.objects.get(pk=plan.pk), week=THIS_WEEK, now=moment(THIS_WEEK, 23))
    assert everything(shown_week("2026-W47"), cast.li) != now
    assert everything(shown_week("2026-W45"), cast.li) == before


def test_a_measure_says_what_it_belongs_to_and_its_key_task_what_drops_out(plan: Plan, cast: Cast) -> None:
    shown = shown_week(None)
    whole = explain(shown, cast.li, Question())
    gone = {part.row.number: part.missing for part in whole.parts if part.missing}  # type: ignore[union-attr]
    assert gone == {
        4: "weights" if whole.parts[3].slice.figure is None else "weight",
        6: "weight",
        7: "items",
    }
    task = explain(shown, cast.li, whole.question.below(whole.parts[3].row))
    assert [part.missing for part in task.parts] == ["weight"]
    measure = explain(shown, cast.li, task.question.below(task.parts[0].row))
    assert measure.question.above == Question(key_task=whole.parts[3].row)  # type: ignore[arg-type]
    assert measure.question.above.above == Question()
