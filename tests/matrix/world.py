"""The world of the matrix: who looks, what is there inside and outside of their scope, and what they send.

Everything that must not leak bears a mark that stands nowhere else: `Marks`. One supervisor is limited to key
task 1, one viewer to 湖北; reporter and reviewer belong to 湖北. Own is an item of key task 1 in 湖北,
foreign one of key task 5 that 江苏 leads in 江苏.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from tasks_tracker.actions import evidence, lifecycle, problems, progress, requests, rollup, weekly_report
from tasks_tracker.actions.drafts import make_draft
from tasks_tracker.actions.issue_files import keep, put
from tasks_tracker.actions.policy_text import load_policy_text
from tasks_tracker.actions.signals import rules_in_force
from tasks_tracker.actions.supervision import override_light
from tasks_tracker.actions.weekly_pack import FOLDER
from tasks_tracker.models import (
    Actor,
    CompletionRequest,
    CutoffException,
    EarlySignal,
    Evidence,
    ExtensionRequest,
    Indicator,
    Issue,
    Measure,
    Notice,
    PackFile,
    PlanChange,
    Problem,
    ProblemCase,
    ProgressReport,
    RegionGroup,
    Role,
    Slip,
    State,
    User,
    WeeklyPack,
    WeeklyReport,
    WorkItem,
)
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    make_slip,
    make_user,
    make_value,
    moment,
)
from tests.factories.cast import Cast, make_cast
from tests.factories.files import upload
from tests.matrix.files import send_ledger_of, upload_workbook
from tests.matrix.table import FOREIGN, OWN

NOW = moment(THIS_WEEK + timedelta(days=3), 15)  # a Thursday
BEFORE = moment(LAST_WEEK + timedelta(days=3), 15)
SHARED = "标记"  # begins every mark, so that one search would find all


@dataclass(frozen=True)
class Marks:
    """Words that stand in one side of the world only."""

    title: str
    code: str
    note: str
    steps: str
    problem: str
    needed: str
    reason: str
    result: str
    unit: str
    person: str

    @property
    def texts(self) -> frozenset[str]:
        """What was written about the work."""
        return frozenset({self.title, self.note, self.steps, self.problem, self.needed, self.result})

    @property
    def everything(self) -> frozenset[str]:
        return self.texts | {self.code, self.reason, self.unit, self.person}


def marks(side: str) -> Marks:
    words = ("事项", "进展", "下步", "问题", "所需", "理由", "成果", "单位", "人员")
    title, note, steps, problem, needed, reason, result, unit, person = (f"{SHARED}{w}{side}" for w in words)
    return Marks(title, f"MARK-{side}", note, steps, problem, needed, reason, result, unit, person)


@dataclass(frozen=True)
class Side:
    """What is there on one side: an item with a report that waits, one without, items in other states,
    requests that wait, a slip, an indicator, a file, and the unit's reporter with a notice."""

    item: WorkItem
    report: ProgressReport
    unreported: WorkItem
    reporter: User
    marks: Marks
    others: dict[str, WorkItem]  # by state
    drafted: WorkItem
    completion: CompletionRequest
    extension: ExtensionRequest
    slip: Slip
    indicator: Indicator
    given: Evidence  # a file of the report that waits
    begun: Evidence  # a file of a draft
    notice: Notice
    case: ProblemCase  # asks the own unit
    solved: ProblemCase
    signal: EarlySignal  # a copy of what the other side said
    issue: Issue  # the weekly report of last week about the key task, with a file
    weekly: WeeklyReport  # the same of the week before, a draft that may be published
    packed: PackFile  # a file of the pack about the key task; another of the same report failed


