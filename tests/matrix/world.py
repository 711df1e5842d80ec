"""The world of the matrix: who looks, what is there inside and outside of their scope, and what they send.

Everything that must not leak bears a mark that stands nowhere else: `Marks`. One supervisor is limited to key
task 1, one viewer to 湖北; reporter and reviewer belong to 湖北. Own is an item of key task 1 in 湖北,
foreign one of key task 5 that 江苏 leads in 江苏.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.supervision import override_light
from tasks_tracker.models import (
    Actor,
    PlanChange,
    Problem,
    ProgressReport,
    RegionGroup,
    Role,
    User,
    WorkItem,
)
from tests.factories import (
    LAST_WEEK,
    PASSWORD,
    THIS_WEEK,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    make_user,
    moment,
)
from tests.factories.cast import Cast, make_cast
from tests.matrix.table import FOREIGN, MISSING, OWN
from tests.views.week_form import PROBLEM, typed

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
    """What is there on one side: an item with a report that waits, one without, and its unit's reporter."""

    item: WorkItem
    report: ProgressReport
    unreported: WorkItem
    reporter: User
    marks: Marks


@dataclass(frozen=True)
class World:
    cast: Cast
    users: dict[str, User]
    own: Side
    foreign: Side

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
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    sides = {
        which: _side(items[which], mark, by, cast.li)
        for which, mark, by in ((OWN, own, cast.chen), (FOREIGN, foreign, cast.wang))
    }
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    group = RegionGroup.objects.create(code="group", name="区域")
    group.regions.set([cast.hubei_region])
    return World(cast, _users(cast), sides[OWN], sides[FOREIGN])


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
    return Side(item, report, unreported, by, mark)


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


# --- what stands in an address ------------------------------------------------------------------------------
Argument = Callable[[World], dict[str, Any]]
NOTHING = 987_654

OBJECTS: dict[str, dict[str, Argument]] = {
    "item": {
        OWN: lambda w: {"code": w.own.item.code},
        FOREIGN: lambda w: {"code": w.foreign.item.code},
        MISSING: lambda _w: {"code": "NO-SUCH-ITEM"},
    },
    "unreported": {
        OWN: lambda w: {"code": w.own.unreported.code},
        FOREIGN: lambda w: {"code": w.foreign.unreported.code},
        MISSING: lambda _w: {"code": "NO-SUCH-ITEM"},
    },
    "report": {
        OWN: lambda w: {"pk": w.own.report.pk},
        FOREIGN: lambda w: {"pk": w.foreign.report.pk},
        MISSING: lambda _w: {"pk": NOTHING},
    },
    "key_task": {
        OWN: lambda _w: {"number": 1},
        FOREIGN: lambda _w: {"number": 5},
        MISSING: lambda _w: {"number": 99},
    },
    "region": {
        OWN: lambda _w: {"code": "420000"},
        FOREIGN: lambda _w: {"code": "320000"},
        MISSING: lambda _w: {"code": "999999"},
    },
    "subject": {OWN: lambda _w: {}, FOREIGN: lambda _w: {}, MISSING: lambda _w: {}},  # stands in the form
}
for _kind, _pk in {
    "user": lambda side: side.reporter.pk,
    "actor": lambda side: side.item.lead_id,
    "region_row": lambda side: side.item.region_id,
    "group_row": lambda _side: RegionGroup.objects.get().pk,
    "plan_row": lambda side: side.item.plan_id,
}.items():
    OBJECTS[_kind] = {
        OWN: lambda w, pk=_pk: _row(pk(w.own)),
        FOREIGN: lambda w, pk=_pk: _row(pk(w.foreign)),
        MISSING: lambda _w: _row(NOTHING),
    }
OBJECTS["app"] = {which: lambda _w: {"app_label": "tasks_tracker"} for which in (OWN, FOREIGN, MISSING)}


def _row(pk: int) -> dict[str, Any]:
    """Under the names by which the administration pages ask for a row."""
    return {"object_id": pk, "id": pk, "content_type_id": 1}


