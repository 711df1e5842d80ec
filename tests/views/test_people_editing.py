"""Actors in their tree and regions, as national supervisors edit them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import rollup
from tasks_tracker.actions.people import retire_actor
from tasks_tracker.forms.problems import CoordinateForm
from tasks_tracker.models import Actor, AuditEntry, Cell, RegionGroup, User, WorkItem
from tasks_tracker.queries.dashboard import national_board
from tasks_tracker.queries.progress import units_to_ask
from tasks_tracker.queries.weeks import shown_week
from tests.factories import THIS_WEEK, make_actor, make_item, make_measure, make_user, moment
from tests.factories.cast import Cast
from tests.views.editing import filled_in, words

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def client(cast: Cast, log_in: LogIn) -> Client:
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    return client


def edit(code: str) -> str:
    return reverse("actor_edit", args=[code])


def paths() -> dict[str, str]:
    return dict(Actor.objects.values_list("code", "path"))


def seen_by(user: User) -> set[str]:
    return set(WorkItem.objects.visible_to(User.objects.get(pk=user.pk)).values_list("code", flat=True))


def test_moving_an_actor_moves_its_subtree_and_who_sees_what(cast: Cast, client: Client) -> None:
    make_actor("hankou", parent=cast.wuhan)  # from before the tree ended at prefecture level
    make_item("WH-1", lead=cast.wuhan)
    make_item("HK-1", lead=Actor.objects.get(code="hankou"))
    assert seen_by(cast.chen) == {"WH-1", "HK-1"}
    assert seen_by(cast.wang) == set()
    assert client.post(edit("wuhan"), filled_in(client, edit("wuhan"), parent="jiangsu")).status_code == 302
    assert paths()["wuhan"] == "miit/jiangsu/wuhan/"
    assert paths()["hankou"] == "miit/jiangsu/wuhan/hankou/"
    assert paths()["hubei"] == "miit/hubei/"
    assert seen_by(cast.chen) == set()
    assert seen_by(cast.wang) == {"WH-1", "HK-1"}
    entry = AuditEntry.objects.get(action="change_actor")
    assert (entry.before, entry.after) == ({"parent": "hubei"}, {"parent": "jiangsu"})


def test_figures_remembered_for_the_old_tree_are_not_shown_after_a_move(cast: Cast, client: Client) -> None:
    item = make_item("WH-1", lead=cast.wuhan)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    assert national_board(shown_week(None), cast.chen).whole.now.tally.items == 1
    client.post(edit("wuhan"), filled_in(client, edit("wuhan"), parent="jiangsu"))
    assert Cell.objects.count() == 1
    assert national_board(shown_week(None), cast.chen).whole.now.tally.items == 0
    assert national_board(shown_week(None), cast.wang).whole.now.tally.items == 1


@pytest.mark.parametrize(
    ("field", "code", "changes"),
    [
        ("parent", "miit", {"parent": "wuhan"}),  # below itself
        ("parent", "hubei", {"parent": "hubei"}),
        ("parent", "jiangsu", {"parent": "wuhan"}),  # the tree ends at prefecture level
        ("level", "hubei", {"level": "prefecture"}),  # and 武汉 is below it
        ("reports", "hubei", {"reports": None}),  # it leads a running item
        ("__all__", "jiangsu", {"kind": "enterprise"}),  # only government actors report
        ("name", "jiangsu", {"name": ""}),
    ],
)
def test_what_the_tree_forbids_is_refused_in_words(
    field: str, code: str, changes: dict[str, Any], cast: Cast, client: Client
) -> None:
    make_item(lead=cast.hubei)
    before = list(Actor.objects.order_by("pk").values())
    response = client.post(edit(code), filled_in(client, edit(code), **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert list(Actor.objects.order_by("pk").values()) == before


def test_a_circle_that_two_moves_would_make_is_refused(cast: Cast, client: Client) -> None:
    """The page of 江苏 was made before 湖北 came to stand below it."""
    stale = filled_in(client, edit("jiangsu"), parent="hubei")
    client.post(edit("hubei"), filled_in(client, edit("hubei"), parent="jiangsu"))
    response = client.post(edit("jiangsu"), stale)
    assert response.status_code == 422
    assert paths()["jiangsu"] == "miit/jiangsu/"
    assert paths()["wuhan"] == "miit/jiangsu/hubei/wuhan/"


def test_somebody_elses_change_is_shown_and_not_overwritten(cast: Cast, client: Client) -> None:
    stale = filled_in(client, edit("hubei"), name="我的名称")
    client.post(edit("hubei"), filled_in(client, edit("hubei"), name="别人的名称"))
    response = client.post(edit("hubei"), stale)
    assert response.status_code == 409
    assert "别人的名称" in words(response)
    assert Actor.objects.get(code="hubei").name == "别人的名称"


def test_an_actor_is_added_below_another(cast: Cast, client: Client) -> None:
    data = {"name": "宜昌市经信局", "kind": "government", "level": "prefecture", "order": "5"}
    data |= {"code": "yichang", "parent": "hubei", "region": "420000", "reports": "on"}
    assert client.post(reverse("actor_new"), data).status_code == 302
    actor = Actor.objects.get(code="yichang")
    assert (actor.path, actor.region, actor.reports) == ("miit/hubei/yichang/", cast.hubei_region, True)
    assert client.post(reverse("actor_new"), data).status_code == 422  # the code is taken
    assert client.post(reverse("actor_new"), data | {"code": "a/b"}).status_code == 422
    assert client.post(reverse("actor_new"), data | {"code": "x", "parent": "wuhan"}).status_code == 422


def test_an_actor_with_items_or_accounts_is_retired_and_an_unused_one_may_be_deleted(
    cast: Cast, client: Client
) -> None:
    make_item(lead=cast.hubei)
    make_actor("unused")
    for code, said in (("hubei", "It has work items"), ("wuhan", "It has user accounts")):
        assert said in words(client.get(edit(code)))
        client.post(reverse("actor_delete", args=[code]))
        assert Actor.objects.filter(code=code).exists()
    client.post(reverse("actor_delete", args=["unused"]))
    assert not Actor.objects.filter(code="unused").exists()
    client.post(reverse("actor_retire", args=["wuhan"]), {"retired": "1"})
    assert Actor.objects.get(code="wuhan").retired_on == date(2026, 11, 19)
    offered = client.get(reverse("actor_new")).context["form"].fields["parent"].queryset
    assert "wuhan" not in {actor.code for actor in offered}


def test_a_retired_unit_is_suggested_no_more_but_stays_where_it_is(cast: Cast, client: Client) -> None:
    make_measure("1.1", suggested_lead=cast.hubei)
    make_measure("1.2")
    client.post(reverse("actor_retire", args=["hubei"]), {"retired": "1"})
    for code, there in (("1.1", True), ("1.2", False)):
        form = client.get(reverse("measure_edit", args=[code])).context["form"]
        assert (cast.hubei in form.fields["suggested_lead"].queryset) is there


def test_a_retired_unit_is_asked_for_nothing_new(cast: Cast) -> None:
    def offered() -> set[str]:
        coordinators = CoordinateForm(label="").fields["coordinator"].queryset
        return {code for code, _name in units_to_ask(cast.chen)} | {actor.code for actor in coordinators}

    assert "planning" in offered()
    retire_actor(actor=cast.bureau, retired=True, by=cast.li, now=moment(THIS_WEEK))
    assert "planning" not in offered()


def test_the_list_is_searched_by_name_code_level_and_use(cast: Cast, client: Client) -> None:
    def found(**query: str) -> list[str]:
        return [row.record.code for row in client.get(reverse("actor_list"), query).context["table"].rows]

    assert found(q="湖北") == ["hubei"]
    assert found(q="wuhan") == ["wuhan"]
    assert found(level="bureau") == ["planning"]
    assert found(q="没有") == []
    client.post(reverse("actor_retire", args=["wuhan"]), {"retired": "1"})
    assert found(use="retired") == ["wuhan"]
    assert "wuhan" not in found()


def test_a_region_gets_names_and_groups_and_keeps_its_code(cast: Cast, client: Client) -> None:
    group = RegionGroup.objects.create(code="delta", name="长三角")
    url = reverse("region_edit", args=["320000"])
    assert client.post(url, filled_in(client, url, short="苏", groups=["delta"])).status_code == 302
    cast.jiangsu_region.refresh_from_db()
    assert (cast.jiangsu_region.code, cast.jiangsu_region.short) == ("320000", "苏")
    assert list(group.regions.all()) == [cast.jiangsu_region]
    stale = filled_in(client, url, short="江")
    client.post(url, filled_in(client, url, groups=[]))
    response = client.post(url, stale)
    assert response.status_code == 409
    assert [d.label for d in response.context["form"].differences] == ["Region groups"]
    assert not group.regions.exists()
    entry = AuditEntry.objects.filter(action="change_region").order_by("pk").first()
    assert entry.after == {"short": "苏", "groups": ["delta"]}  # type: ignore[union-attr]


def test_a_region_with_running_items_goes_on_reporting(cast: Cast, client: Client) -> None:
    make_item(region=cast.hubei_region)
    url = reverse("region_edit", args=["420000"])
    response = client.post(url, filled_in(client, url, reports=None))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reports"]


def test_only_national_supervisors_edit_actors_and_regions(cast: Cast, log_in: LogIn) -> None:
    limited = make_user("supervisor", username="first")
    limited.key_tasks.add(make_measure("1.1").key_task)
    for user in (limited, cast.sun, cast.zhao, cast.zhou, cast.chen, cast.system_admin):
        client = log_in(user)
        for verb in ("retire", "delete"):
            assert client.post(reverse(f"actor_{verb}", args=["wuhan"]), {"retired": "1"}).status_code == 403
        for url in (edit("wuhan"), reverse("region_edit", args=["420000"]), reverse("actor_new")):
            assert client.post(url, {}).status_code == 403
    assert Actor.objects.get(code="wuhan").retired_on is None