@dataclass(frozen=True)
class World:
    cast: Cast
    users: dict[str, User]
    own: Side
    foreign: Side
    editor: Client  # the national supervisor's, to fill in forms as a browser does

    def side(self, which: str) -> Side:
        """That side; of what does not exist, the forms are filled in as for the own one."""
        return self.foreign if which == FOREIGN else self.own

    def hidden_from(self, role: str) -> frozenset[str]:
        """The marks that no answer to this role may hold."""
        own, foreign = self.own.marks, self.foreign.marks
        if role in ("supervisor", "viewer"):
            return frozenset()
        if role == "anonymous":
            return own.everything | foreign.everything
        if role in ("system_admin", "security_admin"):  # accounts and units are their business
            return own.texts | foreign.texts | {own.code, foreign.code, own.reason, foreign.reason}
        if role == "audit_admin":  # acts are: who, on what, with which reason
            return own.texts | foreign.texts
        return foreign.everything


def make_world() -> World:
    """Two weeks: in both sides the same happened; last week is frozen."""
    cast = make_cast()
    plan = make_plan()
    own, foreign = marks("甲"), marks("乙")
    for unit, reporter, mark in ((cast.hubei, cast.chen, own), (cast.jiangsu, cast.wang, foreign)):
        Actor.objects.filter(pk=unit.pk).update(name=mark.unit, name_en=mark.unit)
        User.objects.filter(pk=reporter.pk).update(display_name=mark.person, office=mark.unit)
        unit.refresh_from_db()
        reporter.refresh_from_db()
    inside = make_measure("1.1")
    outside = make_measure("5.2", key_task=make_key_task(5))
    items = {
        OWN: _items(cast.hubei, cast.chen, own, measure=inside, region=cast.hubei_region),
        FOREIGN: _items(cast.jiangsu, cast.wang, foreign, measure=outside, region=cast.jiangsu_region),
    }
    for (item, unreported), mark, by in ((items[OWN], own, cast.chen), (items[FOREIGN], foreign, cast.wang)):
        for each in (item, unreported):
            _accepted_last_week(each, mark, by, cast.li)
    rollup.roll_up_week(plan=plan, week=LAST_WEEK - timedelta(weeks=1), now=BEFORE)
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    sides = {
        which: _side(items[which], mark, by, cast.li)
        for which, mark, by in ((OWN, own, cast.chen), (FOREIGN, foreign, cast.wang))
    }
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    group = RegionGroup.objects.create(code="group", name="区域")
    group.regions.set([cast.hubei_region])
    CutoffException.objects.create(
        plan=plan,
        week=THIS_WEEK + timedelta(weeks=1),
        cutoff=moment(THIS_WEEK + timedelta(days=10), 17),
        reason="假期",
        by=cast.li,
        at=NOW,
    )
    _policy_text(inside, outside)
    for side in sides.values():
        upload_workbook(side)
    editor = Client()
    editor.force_login(cast.li)
    users = _users(cast)
    send_ledger_of(sides[OWN], users["limited_supervisor"], NOW)
    send_ledger_of(sides[FOREIGN], cast.li, NOW)
    return World(cast, users, sides[OWN], sides[FOREIGN], editor)


def _policy_text(*measures: Measure) -> None:
    """The text in which the measures stand, and an open draft from another document."""
    policy = measures[0].policy
    text = "".join(f"要{measure.phrase}。还要有人管。\n" for measure in measures).encode()
    load_policy_text(policy=policy, content=text, file_name="原文.txt", by=None, now=BEFORE)
    make_draft(
        policy=policy,
        content="1.修编标准。\n2.组织培训。".encode(),
        file_name="方案.txt",
        by=None,
        now=BEFORE,
    )


def _items(lead: Actor, owner: User, mark: Marks, **fields: Any) -> tuple[WorkItem, WorkItem]:
    fields |= {"lead": lead, "owner": owner, "expected_result": mark.result, "is_key": True}
    return (
        make_item(mark.code, title=mark.title, **fields),
        make_item(f"{mark.code}-2", title=f"{mark.title}之二", **fields),
    )


