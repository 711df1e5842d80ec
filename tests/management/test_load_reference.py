"""load_reference --keep-changes, as every start of the stack runs it, undoes nothing that people changed."""

from typing import Any

import pytest
from django.core.management import call_command

from tasks_tracker.actions import policy
from tasks_tracker.models import Actor, Measure, Region, RegionGroup
from tests.factories import THIS_WEEK, make_plan, make_user, moment

pytestmark = pytest.mark.django_db


def load(*arguments: str) -> None:
    call_command("load_reference", *arguments, verbosity=0)


def contents() -> list[dict[str, Any]]:
    """All rows without their numbers; parents and members by their codes."""
    return [
        *Region.objects.order_by("code").values("code", "name", "column", "row", "parent__code"),
        *Actor.objects.order_by("code").values("code", "name", "path", "parent__code", "region__code"),
        *RegionGroup.objects.order_by("code", "regions__code").values("code", "regions__code"),
        *Measure.objects.order_by("code").values("code", "title", "key_task__number"),
    ]


def test_an_empty_system_gets_all_of_it() -> None:
    load("--keep-changes")
    added = contents()
    assert len(added) > 200
    load()
    assert contents() == added


def test_changes_of_administrators_stay_and_missing_rows_are_added() -> None:
    load()
    Actor.objects.filter(code="miit").update(name="改名部")
    group = RegionGroup.objects.order_by("code").first()
    assert group
    gone = group.regions.first()
    group.regions.remove(gone)
    other = RegionGroup.objects.order_by("code").last()
    assert other
    members = set(other.regions.values_list("code", flat=True))
    other.delete()
    Measure.objects.filter(code="5.2").update(weight=99, title="改名举措")
    load("--keep-changes")
    assert Actor.objects.get(code="miit").name == "改名部"
    assert gone not in group.regions.all()
    assert set(RegionGroup.objects.get(code=other.code).regions.values_list("code", flat=True)) == members
    assert Measure.objects.filter(code="5.2", weight=99, title="改名举措").exists()


def test_what_was_deleted_on_the_pages_does_not_come_back_by_itself() -> None:
    load()
    li = make_user("supervisor")
    policy.delete_outline_row(row=Measure.objects.get(code="5.2"), by=li)
    load("--keep-changes")
    assert not Measure.objects.filter(code="5.2").exists()
    load()
    assert Measure.objects.filter(code="5.2").exists()


def test_setting_back_leaves_weights_with_a_recorded_change_alone() -> None:
    load()
    measure = Measure.objects.get(code="5.2")
    now = moment(THIS_WEEK)
    policy.edit_outline_row(
        row=measure,
        plan=make_plan(policy=measure.policy),
        values={"title": "改名举措", "weight": 99},
        reason="任务加重。",
        seen={"weight": measure.weight},
        by=make_user("supervisor"),
        now=now,
    )
    load()
    after = Measure.objects.get(code="5.2")
    assert (after.title, after.weight) == (measure.title, 99)
