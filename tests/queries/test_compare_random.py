"""On random plans the bridge is what plain Python finds in the rows, and every number is a list."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tasks_tracker.models import (
    Cell,
    User,
)
from tasks_tracker.queries.compare import Part, TwoWeeks, steps_between
from tasks_tracker.queries.figures import outline_of, rolled, tallies
from tasks_tracker.queries.items import Conditions, listed
from tasks_tracker.queries.movers import effects, lights_of, movers, places_moved
from tasks_tracker.queries.pairs import LIGHT, NOT_COUNTED
from tasks_tracker.rules.bridge import Change
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf
from tests.factories import (
    THIS_WEEK,
)
from tests.factories.cast import Cast
from tests.queries.bridges import STEPS, WHOLE, Rows, naive_steps, weeks_between
from tests.reports.random_plan import WEEKS, make_random_plan

pytestmark = pytest.mark.django_db


def parts() -> Iterator[Part]:
    yield Part()
    yield Part(key_task="supporting")
    yield Part(region="420000")
    yield Part(lead="hubei")
    yield Part(lead="jiangsu", region="320000")
    for number in (1, 2, 6, 7):
        yield Part(key_task=str(number))
    yield Part(key_task="1", lead="wuhan")
    for measure in ("1.10", "4.1", "S1.1"):
        yield Part(measure=measure)


ALL_WEEKS = [THIS_WEEK - n * ONE_WEEK for n in range(WEEKS)]
PAIRS = [(then, now) for now in ALL_WEEKS for then in ALL_WEEKS if then < now]


def looks(cast: Cast) -> Iterator[TwoWeeks]:
    """Every part and pair of weeks through national eyes, some of them through narrower ones."""
    for part in parts():
        for then, now in PAIRS:
            yield weeks_between(cast.li, part, then, now)
    for user in (cast.sun, cast.chen):
        for part in (WHOLE, Part(key_task="1"), Part(lead="wuhan")):
            for then in ALL_WEEKS[1:]:
                yield weeks_between(user, part, then)


@pytest.mark.parametrize("seed", [3, 29])
def test_plain_python_finds_the_same_steps_and_they_add_up_to_the_last_digit(seed: int, cast: Cast) -> None:
    make_random_plan(cast, seed, items=70, replanned=True)
    rows, seen = Rows.read(), dict.fromkeys(STEPS, 0)
    for weeks in looks(cast):
        first, expected, consists = naive_steps(weeks, rows)
        found = steps_between(weeks)
        bridge, place = found.bridge, (weeks.user.username, weeks.part, weeks.then.week, weeks.now.week)
        assert bridge.then == first, place
        assert [step.points for step in bridge.steps] == expected, place
        assert found.items == {c: len(consists[c]) for c in STEPS if c != "outline"}, place
        if bridge.steps:
            assert bridge.then + sum(step.points for step in bridge.steps) == bridge.now, place
            shown = sum(step.shown for step in bridge.steps)
            assert rounded(bridge.then) + shown == rounded(bridge.now), place
        for step in bridge.steps:
            seen[step.change] += bool(step.points)
    assert all(seen.values()), f"a kind of change never happens: {seen}"


@pytest.mark.parametrize("seed", [5, 17])
def test_the_ends_are_what_the_dashboards_show(seed: int, cast: Cast) -> None:
    plan = make_random_plan(cast, seed, items=70, replanned=True)
    for user in (cast.li, cast.chen, cast.sun):
        for then, now in PAIRS:
            weeks = weeks_between(user, Part(), then, now)
            bridge = steps_between(weeks).bridge
            whole, _sorted = places_moved(weeks, [])
            shown = []
            for week in (then, now):
                cells = Cell.objects.visible_to(user).filter(rollup__plan=plan, rollup__week=week)
                shown.append(rolled(tallies(cells, "measure"), outline_of(plan, week)).whole.progress)
            assert [bridge.then, bridge.now] == shown == [whole.then, whole.now]


def listed_codes(weeks: TwoWeeks, base: AsOf, asked: Conditions) -> set[int]:
    return set(listed(weeks.now.plan, base, weeks.user, asked).values_list("item", flat=True))


LISTS: list[tuple[str, dict[str, str]]] = [
    ("li", {}),
    ("li", {"lead": "hubei"}),
    ("chen", {"region": "420000"}),
]


@pytest.mark.parametrize(("username", "asked"), LISTS)
def test_every_step_is_a_list(username: str, asked: dict[str, str], cast: Cast) -> None:
    make_random_plan(cast, seed=5, items=70, replanned=True)
    weeks = weeks_between(User.objects.get(username=username), Part(**asked), ALL_WEEKS[2])
    _first, _steps, consists = naive_steps(weeks, Rows.read())
    then, now = weeks.then.rollup.point, weeks.now.rollup.point
    conditions = Conditions(key_task="seven", **asked)
    for change in [change for change in STEPS if change != Change.OUTLINE]:
        here = replace(conditions, changed=str(change))
        if change not in (Change.REMOVED, Change.CANCELLED):
            assert listed_codes(weeks, now, replace(here, other=then)) == consists[change], change
        if change != Change.ADDED:  # what stayed is listed in whichever week one looks at
            assert listed_codes(weeks, then, replace(here, other=now)) == consists[change], change


@pytest.mark.parametrize(("username", "asked"), LISTS)
def test_every_pair_of_lights_is_a_list(username: str, asked: dict[str, str], cast: Cast) -> None:
    make_random_plan(cast, seed=5, items=70, replanned=True)
    weeks = weeks_between(User.objects.get(username=username), Part(**asked), ALL_WEEKS[2])
    then, now = weeks.then.rollup.point, weeks.now.rollup.point
    conditions = Conditions(key_task="seven", **asked)
    lights = lights_of(weeks, then, now)
    counts = lights.counts
    for (before, after), n in counts.items():
        base, light, other = (now, after, then) if after else (then, before, now)
        with_light = before if before and after else NOT_COUNTED
        here = replace(conditions, lights=(light,), with_light=with_light, other=other)
        assert len(listed_codes(weeks, base, here)) == n, (before, after)
    there = set(lights.turned)
    assert listed_codes(weeks, now, replace(conditions, changed=LIGHT, other=then)) == there
    assert len(there) == sum(n for (a, b), n in counts.items() if a and b and a != b) > 0
    assert sum(n for (_a, b), n in counts.items() if b) == len(listed_codes(weeks, now, conditions))
    assert sum(n for (a, _b), n in counts.items() if a) == len(listed_codes(weeks, then, conditions))


@pytest.mark.parametrize("seed", [5, 17])
def test_what_the_movers_moved_is_the_first_two_steps(seed: int, cast: Cast) -> None:
    make_random_plan(cast, seed, items=70, replanned=True)
    for user in (cast.li, cast.chen):
        for part in (Part(), Part(key_task="1"), Part(region="420000"), Part(lead="hubei")):
            weeks = weeks_between(user, part, ALL_WEEKS[3])
            steps = steps_between(weeks)
            rows = list(movers(weeks, steps))
            exact = effects(steps, rows)
            progress, reported = steps.bridge.steps[:2]
            assert sum(exact) == progress.points + reported.points
            assert sum(e for e, row in zip(exact, rows, strict=True) if row.then_known) == progress.points
            for row, effect in zip(rows, exact, strict=True):
                assert row.effect == pytest.approx(float(effect), abs=1e-6)