def _entry(percent: int, mark: Marks) -> progress.Entry:
    return progress.Entry(
        percent=percent,
        progress_note=mark.note,
        next_steps=mark.steps,
        problems=[progress.ProblemEntry(Problem.Kind.FUNDS, mark.problem, mark.needed)],
    )


def _accepted_last_week(item: WorkItem, mark: Marks, by: User, decided_by: User) -> None:
    """Behind its plan since last week; its due day was moved once."""
    report = progress.submit_report(item=item, week=LAST_WEEK, entry=_entry(3_000, mark), by=by, now=BEFORE)
    progress.accept_report(report=report, by=decided_by, now=BEFORE)
    PlanChange.objects.create(
        item=item,
        week=LAST_WEEK,
        field=PlanChange.Field.DUE_ON,
        old_value="2026-11-30",
        new_value="2026-12-31",
        reason=mark.reason,
        asked_by=by,
        approved_by=decided_by,
        at=BEFORE,
    )


def _side(items: tuple[WorkItem, WorkItem], mark: Marks, by: User, decided_by: User) -> Side:
    """This week: a returned report, one that waits, and a light set by hand."""
    item, unreported = items
    for percent in (9_900, 3_500):
        report = progress.submit_report(
            item=item, week=THIS_WEEK, entry=_entry(percent, mark), by=by, now=NOW
        )
        if percent == 9_900:
            progress.return_report(report=report, by=decided_by, reason=mark.reason, now=NOW)
    override_light(
        item=item,
        light="at_risk",
        expires_on=NOW.date() + timedelta(days=7),
        reason=mark.reason,
        by=decided_by,
        now=NOW,
    )
    case, solved = item.problem_cases.get(), unreported.problem_cases.get()
    ProblemCase.objects.filter(pk=case.pk).update(needed_from=item.lead)
    problems.solve_case(case=solved, seen=solved.revision, words=mark.reason, by=decided_by, now=NOW)
    more = _more(item, report, mark, by, decided_by) | {"case": case, "solved": solved}
    more["signal"] = _signal(unreported, mark)
    more["issue"], more["weekly"] = _weekly_reports(item, decided_by)
    more["packed"] = _packed(more["issue"])
    return Side(item, report, unreported, by, mark, **more)


def _more(item: WorkItem, report: ProgressReport, mark: Marks, by: User, decided_by: User) -> dict[str, Any]:
    """Everything else, each with words that stand on this side only."""
    alike = {"measure": item.measure, "region": item.region, "lead": item.lead, "title": mark.title}
    states = (State.DRAFT, State.ASSIGNED, State.SUSPENDED, State.CLOSED, State.IN_PROGRESS, State.ACCEPTED)
    others = {
        state.value: make_item(
            f"{mark.code}-{state.value}",
            state=state,
            closed_on=LAST_WEEK if state == State.CLOSED else None,
            **alike,
        )
        for state in states
    }
    running, drafted = others["in_progress"], others["accepted"]
    lifecycle.suspend_item(item=running, reason=mark.reason, by=decided_by, now=NOW)
    lifecycle.resume_item(item=running, reason=mark.reason, by=decided_by, now=NOW)
    running.refresh_from_db()
    completion = requests.request_completion(
        item=running, statement=mark.note, shortfall=mark.reason, by=by, now=NOW
    )
    extension = requests.request_extension(
        item=item,
        due_on=NOW.date() + timedelta(days=99),
        reason=mark.reason,
        catch_up=mark.steps,
        by=by,
        now=NOW,
    )
    draft = progress.save_draft(item=drafted, week=THIS_WEEK, entry=_entry(1_000, mark), by=by, now=NOW)
    indicator = make_indicator(item=item, name=mark.result, source=mark.needed)
    make_value(indicator, recorded_by=by, source=mark.needed)
    begun = evidence.add_evidence(report=draft, file=upload(f"{mark.result}.pdf"), by=by, now=NOW)
    content = {"sha256": begun.sha256, "size": begun.size, "content_type": begun.content_type}
    file = {"name": begun.name, "uploaded_by": by, "uploaded_at": NOW}
    notice = {"kind": "slip", "words": "%(unit)s", "arguments": {"unit": [mark.unit, mark.unit]}}
    return {
        "others": others,
        "drafted": drafted,
        "completion": completion,
        "extension": extension,
        "slip": make_slip(item, words=mark.note, issued_by=decided_by),
        "indicator": indicator,
        "given": Evidence.objects.create(report=report, **content, **file),
        "begun": begun,
        "notice": Notice.objects.create(to=by, link="/my-week/", at=NOW, **notice),
    }


