"""The words of the weekly workbook in the language of the reader: labels, columns, rules."""

from django.utils.translation import gettext as _

from tasks_tracker.models import Light, Plan, ReportStatus, State
from tasks_tracker.reports.document import Column, Kind, Mark


def labels() -> dict[str, str]:
    """The fixed labels of the sheets that the writer lays out itself."""
    return _summary_labels() | _workings_labels()


def _summary_labels() -> dict[str, str]:
    return {
        "summary": _("Week summary"),
        "workings": _("Workings"),
        "rules": _("Rules"),
        "no_data": _("no data"),
        "fact": _("%(label)s: %(value)s"),
        "progress": _("Progress"),
        "planned": _("Planned"),
        "variance": _("Variance, points"),
        "coverage": _("Coverage"),
        "lower": _("Lower bound"),
        "upper": _("Upper bound"),
        "stale": _("Stale share"),
        "items": _("Items counted"),
        "owed": _("Reports owed"),
        "given": _("Reports given"),
        "filled_in": _("Filled-in rate"),
        "supporting": _("Supporting measures"),
        "supporting_apart": _("Supporting measures stand apart and are not in the total."),
        "by_task": _("By key task"),
        "by_region": _("By region"),
        "by_measure": _("By measure"),
        "key_task": _("Key task"),
        "region": _("Region"),
        "measure": _("Measure"),
        "status_by_task": _("Status by key task"),
        "status_by_region": _("Status by region"),
        "progress_and_planned": _("Progress and planned by key task"),
        "curve": _("Progress and planned over the weeks"),
        "week": _("Week"),
        "page": _("Page &P of &N"),
        "weighted_progress": _("Weight × percent"),
        "weighted_planned": _("Weight × planned"),
    }


def _workings_labels() -> dict[str, str]:
    return {
        "title": _("Title"),
        "code": _("Code"),
        "number_of": _("%(name)s no."),
        "own_weight": _("Own weight"),
        "sum_weight": _("Σ weight"),
        "sum_known": _("Σ weight known"),
        "sum_stale": _("Σ weight stale"),
        "sum_earned": _("Σ weight × percent"),
        "sum_planned": _("Σ weight × planned"),
        "counting_weight": _("Weight that counts above"),
        "times_coverage": _("× coverage"),
        "times_lower": _("× lower bound"),
        "times_planned": _("× planned"),
        "times_stale": _("× stale share"),
        "level_measures": _("1. Measures: sums over the ledger"),
        "level_tasks": _("2. Key tasks: the measures, weighted"),
        "level_whole": _("3. Total: the key tasks, weighted; supporting measures apart"),
        "level_region_measures": _("4. Measures in each region: sums over the ledger"),
        "level_region_tasks": _("5. Key tasks in each region"),
        "level_regions": _("6. Regions"),
        "history": _("7. Weeks of the curve (from the roll-ups; the last row from this workbook)"),
        "workings_note": _(
            "Every figure of the summary comes from here, and everything here from the ledger. Each level "
            "sums what counts of the level below; a row with nothing in scope has no share and no weight "
            "above."
        ),
    }


def light_marks() -> tuple[Mark, ...]:
    """The lights with character and word; cancelled items, which have no light, come last."""
    lights = [Mark(str(light), f"{light.mark} {light.label}") for light in Light]
    return (*lights, Mark("", f"✕ {State.CANCELLED.label}"))


def filing_words(cutoff_passed: bool) -> dict[str, str]:
    """What became of the week's report."""
    words = {str(status): str(status.label) for status in ReportStatus}
    return words | {"missing": _("Missing") if cutoff_passed else _("Still owed"), "": "—"}


