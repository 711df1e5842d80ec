"""The workbook's figures, the dashboard's and the ledger's are the same figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from tasks_tracker.models import COUNTED_LIGHTS, Cell, KeyTask, Plan, User
from tasks_tracker.queries.figures import Outline, Rolled, Slice, outline_of, rolled, tallies
from tasks_tracker.rules.rollup import WHOLE
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import THIS_WEEK, make_user
from tests.factories.cast import Cast
from tests.reports.random_plan import make_random_plan
from tests.reports.spreadsheets import HEAD, SUMMARY, formulas, made, opened, recalculated

pytestmark = pytest.mark.django_db
FUNCTION = re.compile(r"([A-Z][A-Za-z_.]*)\(")


@dataclass(frozen=True)
class Case:
    """A workbook, and how a dashboard narrows the cells to the same scope."""

    who: str
    scope: str = "national"
    subject: str = ""
    cells: tuple[tuple[str, Any], ...] = ()
    back: int = 0


CASES = {
    "national": Case("li"),
    "an earlier week, frozen": Case("li", back=2),
    "a supervisor of one region": Case("sun"),
    "a unit and what is below it": Case("chen"),
    "a key task": Case("li", "key_task", "1", (("measure__key_task__number", 1),)),
    "a key task without weight": Case("li", "key_task", "6", (("measure__key_task__number", 6),)),
    "a key task without items": Case("li", "key_task", "7", (("measure__key_task__number", 7),)),
    "a region": Case("li", "region", "420000", (("region__code", "420000"),)),
    "a region in an earlier week": Case("li", "region", "420000", (("region__code", "420000"),), back=2),
    "an actor with its subtree": Case("li", "actor", "hubei", (("lead__path__startswith", "miit/hubei/"),)),
}


def week_of(case: Case) -> Any:
    return THIS_WEEK - case.back * ONE_WEEK


def make(case: Case, plan: Plan, cast: Cast) -> bytes:
    return made(plan, getattr(cast, case.who), case.scope, case.subject, week=week_of(case))


def dashboard(case: Case, plan: Plan, user: User, **narrower: Any) -> tuple[Outline, Rolled]:
    """The figures as a dashboard reads them."""
    conditions = dict(case.cells) | narrower
    cells = Cell.objects.visible_to(user).filter(rollup__week=week_of(case), **conditions)
    outline = outline_of(plan)
    return outline, rolled(tallies(cells, "measure"), outline)


def share(value: Fraction | None) -> float | None:
    return None if value is None else float(value / WHOLE)


def expected(part: Slice) -> list[Any]:
    """A line of the summary, from a dashboard's slice."""
    tally = part.tally
    return [
        share(part.progress),
        share(part.planned),
        None if part.variance is None else float(part.variance / 100),
        share(part.coverage),
        share(part.lower),
        share(part.upper),
        share(part.stale),
        tally.items,
        *(tally.lights[light] for light in COUNTED_LIGHTS),
        tally.suspended_items,
        tally.cancelled_items,
        tally.due,
        tally.due_reported,
        share(tally.filled_in),
    ]


def lines(book: Any) -> dict[str, list[Any]]:
    """The lines of the summary by section and title; texts (“no data”) read as None."""
    sheet, section, found = book.worksheets[SUMMARY], "", {}
    width = len(expected(Slice()))
    for row in sheet.iter_rows(min_row=HEAD + 1, values_only=True):
        if row[0] and row[1] is None:
            section = row[0]
        elif row[0] and row[1] != "Progress":  # the heads of a table
            found[f"{section}/{row[0]}"] = [None if isinstance(v, str) else v for v in row[1 : width + 1]]
    return found