# --- what is sent: a form that is valid for whoever may send it --------------------------------------------
SUBJECTS = {OWN: "region:420000", FOREIGN: "region:320000", MISSING: "region:999999"}
LIGHT = {"by-hand-light": "overdue", "by-hand-expires_on": "2026-11-30", "by-hand-reason": "现场核实"}
PASSWORDS = {"password1": "another-horse-battery", "password2": "another-horse-battery"}
UNIT = {"name": "新单位", "name_en": "New unit", "kind": "government", "level": "province", "order": "7"}
PLACE = {
    "name": "新地区",
    "name_en": "New region",
    "short": "新",
    "short_en": "New",
    "kind": "province",
    "order": "7",
    "column": "1",
    "row": "1",
}
ACCOUNT = {"username": "renamed", "display_name": "改名", "office": "处室", "role": "viewer"}

FORMS: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "item_light": lambda _w, _which: LIGHT,
    "item_light_withdraw": lambda _w, _which: {},
    "my_week_item": lambda w, which: typed(w.side(which).unreported) | PROBLEM,
    "reviews_accept": lambda w, which: {"report": OBJECTS["report"][which](w)["pk"]},
    "review_accept": lambda _w, _which: {},
    "review_return": lambda _w, _which: {"reason": "请核对"},
    "exports": lambda _w, which: {"week": "2026-W47", "about": SUBJECTS[which]},
    "audit_export": lambda _w, _which: {},
    "login": lambda _w, _which: {"username": "zhao", "password": PASSWORD},
    "logout": lambda _w, _which: {},
    "set_language": lambda _w, _which: {"language": "en", "next": "/"},
    "password_change": lambda _w, _which: {
        "old_password": PASSWORD,
        "new_password1": "another-horse-battery",
        "new_password2": "another-horse-battery",
    },
    "admin:password_change": lambda _w, _which: FORMS["password_change"](_w, _which),
    "admin:auth_user_password_change": lambda _w, _which: PASSWORDS | {"usable_password": "true"},
    "admin:tasks_tracker_user_add": lambda _w, _which: ACCOUNT | PASSWORDS | {"usable_password": "true"},
    "admin:tasks_tracker_user_change": lambda w, which: (
        ACCOUNT | {"actor": w.side(which).item.lead_id, "is_active": "on"}
    ),
    "admin:tasks_tracker_actor_add": lambda _w, _which: UNIT | {"code": "new"},
    "admin:tasks_tracker_actor_change": lambda _w, _which: UNIT,
    "admin:tasks_tracker_region_add": lambda _w, _which: PLACE | {"code": "990000"},
    "admin:tasks_tracker_region_change": lambda _w, _which: PLACE,
    "admin:tasks_tracker_regiongroup_add": lambda w, _which: {
        "code": "new",
        "name": "新区域",
        "order": "7",
        "regions": [w.cast.hubei_region.pk],
    },
    "admin:tasks_tracker_regiongroup_change": lambda w, _which: {
        "name": "新区域",
        "order": "7",
        "regions": [w.cast.hubei_region.pk],
    },
    "admin:tasks_tracker_plan_change": lambda _w, _which: {
        "at_risk_below": "-600",
        "behind_below": "-1100",
        "severely_behind_below": "-3100",
        "due_soon_days": "8",
        "cutoff_weekday": "3",
        "cutoff_time": "16:00",
    },
}

# --- other ways of asking: queries that may show more than the bare address --------------------------------
QUERIES: dict[str, tuple[str, ...]] = {
    "dashboard": ("?week=2026-W46", "?tiles=coverage"),
    "key_task": ("?week=2026-W46",),
    "region": ("?week=2026-W46",),
    "regions": ("?week=2026-W46",),
    "actors": ("?week=2026-W46", f"?q={SHARED}", "?level=province"),
    "items": (
        f"?q={SHARED}",
        "?q=MARK",
        "?role=all",
        "?role=supporting",
        "?region=320000",
        "?lead=jiangsu",
        "?key_task=5",
        "?measure=5.2",
        "?light=behind&light=at_risk",
        "?filing=submitted",
        "?reported=due",
        "?state=in_progress&per_page=100&sort=-title",
        "?week=2026-W46",
    ),
    "item": ("?week=2026-W46", "?reports=returned", "?reports=problems&older=1", "?trail=all"),
    "my_week": ("?week=2026-W46",),
    "my_week_item": ("?week=2026-W46", "?correct=1"),
    "reviews": ("?key_task=5", "?region=320000", f"?q={SHARED}", "?lead=jiangsu"),
    "exports": ("?scope=region&subject=320000", "?scope=actor&subject=jiangsu", "?scope=key_task&subject=5"),
    "audit_log": (f"?by={SHARED}", "?action=submit_report"),
}