def ledger_columns() -> tuple[Column, ...]:
    """People's columns first, then those by which the formulas find and weigh the rows."""
    return (
        Column("code", _("Code"), 13, Kind.TEXT),
        Column("title", _("Work item"), 34, Kind.LONG),
        Column("task_title", _("Key task"), 15, Kind.LONG),
        Column("measure_code", _("Measure code"), 8, Kind.TEXT),
        Column("measure_title", _("Measure"), 26, Kind.LONG),
        Column("region", _("Region"), 10, Kind.LONG),
        Column("lead", _("Lead"), 22, Kind.LONG),
        Column("owner", _("Owner"), 9, Kind.TEXT),
        Column("industry", _("Industry"), 10, Kind.LONG),
        Column("commitment", _("Commitment"), 12, Kind.TEXT),
        Column("weight", _("Weight"), 6, Kind.INTEGER),
        Column("starts_on", _("Starts on"), 11, Kind.DATE),
        Column("due_on", _("Due on"), 11, Kind.DATE),
        Column("state", _("State"), 10, Kind.LONG),
        Column("light", _("Status"), 12, Kind.LIGHT),
        Column("reason", _("Reason"), 15, Kind.LONG),
        Column("percent", _("Percent"), 9, Kind.PERCENT),
        Column("planned", _("Planned"), 9, Kind.PERCENT),
        Column("variance", _("Variance, points"), 9, Kind.POINTS),
        Column("reported_week", _("Last report"), 10, Kind.TEXT),
        Column("filing", _("Report of this week"), 11, Kind.TEXT),
        Column("demonstration", _("Demonstration data"), 15, Kind.LONG),
        Column("note", _("Progress note of the last accepted report"), 60, Kind.TEXT),
        Column("known", _("Known (1/0)"), 7, Kind.FLAG),
        Column("counted", _("Counted (1/0)"), 7, Kind.FLAG),
        Column("stale", _("Stale (1/0)"), 7, Kind.FLAG),
        Column("owed", _("Report owed (1/0)"), 7, Kind.FLAG),
        Column("given", _("Report given (1/0)"), 7, Kind.FLAG),
        Column("task", _("Key task no."), 7, Kind.INTEGER),
        Column("measure", _("Measure no."), 7, Kind.INTEGER),
        Column("region_code", _("Region code"), 9, Kind.FLAG),
        Column("measure_weight", _("Measure weight"), 8, Kind.INTEGER),
        Column("task_weight", _("Key task weight"), 8, Kind.INTEGER),
    )


def behind_columns() -> tuple[Column, ...]:
    """The list of what needs attention."""
    return (
        Column("light", _("Status"), 12, Kind.LIGHT),
        Column("code", _("Code"), 13, Kind.TEXT),
        Column("title", _("Work item"), 28, Kind.LONG),
        Column("task_title", _("Key task"), 13, Kind.LONG),
        Column("measure_code", _("Measure code"), 8, Kind.TEXT),
        Column("region", _("Region"), 10, Kind.LONG),
        Column("lead", _("Lead"), 20, Kind.LONG),
        Column("owner", _("Owner"), 9, Kind.TEXT),
        Column("due_on", _("Due on"), 11, Kind.DATE),
        Column("days_over", _("Days overdue"), 8, Kind.INTEGER),
        Column("percent", _("Percent"), 9, Kind.PERCENT),
        Column("planned", _("Planned"), 9, Kind.PERCENT),
        Column("variance", _("Variance, points"), 9, Kind.POINTS),
        Column("reason", _("Reason"), 13, Kind.LONG),
        Column("problems", _("Problems"), 36, Kind.LONG),
        Column("next_steps", _("Next steps"), 36, Kind.LONG),
        Column("reported_week", _("Last report"), 10, Kind.TEXT),
    )


def unreported_columns() -> tuple[Column, ...]:
    """The list of reports owed and not given, unit by unit."""
    return (
        Column("lead", _("Unit"), 26, Kind.LONG),
        Column("unit_owed", _("Unit: reports owed"), 9, Kind.INTEGER),
        Column("unit_missing", _("Unit: not given"), 9, Kind.INTEGER),
        Column("code", _("Code"), 13, Kind.TEXT),
        Column("title", _("Work item"), 36, Kind.LONG),
        Column("task_title", _("Key task"), 15, Kind.LONG),
        Column("region", _("Region"), 11, Kind.LONG),
        Column("owner", _("Owner"), 10, Kind.TEXT),
        Column("cadence", _("Cadence"), 9, Kind.TEXT),
        Column("due_on", _("Due on"), 11, Kind.DATE),
        Column("light", _("Status"), 12, Kind.LIGHT),
        Column("reported_week", _("Last report"), 10, Kind.TEXT),
        Column("silent_weeks", _("Weeks since"), 8, Kind.INTEGER),
        Column("filing", _("Report of this week"), 11, Kind.TEXT),
    )


