"""The matrix adds up to what the dashboards show, on plans at random and for everybody who looks."""

from collections.abc import Sequence

import pytest

from tasks_tracker.models import RegionGroup, User
from tasks_tracker.queries.dashboard import group_slices, national_board, region_board, task_board
from tasks_tracker.queries.figures import Slice
from tasks_tracker.queries.items import Conditions, listed
from tasks_tracker.queries.matrix import SUPPORTING, Line, matrix
from tasks_tracker.queries.weeks import ShownWeek, shown_week
from tests.factories.cast import Cast
from tests.reports.random_plan import make_random_plan

pytestmark = pytest.mark.django_db
EMPTY = Slice()


@pytest.fixture(params=[3, 8])
def weeks(request: pytest.FixtureRequest, cast: Cast) -> Sequence[ShownWeek]:
    """The newest week and a frozen one of a plan at random."""
    make_random_plan(cast, seed=request.param)
    return [shown_week(""), shown_week("2026-W45")]


def everybody(cast: Cast) -> list[User]:
    return [cast.li, cast.sun, cast.chen, cast.wang]


def test_its_totals_are_those_of_the_national_page(weeks: Sequence[ShownWeek], cast: Cast) -> None:
    for shown in weeks:
        for user in everybody(cast):
            found, board = matrix(shown, user), national_board(shown, user)
            assert found.totals.total == board.whole.now
            assert [line.total for line in found.lines] == [line.slice.now for line in board.tasks]
            by_region = {line.region: line.slice.now for line in board.regions if line.slice.now.tally.items}
            assert {r: found.totals.by_region[r.pk] for r in found.regions} == by_region
            assert (found.apart.total if found.apart else EMPTY) == board.supporting
            cells = {
                (line.row.pk, region): part
                for line in found.lines
                for region, part in line.by_region.items()
                if part.tally.items and line.row
            }
            assert cells == board.matrix


def test_the_measures_of_a_key_task_add_up_to_its_page(weeks: Sequence[ShownWeek], cast: Cast) -> None:
    for shown in weeks:
        for line in national_board(shown, cast.li).tasks:
            found, board = (look(shown, cast.li, line.key_task) for look in (matrix, task_board))
            assert found.totals.total == board.whole.now == line.slice.now
            assert [x.total for x in found.lines] == [x.slice.now for x in board.measures]
            assert {
                (x.row.pk, r): part for x in found.lines for r, part in x.by_region.items()
            } == board.matrix


def test_a_column_is_the_page_of_its_region(weeks: Sequence[ShownWeek], cast: Cast) -> None:
    for shown in weeks:
        found = matrix(shown, cast.li)
        for region in found.regions:
            board = region_board(shown, cast.li, region)
            assert found.totals.by_region[region.pk] == board.whole.now
            own = [line.by_region.get(region.pk, EMPTY) for line in found.lines]
            assert own == [line.slice.now for line in board.tasks]


def test_a_group_is_rolled_up_anew_and_counts_its_members_only(
    weeks: Sequence[ShownWeek], cast: Cast
) -> None:
    group = RegionGroup.objects.create(code="two", name="两地")
    group.regions.set([cast.hubei_region, cast.jiangsu_region])
    for shown in weeks:
        found = matrix(shown, cast.li, group=group)
        ((_group, part),) = group_slices(shown, cast.li, national_board(shown, cast.li).outline)
        assert found.totals.total == part
        assert set(found.regions) <= {cast.hubei_region, cast.jiangsu_region}


def test_the_list_behind_a_cell_holds_what_the_cell_counts(weeks: Sequence[ShownWeek], cast: Cast) -> None:
    shown = weeks[0]
    for line in (*matrix(shown, cast.li).lines, *matrix(shown, cast.li, SUPPORTING).lines):
        for region in matrix(shown, cast.li).regions:
            conditions = Conditions(region=region.code, **_row(line))
            number = listed(shown.plan, shown.rollup.point, cast.li, conditions).count()
            assert number == line.by_region.get(region.pk, EMPTY).tally.items


def _row(line: Line) -> dict[str, str]:
    assert line.row is not None
    return {"measure": line.row.code} if hasattr(line.row, "code") else {"key_task": str(line.row.number)}
