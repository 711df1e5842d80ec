"""The figures of a week a second time: from the journal, item by item, in plain fractions.

Takes from the product only what `roll_up --verify` proves: the judgement of single items from the journal.
Everything above an item — sums, averages, weights of then, bounds — is said here again from docs/numbers.md,
and so is how a figure is rounded and written.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from tasks_tracker.models import Actor, KeyTask, Measure, Plan, Region, User, WeekRollup, WeightChange
from tasks_tracker.queries.verification import read_week

LIGHTS = ("done", "on_track", "not_started", "at_risk", "behind", "overdue")
FULL = 100
UNITS = ("reporter", "reviewer")  # roles that see what they and those below them lead


@dataclass(frozen=True)
class Line:
    """One work item in a week. Percentages as fractions of 100."""

    code: str
    measure: str
    task: int | None
    region: str
    path: str
    weight: int
    state: str
    known: bool
    percent: Fraction
    planned: Fraction
    variance: Fraction | None
    stale: bool
    light: str
    due: bool
    reported: bool
    reports: tuple[tuple[str, bool, bool], ...]

    @property
    def counts(self) -> bool:
        """In scope: neither cancelled nor suspended."""
        return self.state not in ("cancelled", "suspended")


@dataclass(frozen=True)
class Figure:
    """Shares of the weight (0 to 1) and percentages of one set; see docs/numbers.md, "Roll-up"."""

    coverage: Fraction
    lower: Fraction
    planned: Fraction
    stale: Fraction

    @property
    def progress(self) -> Fraction | None:
        return self.lower / self.coverage if self.coverage else None

    @property
    def upper(self) -> Fraction:
        return self.lower + FULL * (1 - self.coverage)

    @property
    def variance(self) -> Fraction | None:
        return None if self.progress is None else self.progress - self.planned


@dataclass(frozen=True)
class Weights:
    """Weights of key tasks and measures in a week: today's, with every later change undone."""

    tasks: dict[int, int]
    measures: dict[str, int]
    task_of: dict[str, int | None]

    @classmethod
    def of(cls, plan: Plan, week: date) -> "Weights":
        tasks = {task.number: task.weight for task in KeyTask.objects.filter(policy=plan.policy)}
        rows = Measure.objects.filter(policy=plan.policy).select_related("key_task")
        measures = {measure.code: measure.weight for measure in rows}
        for change in WeightChange.objects.filter(week__gt=week).order_by("-pk"):
            if change.key_task:
                tasks[change.key_task.number] = change.old_weight
            else:
                measures[change.measure.code] = change.old_weight
        return cls(tasks, measures, {m.code: m.key_task.number if m.key_task else None for m in rows})


@dataclass(frozen=True)
class Count:
    """A set of work items in one week, with the weights of then."""

    lines: Sequence[Line]
    weights: Weights

    def where(self, holds: Callable[[Line], bool]) -> "Count":
        return Count([line for line in self.lines if holds(line)], self.weights)

    @property
    def scope(self) -> list[Line]:
        return [line for line in self.lines if line.counts]

    # --- counts -----------------------------------------------------------------------------------------
    def lights(self) -> dict[str, int]:
        found = {light: sum(line.light == light for line in self.scope) for light in LIGHTS}
        return found | {"suspended": sum(line.state == "suspended" for line in self.lines)}

    @property
    def due(self) -> int:
        return sum(line.due for line in self.scope)

    @property
    def given(self) -> int:
        return sum(line.due and line.reported for line in self.scope)

    @property
    def filled_in(self) -> Fraction | None:
        return Fraction(self.given * FULL, self.due) if self.due else None

    # --- figures ----------------------------------------------------------------------------------------
    def flat(self) -> Figure | None:
        """The set without any outline."""
        whole = sum(line.weight for line in self.scope)
        if not whole:
            return None
        known = [line for line in self.scope if line.known]
        return Figure(
            Fraction(sum(line.weight for line in known), whole),
            sum((line.weight * line.percent for line in known), Fraction(0)) / whole,
            sum((line.weight * line.planned for line in self.scope), Fraction(0)) / whole,
            Fraction(sum(line.weight for line in self.scope if line.stale), whole),
        )

    def measure(self, code: str) -> Figure | None:
        return self.where(lambda line: line.measure == code).flat()

    def task(self, number: int | None) -> Figure | None:
        """A key task; None is what stands apart from them, the supporting measures."""
        codes = [code for code, task in self.weights.task_of.items() if task == number]
        return mean((self.weights.measures[code], self.measure(code)) for code in codes)

    def plan(self) -> Figure | None:
        return mean((weight, self.task(number)) for number, weight in self.weights.tasks.items())


def mean(children: Iterable[tuple[int, Figure | None]]) -> Figure | None:
    """Of what has anything in scope; the weight of the others is spread."""
    present = [(weight, figure) for weight, figure in children if figure and weight]
    total = sum(weight for weight, _figure in present)
    if not total:
        return None

    def of(name: str) -> Fraction:
        return sum((weight * getattr(figure, name) for weight, figure in present), Fraction(0)) / total

    return Figure(of("coverage"), of("lower"), of("planned"), of("stale"))


def count(rollup: WeekRollup, user: User) -> Count:
    """What the user's figures of the week stand on."""
    measures = {m.pk: m for m in Measure.objects.select_related("key_task")}
    regions = dict(Region.objects.values_list("pk", "code"))
    paths = dict(Actor.objects.values_list("pk", "path"))
    lines = []
    for entry in read_week(rollup.plan, rollup.point, rollup.frozen_at).values():
        if entry.agreed.decomposed or entry.agreed.state == "draft":
            continue
        measure, verdict = measures[entry.key[0]], entry.verdict
        lines.append(
            Line(
                code=entry.code,
                measure=measure.code,
                task=measure.key_task.number if measure.key_task else None,
                region=regions[entry.key[1]],
                path=paths[entry.key[2]],
                weight=entry.agreed.weight,
                state=entry.agreed.state,
                known=verdict.known,
                percent=Fraction(verdict.counted_percent, 100),
                planned=Fraction(verdict.planned, 100),
                variance=None if verdict.variance is None else Fraction(verdict.variance, 100),
                stale=verdict.stale,
                light=verdict.light,
                due=verdict.due,
                reported=verdict.reported,
                reports=tuple(entry.reports.this_week),
            )
        )
    return Count([line for line in lines if _sees(user, line)], Weights.of(rollup.plan, rollup.week))


def _sees(user: User, line: Line) -> bool:
    """Units see what they and those below them lead; offices their key tasks and regions."""
    if user.role in UNITS:
        return line.path.startswith(user.actor.path)
    tasks = set(user.key_tasks.values_list("number", flat=True))
    regions = set(user.regions.values_list("code", flat=True))
    return (not tasks or line.task in tasks) and (not regions or line.region in regions)


# --- how it is written --------------------------------------------------------------------------------------
def number(value: Fraction | None, digits: int = 1) -> str:
    """Half away from zero; "no data" where there is none."""
    if value is None:
        return "no data"
    with localcontext(prec=60):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        text = str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    return text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")


def percent(value: Fraction | None, digits: int = 1) -> str:
    return "no data" if value is None else f"{number(value, digits)}%"


def signed(value: Fraction | None, digits: int = 1) -> str:
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.") else text


def change(value: Fraction | None, digits: int = 1) -> str:
    text = signed(value, digits)
    return text if text.strip("0.") else "no change"


def span(figure: Figure | None, digits: int = 0) -> str:
    if figure is None:
        return "no data"
    return f"{number(figure.lower, digits)}–{number(figure.upper, digits)}"


def minus(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left - right