def rules(plan: Plan) -> tuple[tuple[str, str], ...]:
    """How each figure is computed, with the plan's thresholds; docs/numbers.md in short."""
    return (*_sums(), *_readings(), *_lights(plan))


def _sums() -> tuple[tuple[str, str], ...]:
    return (
        (
            _("What counts"),
            _(
                "Running and closed work items. Suspended and cancelled ones stand at the end of the ledger "
                "(Counted = 0) and are counted apart; an item split into parts is counted through its parts."
            ),
        ),
        (
            _("Known"),
            _(
                "An accepted report exists, or the item is closed (100 %), or its start lies ahead (0 %). "
                "What should have been reported and never was is unknown, not zero."
            ),
        ),
        (
            _("Measure"),
            _(
                "Coverage = Σ weight known ÷ Σ weight; lower bound = Σ weight × percent of what is known ÷ "
                "Σ weight; planned = Σ weight × planned ÷ Σ weight."
            ),
        ),
        (
            _("Key task and total"),
            _(
                "Coverage, lower bound and planned are averaged with the weights of the measures, then of "
                "the key tasks, that have anything in scope; the others drop out. A region, a key task or a "
                "unit is rolled up in the same way from its own items."
            ),
        ),
    )


def _readings() -> tuple[tuple[str, str], ...]:
    return (
        (
            _("Progress"),
            _(
                "Progress = lower bound ÷ coverage; upper bound = lower bound + 100 % − coverage. Nothing in "
                "scope or nothing known gives “no data”, never 0."
            ),
        ),
        (_("Variance"), _("Progress − planned, in points; negative = behind plan.")),
        (
            _("Light set by hand"),
            _(
                "Where the reason reads “Set by a supervisor”, a supervisor set the light of a running item, "
                "with a reason and a last day; percent and plan stay as they are."
            ),
        ),
        (
            _("Stale share"),
            _("Share of the weight whose last accepted report is older than two periods of its cadence."),
        ),
        (_("Supporting measures"), _("Rolled up by the same rule, apart from the seven key tasks.")),
        (
            _("Example"),
            _(
                "A (weight 3) stands at 100 %, B (weight 1) at 50 %, C (weight 1) never reported, D was "
                "cancelled: progress 87.5 % of what is reported, coverage 80 %, range 70–90 %, 1 cancelled."
            ),
        ),
        (
            _("How to check"),
            _(
                "All figures of the summary are formulas over the ledger; the sheet of workings shows every "
                "step. Change a percent in the ledger and the summary follows."
            ),
        ),
    )


def _lights(plan: Plan) -> tuple[tuple[str, str], ...]:
    def points(value: int) -> str:
        return f"{value / 100:g}".replace("-", "−")

    marks = {mark.code: mark.text for mark in light_marks()}
    texts = {
        Light.DONE: _("Closed by the supervisor."),
        Light.SUSPENDED: _("Suspended; not counted."),
        Light.NOT_STARTED: _("The start lies ahead."),
        Light.OVERDUE: _("The due day has passed."),
        Light.BEHIND: _(
            "Variance below %(behind)s points; below %(severe)s the reason reads “severely behind”."
        )
        % {"behind": points(plan.behind_below), "severe": points(plan.severely_behind_below)},
        Light.AT_RISK: _(
            "Variance below %(at_risk)s points; or due within %(days)s days and below 100 %%; or the report "
            "of the week missing after the cut-off."
        )
        % {"at_risk": points(plan.at_risk_below), "days": plan.due_soon_days},
        Light.ON_TRACK: _("None of the above. The first rule that holds, in this order, decides."),
    }
    return tuple((marks[light], text) for light, text in texts.items())
