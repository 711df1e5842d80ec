"""Rows for tests: plain functions, every argument has a believable default, keywords override it.

`make_…` returns the row; what has a code (regions, actors, measures, …) is made once and found again. The day
is 2026-W47 unless a test says otherwise. To move a figure use `report_and_accept`, which goes through the
product's own actions; `make_report` writes a bare row and moves nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tasks_tracker.actions import progress, standing
from tasks_tracker.models import (
    Actor,
    Indicator,
    IndicatorValue,
    Industry,
    KeyTask,
    Level,
    Measure,
    Milestone,
    Plan,
    PlanSegment,
    Policy,
    Problem,
    ProgressReport,
    Region,
    ReportStatus,
    Role,
    Slip,
    State,
    UnitReview,
    Urging,
    User,
    WorkItem,
)
from tasks_tracker.rules.schedule import plan_segments
from tasks_tracker.rules.weeks import FAR, week_of

THIS_WEEK = date(2026, 11, 16)  # 2026-W47
LAST_WEEK = THIS_WEEK - timedelta(weeks=1)
PASSWORD = "correct-horse-battery"

__all__ = [
    "LAST_WEEK",
    "PASSWORD",
    "THIS_WEEK",
    "make_actor",
    "make_indicator",
    "make_industry",
    "make_item",
    "make_key_task",
    "make_measure",
    "make_plan",
    "make_policy",
    "make_problem",
    "make_region",
    "make_report",
    "make_slip",
    "make_user",
    "make_value",
    "moment",
    "report_and_accept",
]

_REGIONS = {
    "100000": ("国家层面", "National level", Region.Kind.NATIONAL),
    "110000": ("北京", "Beijing", Region.Kind.MUNICIPALITY),
    "210200": ("大连", "Dalian", Region.Kind.CITY),
    "320000": ("江苏", "Jiangsu", Region.Kind.PROVINCE),
    "420000": ("湖北", "Hubei", Region.Kind.PROVINCE),
    "710000": ("台湾", "Taiwan", Region.Kind.PROVINCE),
}


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A wall-clock moment of the house, with its time zone."""
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


def make_region(code: str = "420000", **fields: Any) -> Region:
    name, name_en, kind = _REGIONS.get(code, (f"地区{code}", f"Region {code}", Region.Kind.PROVINCE))
    defaults = {
        "name": name,
        "name_en": name_en,
        "short": name[:4],
        "short_en": name_en,
        "kind": kind,
        "reports": code not in {"100000", "710000"},
        "order": int(code) // 10_000,
    }
    return Region.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_actor(code: str = "hubei", **fields: Any) -> Actor:
    defaults = {
        "name": f"{code}主管部门",
        "name_en": f"{code.title()} authority",
        "kind": Actor.Kind.GOVERNMENT,
        "level": Actor.Level.PROVINCE,
        "reports": fields.get("kind", Actor.Kind.GOVERNMENT) == Actor.Kind.GOVERNMENT,
    }
    return Actor.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_user(role: str = Role.REPORTER, username: str = "", **fields: Any) -> User:
    """A user who logs in with PASSWORD; reporters and reviewers are of 湖北 unless `actor=` is given."""
    if role in (Role.REPORTER, Role.REVIEWER):
        fields["actor"] = fields.get("actor") or make_actor()
    username = username or f"{role}-{User.objects.count() + 1}"
    fields.setdefault("display_name", username)
    return User.objects.create_user(username=username, password=PASSWORD, role=role, **fields)


def make_policy(code: str = "new-industrialization", **fields: Any) -> Policy:
    defaults = {"title": "推进新型工业化", "title_en": "New industrialization", "publisher": "工业和信息化部"}
    return Policy.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_key_task(number: int = 1, **fields: Any) -> KeyTask:
    policy = fields.pop("policy", None) or make_policy()
    defaults = {
        "title": f"第{number}项重点任务",
        "title_en": f"Key task {number}",
        "short": f"任务{number}",
        "short_en": f"Task {number}",
    }
    return KeyTask.objects.get_or_create(policy=policy, number=number, defaults=defaults | fields)[0]


def make_measure(code: str = "1.1", **fields: Any) -> Measure:
    """The measure with that code: "5.2" stands under key task 5, "S1.1" among the supporting measures."""
    if code.startswith("S"):
        place: dict[str, Any] = {"supporting_area": Measure.SupportingArea.COORDINATION}
    else:
        place = {"key_task": fields.pop("key_task", None) or make_key_task(int(code.split(".")[0]))}
    policy = fields.pop("policy", None) or make_policy()
    defaults = {
        "title": f"举措{code}",
        "title_en": f"Measure {code}",
        "paragraph": 1,
        "phrase": f"举措{code}",
    }
    return Measure.objects.get_or_create(policy=policy, code=code, defaults=defaults | place | fields)[0]


def make_industry(code: str = "steel", **fields: Any) -> Industry:
    return Industry.objects.get_or_create(code=code, defaults={"name": "钢铁", "name_en": "Steel"} | fields)[
        0
    ]


def make_indicator(**fields: Any) -> Indicator:
    """From 100 at the end of 2025 to 200 at the end of 2026, of measure 1.1 unless `item=` is given."""
    if "item" not in fields:
        fields["measure"] = fields.get("measure") or make_measure()
    defaults = {
        "name": "建成数量",
        "unit": "个",
        "baseline": Decimal(100),
        "baseline_on": date(2025, 12, 31),
        "target": Decimal(200),
        "target_on": date(2026, 12, 31),
        "source": "年度工作要点",
    }
    return Indicator.objects.create(**defaults | fields)