def check(case: Case, plan: Plan, user: User, book: Any) -> None:
    """Every line of the summary equals the dashboard's to 1e-9."""
    outline, result = dashboard(case, plan, user)
    whole = result.whole
    if case.scope == "key_task":
        whole = result.by_task[KeyTask.objects.get(number=case.subject).pk]
    found = lines(book)
    wanted = {"/Total": whole, "/Supporting measures": result.supporting}
    for task in outline.key_tasks:
        if case.scope != "key_task" or str(task.number) == case.subject:
            wanted[f"By key task/{task}"] = result.by_task[task.pk]
    for measure in outline.measures:
        if measure.pk in result.by_measure:
            wanted[f"By measure/{measure}"] = result.by_measure[measure.pk]
    cells = Cell.objects.visible_to(user).filter(rollup__week=week_of(case), **dict(case.cells))
    for code, name in set(cells.values_list("region__code", "region__short_en")):
        _outline, regional = dashboard(case, plan, user, region__code=code)
        task = outline.key_tasks[int(case.subject) - 1] if case.scope == "key_task" else None
        wanted[f"By region/{name}"] = regional.by_task[task.pk] if task else regional.whole
    assert found.keys() == wanted.keys()
    for title, part in wanted.items():
        assert found[title] == [
            None if value is None else pytest.approx(value, abs=1e-9) for value in expected(part)
        ], title


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize("seed", [1, 2])
def test_the_stored_figures_are_the_dashboards(seed: int, cast: Cast) -> None:
    plan = make_random_plan(cast, seed)
    for case in CASES.values():
        check(case, plan, getattr(cast, case.who), opened(make(case, plan, cast)))


def test_the_formulas_compute_the_stored_figures(cast: Cast, tmp_path: Path) -> None:
    plan = make_random_plan(cast, seed=47)
    files = {str(number): make(case, plan, cast) for number, case in enumerate(CASES.values())}
    computed = recalculated(files, tmp_path)
    for (title, case), (name, data) in zip(CASES.items(), files.items(), strict=True):
        stored, cells = opened(data), list(formulas(opened(data, values=False)))
        assert len(cells) > 20
        for sheet, cell, formula in cells:
            was, now = stored[sheet][cell].value or None, computed[name][sheet][cell].value or None
            same = was == now or (None not in (was, now) and was == pytest.approx(now, abs=1e-9))
            assert same, f"{title}: {sheet}!{cell} {formula}: stored {was}, computed {now}"
        check(case, plan, getattr(cast, case.who), computed[name])


def test_a_changed_percent_in_the_ledger_moves_the_summary(cast: Cast, tmp_path: Path) -> None:
    """What a reader does to convince himself: set everything known to 100 % and look at the total."""
    data = made(make_random_plan(cast, seed=5), cast.li)
    book = opened(data, values=False)
    ledger = book.worksheets[1]
    heads = {cell.value: cell.column for cell in ledger[3]}
    for row in range(4, ledger.max_row + 1):
        if ledger.cell(row, heads["Known (1/0)"]).value == 1:
            ledger.cell(row, heads["Percent"]).value = 1
    changed = tmp_path / "changed.xlsx"
    book.save(changed)
    computed = recalculated({"changed": changed.read_bytes()}, tmp_path)["changed"]
    assert lines(opened(data))["/Total"][0] < 0.99
    assert lines(computed)["/Total"][0] == pytest.approx(1)


def test_no_figure_is_a_formula_that_only_new_programs_know(cast: Cast) -> None:
    data = made(make_random_plan(cast, seed=3, items=20), cast.li)
    cells = formulas(opened(data, values=False))
    used = {name for _sheet, _cell, formula in cells for name in FUNCTION.findall(formula)}
    assert used == {"SUM", "SUMIFS", "COUNTIFS", "IF", "AND", "N", "ISNUMBER"}


def test_a_scope_without_anything_says_no_data_and_never_zero(cast: Cast) -> None:
    make_random_plan(cast, seed=2, items=10)
    nobody = make_user(actor=cast.jiangsu)
    plan = Plan.objects.get()
    Cell.objects.filter(lead=cast.jiangsu).delete()
    total = lines(opened(made(plan, nobody)))["/Total"]
    assert total[:7] == [None] * 7
