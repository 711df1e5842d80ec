"""The administration pages: who may do what, and that it is on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import (
    Actor,
    AuditEntry,
    Plan,
    ProgressReport,
    Region,
    RegionGroup,
    Role,
    User,
    WeekRollup,
    WorkItem,
)
from tests.factories import LAST_WEEK, PASSWORD, make_item, make_plan, make_user, moment
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
HERE = "/admin/tasks_tracker"
NEW = {
    "username": "gao",
    "display_name": "高远",
    "office": "综合处",
    "usable_password": "true",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def latest() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def posted(client: Client, path: str, data: dict[str, Any]) -> Any:
    return client.post(f"{HERE}/{path}", data)


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("system_admin", {User, Actor, Region, RegionGroup}),
        ("security_admin", {User, Plan}),
    ],
)
def test_each_administrator_is_shown_the_own_part(
    who: str, shown: set[type], cast: Cast, log_in: LogIn
) -> None:
    response = log_in(getattr(cast, who)).get("/admin/")
    assert response.status_code == 200
    models = {model["model"] for app in response.context["app_list"] for model in app["models"]}
    assert models == shown


def test_everybody_else_is_refused(cast: Cast, log_in: LogIn) -> None:
    for user in cast.one_of_each_role():
        if user.role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
            continue
        response = log_in(user).get("/admin/", follow=True)
        assert response.status_code == 403, user.role
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login/")


def test_djangos_own_flags_open_nothing(cast: Cast, log_in: LogIn) -> None:
    boss = make_user(Role.VIEWER, "boss", is_staff=True, is_superuser=True)
    assert log_in(boss).get("/admin/", follow=True).status_code == 403
    assert log_in(boss).get(f"{HERE}/user/", follow=True).status_code == 403


def test_no_business_data_is_registered(cast: Cast, log_in: LogIn) -> None:
    registered = {
        model
        for model in apps.get_app_config("tasks_tracker").get_models()
        if admin.site.is_registered(model)
    }
    assert registered == {User, Actor, Region, RegionGroup, Plan}
    for model in (WorkItem, ProgressReport, WeekRollup, AuditEntry):
        for user in (cast.system_admin, cast.security_admin):
            assert log_in(user).get(f"{HERE}/{model._meta.model_name}/").status_code == 404


def test_a_new_account_is_off_until_the_security_administrator_grants_a_role(
    cast: Cast, log_in: LogIn
) -> None:
    assert posted(log_in(cast.system_admin), "user/add/", NEW).status_code == 302
    gao = User.objects.get(username="gao")
    assert not gao.is_active
    assert (latest().action, latest().by, latest().object_id) == (
        "create_user",
        cast.system_admin,
        str(gao.pk),
    )
    assert PASSWORD not in str(latest().after)
    visitor = Client()
    visitor.post("/login/", {"username": "gao", "password": PASSWORD})
    assert "_auth_user_id" not in visitor.session

    granted = {"role": Role.REPORTER, "actor": cast.hubei.pk, "is_active": "on"}
    assert posted(log_in(cast.security_admin), f"user/{gao.pk}/change/", granted).status_code == 302
    gao.refresh_from_db()
    assert (gao.role, gao.actor, gao.is_active) == (Role.REPORTER, cast.hubei, True)
    assert latest().before == {"role": "viewer", "actor": None, "is_active": False}
    assert latest().after["role"] == "reporter"


def test_the_system_administrator_switches_accounts_off_but_not_on(cast: Cast, log_in: LogIn) -> None:
    client, form = log_in(cast.system_admin), {"username": "chen", "display_name": "陈晓岚", "office": ""}
    assert posted(client, f"user/{cast.chen.pk}/change/", form).status_code == 302
    cast.chen.refresh_from_db()
    assert not cast.chen.is_active
    assert latest().after == {"is_active": False}
    response = posted(client, f"user/{cast.chen.pk}/change/", form | {"is_active": "on"})
    assert response.context["adminform"].form.errors["is_active"]
    cast.chen.refresh_from_db()
    assert not cast.chen.is_active


def test_the_system_administrator_grants_neither_role_nor_scope(cast: Cast, log_in: LogIn) -> None:
    form = {
        "username": "chen",
        "display_name": "陈晓岚",
        "is_active": "on",
        "role": Role.SUPERVISOR,
        "actor": cast.jiangsu.pk,
        "is_superuser": "on",
        "is_staff": "on",
    }
    posted(log_in(cast.system_admin), f"user/{cast.chen.pk}/change/", form)
    cast.chen.refresh_from_db()
    assert (cast.chen.role, cast.chen.actor) == (Role.REPORTER, cast.hubei)
    assert not cast.chen.is_superuser
    assert not cast.chen.is_staff


def test_the_security_administrator_makes_no_accounts_and_resets_no_passwords(
    cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.security_admin)
    assert client.get(f"{HERE}/user/add/").status_code == 403
    reset = {"password1": "another-Horse-9", "password2": "another-Horse-9", "usable_password": "true"}
    assert posted(client, f"user/{cast.chen.pk}/password/", reset).status_code == 403
    cast.chen.refresh_from_db()
    assert cast.chen.check_password(PASSWORD)


def test_a_password_reset_is_on_record_without_the_password(cast: Cast, log_in: LogIn) -> None:
    reset = {"password1": "another-Horse-9", "password2": "another-Horse-9", "usable_password": "true"}
    assert posted(log_in(cast.system_admin), f"user/{cast.chen.pk}/password/", reset).status_code == 302
    cast.chen.refresh_from_db()
    assert cast.chen.check_password("another-Horse-9")
    assert (latest().action, latest().object_id) == ("reset_password", str(cast.chen.pk))
    assert "another-Horse-9" not in f"{latest().before}{latest().after}"


def test_the_administrators_are_out_of_each_others_reach(cast: Cast, log_in: LogIn) -> None:
    system, security = log_in(cast.system_admin), log_in(cast.security_admin)
    reset = {"password1": "another-Horse-9", "password2": "another-Horse-9", "usable_password": "true"}
    for target in (cast.security_admin, cast.audit_admin):
        assert posted(system, f"user/{target.pk}/password/", reset).status_code == 403
        assert posted(system, f"user/{target.pk}/change/", {"username": "x"}).status_code == 403
    own = {"role": Role.SUPERVISOR, "is_active": "on"}
    assert posted(security, f"user/{cast.security_admin.pk}/change/", own).status_code == 403
    cast.security_admin.refresh_from_db()
    assert cast.security_admin.role == Role.SECURITY_ADMIN


def test_a_role_that_needs_a_unit_is_refused_without_one(cast: Cast, log_in: LogIn) -> None:
    response = posted(
        log_in(cast.security_admin),
        f"user/{cast.zhao.pk}/change/",
        {"role": Role.REPORTER, "is_active": "on"},
    )
    assert response.status_code == 200
    assert response.context["adminform"].form.errors


def test_a_supervisor_is_limited_to_regions_and_that_is_on_record(cast: Cast, log_in: LogIn) -> None:
    form = {
        "role": Role.SUPERVISOR,
        "actor": cast.ministry.pk,
        "regions": [cast.hubei_region.pk],
        "is_active": "on",
    }
    posted(log_in(cast.security_admin), f"user/{cast.li.pk}/change/", form)
    assert list(cast.li.regions.all()) == [cast.hubei_region]
    assert latest().after == {"regions": [str(cast.hubei_region)]}


def test_the_organisation_belongs_to_the_system_administrator(cast: Cast, log_in: LogIn) -> None:
    form = {
        "code": "xiangyang",
        "name": "襄阳市经信局",
        "kind": "government",
        "level": "prefecture",
        "parent": cast.hubei.pk,
        "reports": "on",
        "order": 1,
    }
    assert posted(log_in(cast.security_admin), "actor/add/", form).status_code == 403
    assert posted(log_in(cast.system_admin), "actor/add/", form).status_code == 302
    made = Actor.objects.get(code="xiangyang")
    assert made.path == "miit/hubei/xiangyang/"
    moved = form | {"parent": cast.jiangsu.pk, "code": "elsewhere", "name": "襄阳市经济和信息化局"}
    posted(log_in(cast.system_admin), f"actor/{made.pk}/change/", moved)
    made.refresh_from_db()
    assert (made.code, made.parent, made.name) == ("xiangyang", cast.hubei, "襄阳市经济和信息化局")
    assert latest().before == {"name": "襄阳市经信局"}


def test_nothing_is_deleted(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.system_admin)
    for path in (f"user/{cast.chen.pk}", f"actor/{cast.wuhan.pk}", f"region/{cast.hubei_region.pk}"):
        assert client.post(f"{HERE}/{path}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=cast.chen.pk).exists()


def test_a_changed_threshold_is_a_new_version_of_the_rules(cast: Cast, log_in: LogIn) -> None:
    plan = make_plan()
    make_item()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(LAST_WEEK, 9).replace(day=16), by=None)
    form = {
        "at_risk_below": -400,
        "behind_below": -1_000,
        "severely_behind_below": -3_000,
        "due_soon_days": 7,
        "cutoff_weekday": 4,
        "cutoff_time": "17:00",
    }
    assert posted(log_in(cast.system_admin), f"plan/{plan.pk}/change/", form).status_code == 403
    assert posted(log_in(cast.security_admin), f"plan/{plan.pk}/change/", form).status_code == 302
    plan.refresh_from_db()
    assert (plan.at_risk_below, plan.rule_version) == (-400, 2)
    assert (latest().action, latest().before, latest().after) == (
        "change_plan",
        {"at_risk_below": -500},
        {"at_risk_below": -400},
    )
    assert plan.weeks.get(week=LAST_WEEK).rule_version == 1


def test_thresholds_in_the_wrong_order_are_refused(cast: Cast, log_in: LogIn) -> None:
    plan = make_plan()
    form = {
        "at_risk_below": -2_000,
        "behind_below": -1_000,
        "severely_behind_below": -3_000,
        "due_soon_days": 7,
        "cutoff_weekday": 4,
        "cutoff_time": "17:00",
    }
    response = posted(log_in(cast.security_admin), f"plan/{plan.pk}/change/", form)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert not AuditEntry.objects.filter(action="change_plan").exists()


def test_the_security_administrator_switches_the_review_within_the_units(cast: Cast, log_in: LogIn) -> None:
    plan = make_plan(unit_review=True)
    form = {
        "at_risk_below": -500,
        "behind_below": -1000,
        "severely_behind_below": -3000,
        "due_soon_days": 7,
        "cutoff_weekday": 4,
        "cutoff_time": "17:00",
    }
    assert posted(log_in(cast.security_admin), f"plan/{plan.pk}/change/", form).status_code == 302
    plan.refresh_from_db()
    assert not plan.unit_review
    entry = AuditEntry.objects.get(action="change_plan")
    assert (entry.by, entry.before, entry.after) == (
        cast.security_admin,
        {"unit_review": True},
        {"unit_review": False},
    )
