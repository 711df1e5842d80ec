"""The clock asks for reports: once on an occasion, one digest a person, nothing outside the own unit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.translation import override

from tasks_tracker import jobs
from tasks_tracker.actions import follow_up as following
from tasks_tracker.actions import rollup
from tasks_tracker.actions.cutoffs import move_cutoff
from tasks_tracker.actions.follow_up import follow_up
from tasks_tracker.models import AuditEntry, Mail, Notice, Plan, Round, Urging, User, WorkItem
from tests.conftest import Worker
from tests.factories import THIS_WEEK, make_actor, make_item, make_plan, make_report, make_user, moment
from tests.factories.cast import Cast, make_cast
from tests.smtp import mail_worker, smtp_server

THURSDAY = moment(date(2026, 11, 19), 15)
FRIDAY = moment(date(2026, 11, 20), 9)
CUTOFF = moment(date(2026, 11, 20), 17)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """湖北 owes two reports and 江苏 one; 武汉 has handed everything in."""
    hubei = [make_item(f"HB-{n}", is_key=True) for n in (1, 2)]
    make_item("JS-1", is_key=True, lead=cast.jiangsu, region=cast.jiangsu_region)
    make_report(make_item("WH-1", is_key=True, lead=cast.wuhan), written_by=cast.liu)
    return hubei[0].plan


def texts(user: User) -> list[str]:
    with override("en"):
        return [notice.text for notice in Notice.objects.of(user).order_by("at")]


def told() -> set[str]:
    return set(Notice.objects.values_list("to__username", flat=True))


@pytest.mark.django_db
class TestTheClock:
    def test_reminds_on_thursday_on_friday_morning_and_urges_after_the_cutoff(
        self, plan: Plan, cast: Cast
    ) -> None:
        for now in (THURSDAY - timedelta(minutes=1), THURSDAY, FRIDAY, CUTOFF):
            follow_up(plan=plan, now=now)
        unit = "Hubei authority"
        assert texts(cast.chen) == [
            f"Week 2026-W47: reports that {unit} still owes: 2. Cut-off: 2026-11-20 17:00.",
            f"Week 2026-W47: reports that {unit} still owes: 2. Cut-off: 2026-11-20 17:00.",
            f"Week 2026-W47: the cut-off has passed; {unit} has not handed in: 2.",
        ]
        levels = Urging.objects.filter(item__code="HB-1").values_list("level", "occasion")
        assert list(levels) == [("remind", "eve"), ("remind", "morning"), ("urge", "after")]

    def test_tells_one_person_once_however_many_items(self, plan: Plan, cast: Cast) -> None:
        (done,) = follow_up(plan=plan, now=THURSDAY)
        assert (done.items, done.people) == (3, 2)
        assert told() == {"chen", "wang"}
        assert Notice.objects.of(cast.chen).count() == 1

    def test_tells_nobody_of_what_is_not_the_own_units(self, plan: Plan, cast: Cast) -> None:
        """湖北 sees what 武汉 does, but it does not report on it; and nobody hears of a sibling."""
        WorkItem.objects.filter(code="WH-1").first().reports.all().delete()
        follow_up(plan=plan, now=THURSDAY)
        counts = {n.to.username: n.arguments["count"] for n in Notice.objects.select_related("to")}
        assert counts == {"chen": 2, "wang": 1, "liu": 1}

    def test_rung_twice_it_says_nothing_more(self, plan: Plan) -> None:
        for _ in range(3):
            follow_up(plan=plan, now=THURSDAY)
        assert (Notice.objects.count(), Urging.objects.count(), Round.objects.count()) == (2, 3, 1)
        assert AuditEntry.objects.get(action="follow_up").after == {
            "week": "2026-11-16",
            "occasion": "eve",
            "items": 3,
            "people": 2,
        }

    def test_a_crash_half_way_leaves_nothing_and_the_retry_does_all_of_it(
        self, plan: Plan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, calls = following.notify, []

        def fails_the_second_time(**kwargs: object) -> object:
            calls.append(kwargs)
            if len(calls) == 2:
                raise RuntimeError("the power is gone")
            return real(**kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(following, "notify", fails_the_second_time)
        with pytest.raises(RuntimeError):
            follow_up(plan=plan, now=THURSDAY)
        assert [model.objects.count() for model in (Notice, Urging, Round)] == [0, 0, 0]
        follow_up(plan=plan, now=THURSDAY)
        assert told() == {"chen", "wang"}

    def test_what_was_missed_is_not_made_up(self, plan: Plan) -> None:
        """The beat was down on Thursday: on Friday one reminder comes, not two; after the cut-off none."""
        follow_up(plan=plan, now=FRIDAY)
        follow_up(plan=plan, now=FRIDAY + timedelta(minutes=10))
        follow_up(plan=plan, now=CUTOFF)
        follow_up(plan=plan, now=CUTOFF + timedelta(hours=4))
        assert list(Round.objects.order_by("at").values_list("occasion", flat=True)) == ["morning", "after"]

    def test_whoever_handed_in_is_not_urged(self, plan: Plan, cast: Cast) -> None:
        follow_up(plan=plan, now=THURSDAY)
        make_report(WorkItem.objects.get(code="JS-1"), written_by=cast.wang)
        follow_up(plan=plan, now=CUTOFF)
        assert [n.kind for n in Notice.objects.of(cast.wang)] == ["reminder"]

    def test_a_draft_and_a_returned_report_are_still_owed(self, plan: Plan, cast: Cast) -> None:
        one, two = WorkItem.objects.filter(lead=cast.hubei).order_by("code")
        make_report(one, status="draft", written_by=cast.chen)
        make_report(
            two,
            status="returned",
            written_by=cast.chen,
            decided_by=cast.li,
            decided_at=FRIDAY,
            return_reason="x",
        )
        follow_up(plan=plan, now=CUTOFF)
        assert Notice.objects.of(cast.chen).get().arguments["count"] == 2

    def test_a_moved_cutoff_moves_the_reminders(self, plan: Plan, cast: Cast) -> None:
        tuesday = moment(date(2026, 11, 17), 12)
        move_cutoff(
            plan=plan, week=THIS_WEEK, cutoff=tuesday, reason="假期", by=cast.li, now=moment(THIS_WEEK, 8)
        )
        Notice.objects.all().delete()
        for now in (moment(THIS_WEEK, 15), moment(date(2026, 11, 17), 9), tuesday, THURSDAY, FRIDAY, CUTOFF):
            follow_up(plan=plan, now=now)
        assert [str(at) for at in Round.objects.order_by("at").values_list("occasion", flat=True)] == [
            "eve",
            "morning",
            "after",
        ]
        assert Notice.objects.of(cast.chen).first().at == tuesday

    def test_a_week_that_is_closed_is_left_alone(self, plan: Plan) -> None:
        """A late cut-off is followed up on Monday, until the week is closed."""
        rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=CUTOFF)
        monday = moment(THIS_WEEK + timedelta(weeks=1), 8)
        (done,) = follow_up(plan=plan, now=monday)
        assert (done.week, done.occasion) == (THIS_WEEK, "after")
        Round.objects.all().delete()
        rollup.close_week(plan=plan, week=THIS_WEEK, now=monday, by=None)
        assert follow_up(plan=plan, now=monday) == []

    def test_where_there_is_no_reporter_the_reviewer_is_told_and_else_nobody(
        self, plan: Plan, cast: Cast
    ) -> None:
        cast.chen.is_active = False
        cast.chen.save()
        make_item("NB-1", is_key=True, lead=make_actor("nobody"))
        (done,) = follow_up(plan=plan, now=THURSDAY)
        assert told() == {"zhou", "wang"}
        assert [unit.code for unit in done.silent] == ["nobody"]

    def test_supervisors_get_a_digest_of_their_own_scope(self, plan: Plan, cast: Cast) -> None:
        make_user("supervisor", "idle").key_tasks.add(plan.policy.key_tasks.create(number=9, title="九"))
        follow_up(plan=plan, now=CUTOFF)
        assert texts(cast.li) == [
            "Week 2026-W47: reports to decide on: 1, answers to slips: 0, reports not handed in: 3."
        ]
        assert texts(cast.sun) == [
            "Week 2026-W47: reports to decide on: 0, answers to slips: 0, reports not handed in: 1."
        ]
        assert "idle" not in told()  # nothing waits there

    def test_the_command_says_what_was_done_and_whom_it_cannot_reach(
        self, plan: Plan, cast: Cast, time_machine: object
    ) -> None:
        make_item("NB-1", is_key=True, lead=make_actor("nobody"))
        time_machine.move_to(THURSDAY, tick=False)  # type: ignore[attr-defined]
        with override("en"):
            assert command("follow_up") == [
                "Week 2026-W47, the day before the cut-off: 4 reports asked for, 2 people told",
                "Nobody to tell: Nobody authority has neither reporter nor reviewer",
            ]
            assert command("follow_up") == ["Nothing is due"]


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_before_any_plan_the_clock_is_quiet() -> None:
    jobs.follow_up()
    jobs.send_mails()
    assert not Round.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL")
def test_two_beats_at_once_tell_everybody_once() -> None:
    cast = make_cast()
    plan = make_item("HB-1", is_key=True, lead=cast.hubei).plan
    barrier = Barrier(2)

    def ring() -> int:
        barrier.wait(10)
        try:
            return len(follow_up(plan=plan, now=THURSDAY))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = sorted(future.result(30) for future in [pool.submit(ring) for _ in range(2)])
    assert done == [0, 1]
    assert (Notice.objects.count(), Urging.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_worker_tells_and_the_mail_arrives(worker: Worker) -> None:
    """A real worker on a real broker, a real SMTP server: what the beat rings, a person reads, once."""
    cast = make_cast()
    User.objects.filter(pk=cast.chen.pk).update(email="chen@hubei.example.gov.cn")
    # A cut-off as the week begins has passed whenever the tests run.
    plan = make_plan(cutoff_weekday=0, cutoff_time=time(0))
    make_item("HB-1", plan=plan, is_key=True, lead=cast.hubei)
    with smtp_server() as server, mail_worker(worker, server) as ring:
        for job in (jobs.follow_up, jobs.follow_up, jobs.send_mails, jobs.send_mails):
            ring(job)
    assert Round.objects.get().occasion == "after"
    (message,) = server.to("chen@hubei.example.gov.cn")
    assert "HB-1" in message.get_content()
    assert (len(server.arrived), Mail.objects.get().status) == (1, "sent")
