"""What is asked of the world: objects that stand in addresses, and forms that are sent.

Every form is valid for whoever may send it, so that a denial is one of the role and not of the form.
"""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tasks_tracker.models import RegionGroup
from tests.factories import PASSWORD
from tests.factories.files import upload
from tests.matrix.ledgers import LEDGERS, import_of
from tests.matrix.table import FOREIGN, MISSING, OWN
from tests.matrix.workbooks import WORKBOOKS
from tests.matrix.world import World
from tests.views.draft_form import draft_as_shown
from tests.views.editing import filled_in
from tests.views.week_form import PROBLEM, typed

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
    "week": {
        OWN: lambda _w: {"week": "2026-W48"},
        FOREIGN: lambda _w: {"week": "2026-W48"},
        MISSING: lambda _w: {"week": "2026-W30"},
    },
    "place": {OWN: lambda _w: {}, FOREIGN: lambda _w: {}, MISSING: lambda _w: {}},  # stands in the form
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
for _kind, _name, _value in (
    ("assigned", "code", lambda side: side.others["assigned"].code),
    ("draft", "code", lambda side: side.others["draft"].code),
    ("suspended", "code", lambda side: side.others["suspended"].code),
    ("closed", "code", lambda side: side.others["closed"].code),
    ("measure", "code", lambda side: side.item.measure.code),
    ("unit", "code", lambda side: side.item.lead.code),
    ("completion", "pk", lambda side: side.completion.pk),
    ("extension", "pk", lambda side: side.extension.pk),
    ("slip", "pk", lambda side: side.slip.pk),
    ("case", "pk", lambda side: side.case.pk),
    ("solved_case", "pk", lambda side: side.solved.pk),
    ("signal", "pk", lambda side: side.signal.pk),
    ("signal_rule", "code", lambda _side: "stuck"),
    ("indicator", "pk", lambda side: side.indicator.pk),
    ("weekly", "pk", lambda side: side.issue.report_id),
    ("weekly_draft", "pk", lambda side: side.weekly.pk),
    ("pack_file", "pk", lambda side: side.packed.pk),
    ("evidence", "pk", lambda side: side.given.pk),
    ("notice", "pk", lambda side: side.notice.pk),
    ("import", "pk", lambda side: import_of(side).pk),
):
    OBJECTS[_kind] = {
        OWN: lambda w, name=_name, value=_value: {name: value(w.own)},
        FOREIGN: lambda w, name=_name, value=_value: {name: value(w.foreign)},
        MISSING: lambda _w, name=_name: {name: NOTHING if name == "pk" else "no-such-one"},
    }
for _kind, _more in (("weekly", {"format": "docx"}), ("weekly_draft", {"key": "progress"})):
    OBJECTS[_kind] = {
        which: lambda w, value=value, more=_more: value(w) | more for which, value in OBJECTS[_kind].items()
    }
OBJECTS["drafted"] = {
    OWN: lambda w: {"code": w.own.drafted.code, "pk": w.own.begun.pk},
    FOREIGN: lambda w: {"code": w.foreign.drafted.code, "pk": w.foreign.begun.pk},
    MISSING: lambda _w: {"code": "NO-SUCH-ITEM", "pk": NOTHING},
}
OBJECTS["value"] = {
    OWN: lambda w: {"pk": w.own.indicator.pk, "value": w.own.indicator.values.get().pk},
    FOREIGN: lambda w: {"pk": w.foreign.indicator.pk, "value": w.foreign.indicator.values.get().pk},
    MISSING: lambda _w: {"pk": NOTHING, "value": NOTHING},
}
OBJECTS["app"] = {which: lambda _w: {"app_label": "tasks_tracker"} for which in (OWN, FOREIGN, MISSING)}


def _row(pk: int) -> dict[str, Any]:
    """Under the names by which the administration pages ask for a row."""
    return {"object_id": pk, "id": pk, "content_type_id": 1}


# --- what is sent: a form that is valid for whoever may send it --------------------------------------------
SUBJECTS = {OWN: "region:420000", FOREIGN: "region:320000", MISSING: "region:999999"}
PLACES_OF_REPORTS = {OWN: "key_task:1", FOREIGN: "key_task:5", MISSING: "key_task:99"}
LIGHT = {"by-hand-light": "overdue", "by-hand-expires_on": "2026-11-30", "by-hand-reason": "现场核实"}
PASSWORDS = {"password1": "another-horse-battery", "password2": "another-horse-battery"}
INDICATOR = {"name": "新指标", "unit": "个", "target": "9", "target_on": "2026-12-31", "source": "要点"}
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