def make_value(indicator: Indicator, value: str = "130", **fields: Any) -> IndicatorValue:
    """A value as of the end of October 2026."""
    defaults = {"as_of": date(2026, 10, 31), "source": "统计月报", "recorded_at": moment(LAST_WEEK)}
    return IndicatorValue.objects.create(indicator=indicator, value=Decimal(value), **defaults | fields)


def make_plan(code: str = "plan", **fields: Any) -> Plan:
    """The plan with that code; its units review nothing themselves unless a test says `unit_review=True`."""
    policy = fields.pop("policy", None) or make_policy()
    defaults = {
        "policy": policy,
        "title": "重点任务推进计划",
        "title_en": "Action plan",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 12, 31),
        "unit_review": False,
    }
    return Plan.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_item(code: str = "", milestones: Sequence[tuple[date, int]] = (), **fields: Any) -> WorkItem:
    """A running item of 湖北 from January to the end of 2026; it has a standing and counts in the roll-up.

    Planned in one straight line, or along `milestones`: (due day, planned percent), in order.
    """
    fields["plan"] = fields.get("plan") or make_plan()
    fields["measure"] = fields.get("measure") or make_measure()
    fields["region"] = fields.get("region") or make_region()
    fields["lead"] = fields.get("lead") or make_actor()
    code = code or f"T{WorkItem.objects.count() + 1:04d}"
    defaults: dict[str, Any] = {
        "title": f"工作事项{code}",
        "starts_on": date(2026, 1, 1),
        "due_on": date(2026, 12, 31),
        "state": State.IN_PROGRESS,
    }
    item = WorkItem.objects.create(code=code, **defaults | fields)
    for number, (day, percent) in enumerate(milestones, 1):
        Milestone.objects.create(item=item, number=number, title=f"节点{number}", due_on=day, percent=percent)
    _plan_along(item, milestones)
    standing.begin(item, week_of(item.starts_on))
    return item


def _plan_along(item: WorkItem, milestones: Sequence[tuple[date, int]]) -> None:
    """The pieces of the plan, from the start over the milestones to the due day."""
    since = week_of(item.starts_on)
    PlanSegment.objects.bulk_create(
        PlanSegment(item=item, since=since, until=FAR, **piece._asdict())
        for piece in plan_segments(item.starts_on, item.due_on, milestones)
    )


def report_and_accept(
    item: WorkItem,
    percent: int,
    week: date = THIS_WEEK,
    *,
    by: User | None = None,
    decided_by: User | None = None,
) -> ProgressReport:
    """The product's own way: the lead submits on the week's Thursday, a supervisor accepts an hour later."""
    thursday = week + timedelta(days=3)
    entry = progress.Entry(
        percent=percent,
        progress_note="已完成方案编制，正在组织实施。",
        next_steps="下周开展现场调研。",
        decrease_reason="上期误报，现予更正。",
        problems=[progress.ProblemEntry(kind=Problem.Kind.FUNDS, description="配套资金尚未到位。")],
    )
    by = by or User.objects.filter(actor=item.lead, role=Role.REPORTER).first() or make_user(actor=item.lead)
    decided_by = (
        decided_by or User.objects.filter(username="li").first() or make_user(Role.SUPERVISOR, username="li")
    )
    report = progress.submit_report(item=item, week=week, entry=entry, by=by, now=moment(thursday, 10))
    return progress.accept_report(report=report, by=decided_by, now=moment(thursday, 11))


def make_report(item: WorkItem, week: date = THIS_WEEK, **fields: Any) -> ProgressReport:
    """A submitted report as a bare row: it moves no figure. To accept one, use the product's action."""
    status = fields.setdefault("status", ReportStatus.SUBMITTED)
    given: dict[str, Any] = {} if status == ReportStatus.DRAFT else {"submitted_at": moment(week)}
    if status in (ReportStatus.ACCEPTED, ReportStatus.SUPERSEDED):
        given["counted_week"] = week
    defaults: dict[str, Any] = {
        "percent": 5_000,
        "progress_note": "已完成方案编制，正在组织实施。",
        "next_steps": "下周开展现场调研。",
        "saved_at": moment(week),
    }
    writer = fields["written_by"] = fields.get("written_by") or make_user(actor=item.lead)
    defaults["saved_by"] = writer
    if status != ReportStatus.DRAFT:
        given |= {"submitted_by": writer, "unit_review": UnitReview.SWITCHED_OFF}
    return ProgressReport.objects.create(item=item, week=week, **defaults | given | fields)


def make_slip(item: WorkItem, **fields: Any) -> Slip:
    """A slip that urges the report of one item, as a bare row: nobody is told."""
    fields["issued_by"] = fields.get("issued_by") or make_user(Role.SUPERVISOR)
    defaults = {
        "kind": Level.URGE,
        "year": THIS_WEEK.year,
        "number": Slip.objects.count() + 1,
        "plan": item.plan,
        "week": THIS_WEEK,
        "unit": item.lead,
        "words": "请立即补报。",
        "issued_at": moment(THIS_WEEK),
    }
    slip = Slip.objects.create(**defaults | fields)
    Urging.objects.create(
        item=item, week=slip.week, unit=slip.unit, level=slip.kind, slip=slip, at=slip.issued_at
    )
    return slip


def make_problem(report: ProgressReport, **fields: Any) -> Problem:
    defaults = {"kind": Problem.Kind.FUNDS, "description": "配套资金尚未到位。", "needed": "协调拨付"}
    return Problem.objects.create(report=report, **defaults | fields)