def _signal(item: WorkItem, mark: Marks) -> EarlySignal:
    """The note of the item is that of the other side, in which nobody of this side may look."""
    rules = rules_in_force(plan=item.plan, now=BEFORE)
    signal = EarlySignal.objects.create(
        plan=item.plan,
        code="copied",
        rule=rules["copied"],
        subject=f"item:{item.pk}",
        item=item,
        first_week=LAST_WEEK,
        last_week=LAST_WEEK,
    )
    other = WorkItem.objects.exclude(lead=item.lead).earliest("pk")
    signal.sightings.create(
        week=LAST_WEEK,
        evidence={
            "week": "2026-W46",
            "quote": mark.note,
            "source_week": "2026-W46",
            "source_item": other.pk,
            "times": 1,
        },
    )
    signal.acts.create(act="raise", state="new", week=LAST_WEEK, at=BEFORE)
    return signal


def _weekly_reports(item: WorkItem, by: User) -> tuple[Issue, WeeklyReport]:
    """About the key task of the item: published for last week, a draft for the week before."""
    assert item.measure.key_task
    about = {"plan": item.plan, "scope": "key_task", "subject": str(item.measure.key_task.number)}
    how: dict[str, Any] = {"language": "zh-hans", "by": by, "now": NOW}
    report = weekly_report.draft_report(week=LAST_WEEK, **about, **how)
    issue = weekly_report.publish_report(report=report, seen=1, signer=str(by), by=by, now=NOW)
    keep(issue=issue, format="docx", content=issue.paper.encode(), now=NOW)
    draft = weekly_report.draft_report(week=LAST_WEEK - timedelta(weeks=1), **about, **how)
    return Issue.objects.select_related("report").get(pk=issue.pk), draft


def _packed(issue: Issue) -> PackFile:
    """Both sides have a report in the pack of last week."""
    report = issue.report
    pack, _made = WeeklyPack.objects.get_or_create(
        plan=report.plan, week=report.week, defaults={"begun_at": NOW}
    )
    about = {"pack": pack, "scope": report.scope, "subject": report.subject, "place": int(report.subject)}
    PackFile.objects.create(format="pdf", state="failed", error="no_font", **about)
    sha256 = put(issue.paper.encode(), FOLDER)
    made: dict[str, Any] = {"state": "done", "sha256": sha256, "size": len(issue.paper), "made_at": NOW}
    return PackFile.objects.create(format="docx", **made, **about)


def _users(cast: Cast) -> dict[str, User]:
    """Who looks, by role; nobody is anonymous."""
    limited = make_user(Role.SUPERVISOR, "limited", actor=cast.ministry)
    limited.key_tasks.add(make_key_task(1))
    viewer = make_user(Role.VIEWER, "narrow", actor=cast.ministry)
    viewer.regions.add(cast.hubei_region)
    users = {
        "reporter": cast.chen,
        "reviewer": cast.zhou,
        "supervisor": cast.li,
        "limited_supervisor": limited,
        "viewer": cast.zhao,
        "limited_viewer": viewer,
        "system_admin": cast.system_admin,
        "security_admin": cast.security_admin,
        "audit_admin": cast.audit_admin,
    }
    return {role: User.objects.get(pk=user.pk) for role, user in users.items()}  # nothing remembered