def edited(page: str, about: str = "", /, **changes: Any) -> Callable[[World, str], dict[str, Any]]:
    """The form of that page as it is shown, with changes."""

    def form(world: World, which: str) -> dict[str, Any]:
        place = OBJECTS[about][FOREIGN if which == FOREIGN else OWN](world) if about else {}
        return filled_in(world.editor, reverse(page, kwargs=place), **changes)

    return form


def step(page: str, /, **values: str) -> Callable[[World, str], dict[str, Any]]:
    return lambda _w, _which: {f"{page}-{field}": value for field, value in values.items()}


def decided(page: str, kind: str, /, **values: str) -> Callable[[World, str], dict[str, Any]]:
    return lambda w, which: {
        f"{page}-{OBJECTS[kind][which](w)['pk']}-{field}": value for field, value in values.items()
    }


def new_items(world: World, which: str) -> dict[str, Any]:
    """For one region of the side; of what does not exist, for none."""
    side = world.side(which)
    place = {} if which == MISSING else {"region": side.item.region_id, "regions": [side.item.region_id]}
    return place | {
        "measure": side.item.measure_id,
        "title": "{region}新事项",
        "lead": side.item.lead_id,
        "starts_on": "2026-11-20",
        "due_on": "2027-09-30",
        "weight": "2",
        "commitment": "binding",
        "batch": "B1",
        "confirm": "1",
    }


def parts(world: World, which: str) -> dict[str, Any]:
    dates = {"weight": "1", "starts_on": "2026-01-01", "due_on": "2026-12-31"}
    part = dates | {"title": "分项", "lead": world.side(which).item.lead_id}
    form = {"part-TOTAL_FORMS": "1", "part-INITIAL_FORMS": "0", "why-reason": "分解"}
    return form | {f"part-0-{name}": value for name, value in part.items()}


def row_of_the_table(world: World, which: str) -> dict[str, Any]:
    pk = world.side(which).unreported.pk if which != MISSING else NOTHING
    typed_row = {
        "seen": "0 ",
        "percent": "40",
        "progress_note": "推进",
        "kind": "funds",
        "description": "资金",
    }
    return {"do": f"submit {pk}"} | {f"{pk}-{name}": value for name, value in typed_row.items()}


