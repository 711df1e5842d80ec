"""Who sees which items and reports: the own subtree and what it supports; offices by task and region."""

import pytest

from tasks_tracker.models import Cell, ProgressReport, ReportStatus, Role, User, WorkItem
from tasks_tracker.permissions import (
    can_decide,
    can_read_audit_log,
    can_report,
    can_see_business_data,
    can_supervise,
)
from tests.factories import make_item, make_key_task, make_measure, make_report, make_user
from tests.factories.cast import Cast


@pytest.fixture
def items(cast: Cast) -> dict[str, WorkItem]:
    """One item of each unit, and one of 江苏 that 湖北 supports."""
    made = {
        "ministry": make_item("M", lead=cast.ministry),
        "hubei": make_item("HB", lead=cast.hubei, measure=make_measure("5.2")),
        "wuhan": make_item("WH", lead=cast.wuhan),
        "jiangsu": make_item("JS", lead=cast.jiangsu, region=cast.jiangsu_region),
        "joint": make_item("J", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("5.3")),
    }
    made["joint"].supporting.add(cast.wuhan)
    return made


def codes(user: User) -> set[str]:
    return set(WorkItem.objects.visible_to(user).values_list("code", flat=True))


def test_a_unit_sees_its_subtree_and_what_it_supports_but_no_sibling(
    cast: Cast, items: dict[str, WorkItem]
) -> None:
    assert codes(cast.chen) == {"HB", "WH", "J"}
    assert codes(cast.zhou) == {"HB", "WH", "J"}
    assert codes(cast.liu) == {"WH", "J"}
    assert codes(cast.wang) == {"JS", "J"}


def test_what_a_unit_only_supports_is_not_in_its_figures(cast: Cast, items: dict[str, WorkItem]) -> None:
    led = WorkItem.objects.led_within(cast.chen)
    assert set(led.values_list("code", flat=True)) == {"HB", "WH"}


def test_a_national_office_sees_everything(cast: Cast, items: dict[str, WorkItem]) -> None:
    assert codes(cast.li) == codes(cast.zhao) == {"M", "HB", "WH", "JS", "J"}


def test_an_office_limited_to_a_region_a_task_or_both_sees_that_part(
    cast: Cast, items: dict[str, WorkItem]
) -> None:
    assert codes(cast.sun) == {"JS", "J"}
    task_five = make_user(Role.SUPERVISOR, "task-five")
    task_five.key_tasks.add(make_key_task(5))
    assert codes(task_five) == {"HB", "J"}
    both = make_user(Role.VIEWER, "both")
    both.key_tasks.add(make_key_task(5))
    both.regions.add(cast.jiangsu_region)
    assert codes(both) == {"J"}


@pytest.mark.parametrize("name", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_see_no_business_data(name: str, cast: Cast, items: dict[str, WorkItem]) -> None:
    admin = getattr(cast, name)
    make_report(items["hubei"], written_by=cast.chen)
    assert not can_see_business_data(admin)
    assert codes(admin) == set()
    assert not ProgressReport.objects.visible_to(admin).exists()
    assert not Cell.objects.visible_to(admin).exists()


def test_a_user_who_was_switched_off_sees_and_does_nothing(cast: Cast, items: dict[str, WorkItem]) -> None:
    for user in (cast.chen, cast.li):
        user.is_active = False
        assert codes(user) == set()
    assert not can_report(cast.chen, items["hubei"])
    assert not can_supervise(cast.li)


def test_only_a_reporter_of_the_lead_reports(cast: Cast, items: dict[str, WorkItem]) -> None:
    everybody = [*cast.one_of_each_role(), cast.liu, cast.wang, cast.sun]
    assert [user for user in everybody if can_report(user, items["hubei"])] == [cast.chen]
    assert not can_report(cast.chen, items["wuhan"])
    assert not can_report(cast.liu, items["joint"])


def test_a_supervisor_decides_within_the_own_scope_and_never_on_an_own_report(
    cast: Cast, items: dict[str, WorkItem]
) -> None:
    report = make_report(items["jiangsu"], written_by=cast.wang, status=ReportStatus.SUBMITTED)
    assert can_decide(cast.li, report)
    assert can_decide(cast.sun, report)
    assert not can_decide(cast.sun, make_report(items["hubei"], written_by=cast.chen))
    assert not any(can_decide(user, report) for user in (cast.wang, cast.zhou, cast.zhao, cast.audit_admin))
    report.written_by = cast.li
    assert not can_decide(cast.li, report)


def test_a_draft_stays_within_the_unit(cast: Cast, items: dict[str, WorkItem]) -> None:
    make_report(items["hubei"], written_by=cast.chen, status=ReportStatus.DRAFT)
    assert ProgressReport.objects.visible_to(cast.zhou).count() == 1
    assert not ProgressReport.objects.visible_to(cast.li).exists()


def test_only_the_audit_administrator_reads_the_audit_log(cast: Cast) -> None:
    assert [user for user in cast.one_of_each_role() if can_read_audit_log(user)] == [cast.audit_admin]