FORMS: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "item_accept": step("item_accept"),
    "item_assign": step("item_assign", reason="下达"),
    "item_cancel": step("item_cancel", reason="并入"),
    "item_completion": step("item_completion", statement="完成", shortfall="验收中"),
    "item_extension": step("item_extension", due_on="2027-03-01", reason="到货晚", catch_up="倒排工期"),
    "item_reopen": step("item_reopen", reason="回头看"),
    "item_resume": step("item_resume", reason="恢复"),
    "item_suspend": step("item_suspend", reason="暂缓"),
    "item_edit": edited("item_edit", "item", title="改过的名称"),
    "item_plan": edited("item_plan", "item", weight="7", reason="加重"),
    "item_decompose": parts,
    "assign": new_items,
    "distribute": new_items,
    "to_accept_all": lambda w, which: {"item": [OBJECTS["assigned"][which](w)["code"]]},
    "grant_completion": decided("grant_completion", "completion", grade="good"),
    "return_completion": decided("return_completion", "completion", reason="材料不全"),
    "grant_extension": decided("grant_extension", "extension", due_on="2027-02-20"),
    "refuse_extension": decided("refuse_extension", "extension", reason="按原时限"),
    "indicator_edit": edited("indicator_edit", "indicator", unit="台"),
    "indicator_retire": lambda _w, _which: {"retired": "1"},
    "indicator_value": lambda _w, _which: {"value": "140", "as_of": "2026-11-01", "source": "月报"},
    "indicator_correct": lambda _w, _which: {"value": "150", "as_of": "2026-10-31", "source": "月报"},
    "item_indicator_new": edited("item_indicator_new", "item", **INDICATOR),
    "measure_indicator_new": edited("measure_indicator_new", "measure", **INDICATOR),
    "plan_edit": edited("plan_edit", title="改过的计划"),
    "key_task_new": edited("key_task_new", number="8", title="新任务", short="新任务"),
    "key_task_edit": edited("key_task_edit", "key_task", title="改过的任务"),
    "key_task_retire": lambda _w, _which: {"retired": "1"},
    "policy_draft": lambda w, _which: draft_as_shown(w.editor),
    "policy_draft_new": lambda _w, _which: {"file": upload("方案.txt", "1.甲事。\n2.乙事。".encode())},
    "policy_draft_adopt": lambda w, _which: draft_as_shown(w.editor),
    "policy_draft_discard": lambda w, _which: draft_as_shown(w.editor),
    **LEDGERS,
    "measure_new": lambda w, _which: filled_in(
        w.editor,
        reverse("measure_new"),
        code="1.9",
        title="新举措",
        key_task=w.own.item.measure.key_task_id,
        paragraph="3",
        phrase="词",
    ),
    "measure_edit": edited("measure_edit", "measure", title="改过的举措"),
    "measure_retire": lambda _w, _which: {"retired": "1"},
    "actor_new": edited(
        "actor_new", code="new", name="新单位", kind="government", level="prefecture", parent="hubei"
    ),
    "actor_edit": edited("actor_edit", "unit", name_en="Renamed"),
    "actor_retire": lambda _w, _which: {"retired": "1"},
    "region_edit": edited("region_edit", "region", short_en="Renamed"),
    "my_week_table": row_of_the_table,
    **WORKBOOKS,
    "evidence_add": lambda w, which: typed(w.side(which).unreported) | {"evidence": [upload()]},
    "evidence_remove": lambda w, which: typed(w.side(which).drafted),
    "cutoffs": lambda _w, _: {"week": "2026-W49", "day": "2026-12-03", "time": "12:00", "reason": "会议"},
    "urge_unit": lambda w, which: {
        "kind": "urge",
        "items": [w.side(which).unreported.code],
        "words": "请补报",
        "answer_by": "",
        "action": "issue",
    },
    "problem_coordinate": lambda w, which: (
        {"coordinate-coordinator": w.cast.bureau.pk, "coordinate-seen": w.side(which).case.revision}
    ),
    "problem_solve": lambda w, which: {"solve-words": "已落实", "solve-seen": w.side(which).case.revision},
    "problem_reopen": lambda w, which: {
        "reopen-words": "未落实",
        "reopen-seen": w.side(which).solved.revision,
    },
    "problem_answer": lambda _w, _which: {"answer-words": "已对接"},
    "signal_assess": lambda _w, _which: {"assess-words": "已核实", "assess-seen": "1"},
    "signal_handle": lambda _w, _which: {"handle-words": "已督促", "handle-seen": "1"},
    "signal_solve": lambda _w, _which: {"solve-words": "已解决", "solve-seen": "1"},
    "signal_rule": lambda _w, _which: (
        {"seen": "1", "is_on": "on", "percent": "95", "weeks": "3", "horizon": "8", "reason": "太多"}
    ),
    "slip_answer": lambda _w, _which: {"answer-measures": "已派专人", "answer-promised_on": "2026-11-23"},
    "slip_close": lambda _w, _which: {"close-note": "已补报"},
    "item_light": lambda _w, _which: LIGHT,
    "item_light_withdraw": lambda _w, _which: {},
    "my_week_item": lambda w, which: typed(w.side(which).unreported) | PROBLEM,
    "reviews_accept": lambda w, which: {"report": OBJECTS["report"][which](w)["pk"]},
    "review_accept": lambda _w, _which: {},
    "review_return": lambda _w, _which: {"reason": "请核对"},
    "weekly_reports": lambda _w, which: {"week": "2026-W47", "about": PLACES_OF_REPORTS[which]},
    "weekly_compose": lambda w, which: {"seen": w.side(which).weekly.revision},
    "weekly_publish": lambda w, which: {"seen": w.side(which).weekly.revision, "signer": "李维"},
    "weekly_revise": lambda w, which: {"seen": w.side(which).issue.report.revision, "reason": "更正"},
    "weekly_paragraph": lambda _w, _which: {"seen": "1", "text": "改写。"},
    "weekly_pack_readers": lambda w, _which: {"user": w.cast.sun.pk},
    "weekly_file": lambda _w, _which: {"revision": "1"},
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
