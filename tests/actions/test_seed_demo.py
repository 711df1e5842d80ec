"""The demonstration: believable, the same for the same seed, and true to the rules of the product."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import groupby, pairwise

import pytest
from django.core.management import call_command
from django.db import models, transaction
from django.db.models import Count, F

from tasks_tracker.actions.demo import seed
from tasks_tracker.actions.demo.accounts import named_accounts
from tasks_tracker.actions.demo.texts import texts
from tasks_tracker.actions.evidence import path_of, store
from tasks_tracker.actions.standing import CARRIED
from tasks_tracker.models import (
    ADMIN_ROLES,
    OFFICE_ROLES,
    WHOLE,
    Actor,
    AuditEntry,
    CaseAct,
    Cell,
    Evidence,
    Indicator,
    IndicatorValue,
    Measure,
    Milestone,
    Notice,
    Plan,
    PlanChange,
    PlanSegment,
    Problem,
    ProblemCase,
    ProgressReport,
    Role,
    Round,
    Slip,
    SlipAnswer,
    StaleCell,
    Standing,
    State,
    UnitReview,
    Urging,
    User,
    WeekRollup,
    WeightChange,
    WorkItem,
)
from tasks_tracker.permissions import can_accept, can_report, can_sign
from tasks_tracker.queries.audit_chain import Proof
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import FAR, ONE_WEEK, as_of
from tests.factories.demonstration import ITEMS, SHANGHAI, UNTIL, WEEKS, make

MADE = (
    Indicator,
    IndicatorValue,
    WeightChange,
    WorkItem,
    Milestone,
    PlanSegment,
    Standing,
    PlanChange,
    ProgressReport,
    Problem,
    ProblemCase,
    CaseAct,
    Evidence,
    Cell,
)


def digest() -> str:
    """Of all that was made, without row numbers: they differ from database to database."""
    sums = hashlib.sha256()
    for model in MADE:
        names = [f.name for f in model._meta.concrete_fields if not f.primary_key and not f.is_relation]
        names += [n for n in ("item__code", "lead__code", "written_by__username") if _has(model, n)]
        rows = sorted(map(repr, model._default_manager.order_by().values_list(*names)))
        sums.update("\n".join(rows).encode())
    return sums.hexdigest()


def _has(model: type[models.Model], path: str) -> bool:
    return any(f.name == path.split("__")[0] for f in model._meta.concrete_fields)


@pytest.fixture
def reference(db: None) -> None:
    call_command("load_reference", verbosity=0)


@pytest.fixture(scope="class")
def made(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Plan]:
    """One demonstration for all tests of the class, which only look."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        yield make()
        transaction.set_rollback(True)


# --- one demonstration, looked at from many sides ----------------------------------------------------------


@pytest.mark.usefixtures("made", "db")
class TestTheDemonstration:
    def test_has_as_many_items_as_asked_for_and_every_measure_has_one(self) -> None:
        assert WorkItem.objects.count() == ITEMS
        assert not Measure.objects.filter(items=None).exists()
        assert not WorkItem.objects.filter(is_demonstration=False).exists()

    def test_the_audit_log_tells_of_the_last_reports_and_is_sealed(self) -> None:
        proof = Proof()
        assert list(proof.findings()) == []
        assert (proof.waiting, proof.seals) == (0, AuditEntry.objects.count())
        decided = ProgressReport.objects.filter(status__in=("accepted", "returned"), week=UNTIL - ONE_WEEK)
        for report in decided.select_related("decided_by"):
            handed_in, verdict = AuditEntry.objects.filter(
                object_type="progressreport", object_id=str(report.pk)
            ).order_by("pk")
            assert (handed_in.by_id, handed_in.item_id) == (report.written_by_id, report.item_id)
            assert (verdict.by, verdict.after["status"]) == (report.decided_by, report.status)
        assert decided.count() > ITEMS / 6
        assert {"web", "job"} <= set(AuditEntry.objects.values_list("channel", flat=True))

    def test_people_act_from_their_own_desks(self) -> None:
        desks: dict[int, set[str]] = defaultdict(set)
        for who, address in AuditEntry.objects.filter(channel="web").values_list("by", "address"):
            desks[who].add(address)
        assert len(desks) > 20
        assert {who: found for who, found in desks.items() if len(found) > 1} == {}
        by_hand = ("coordinate_case", "answer_case", "request_extension", "grant_extension")
        channels = AuditEntry.objects.filter(action__in=by_hand).values_list("channel", flat=True)
        assert set(channels) == {"web"}

    def test_problems_stand_at_every_stage(self) -> None:
        assert set(ProblemCase.objects.values_list("state", flat=True)) == {"open", "coordinating", "solved"}
        assert {"coordinate", "answer", "solve"} == set(CaseAct.objects.values_list("act", flat=True))
        accepted = Problem.objects.filter(report__status="accepted")
        assert accepted.exists()
        assert not accepted.filter(case=None).exists()
        assert ProblemCase.objects.filter(last_stated_week__gt=F("raised_week")).exists()
        assert not ProblemCase.objects.exclude(description__startswith="【演示数据】").exists()

    def test_items_are_led_by_the_authority_of_their_region_or_by_a_bureau(self) -> None:
        for item in WorkItem.objects.select_related("lead", "region", "owner"):
            if item.region.kind == "national":
                assert item.lead.level == Actor.Level.BUREAU
            else:
                assert item.lead.region_id == item.region_id
            assert can_report(item.owner, item)

    def test_the_pieces_of_the_plan_cover_every_run_in_every_week(self) -> None:
        for standing in Standing.objects.all():
            for week in (standing.since, min(standing.until, UNTIL + ONE_WEEK) - ONE_WEEK):
                pieces = list(
                    PlanSegment.objects.filter(
                        item=standing.item_id, since__lte=week, until__gt=week
                    ).order_by("from_day")
                )
                assert pieces[0].from_day == standing.starts_on.toordinal()
                assert pieces[-1].until_day == standing.due_on.toordinal()
                assert pieces[-1].until_percent == WHOLE
                assert all(a.until_day == b.from_day for a, b in pairwise(pieces))

    def test_indicators_rise_fall_and_are_in_words_and_all_are_marked(self) -> None:
        indicators = Indicator.objects.all()
        assert not indicators.filter(is_demonstration=False).exists()
        assert indicators.filter(item=None).count() > 15
        assert indicators.exclude(item=None).exists()
        assert {i.direction for i in indicators if not i.target_text} == {"rising", "falling"}
        assert indicators.exclude(target_text="").exists()
        values = IndicatorValue.objects.all()
        assert values.filter(is_current=False).count() == values.exclude(corrects=None).count() > 0
        assert not values.exclude(source__startswith="【演示数据】").exists()
        assert not values.filter(as_of__gt=F("recorded_at__date")).exists()

    def test_a_new_weight_holds_from_the_running_week(self) -> None:
        change = WeightChange.objects.get()
        assert change.week == UNTIL
        assert change.measure.weight == change.new_weight == change.old_weight + 1

    def test_milestones_rise_and_lie_inside_the_run(self) -> None:
        for item in WorkItem.objects.prefetch_related("milestones"):
            marks = list(item.milestones.all())
            assert all(item.starts_on < mark.due_on < item.due_on for mark in marks)
            assert all(a.due_on < b.due_on and a.percent <= b.percent for a, b in pairwise(marks))

    def test_standings_follow_each_other_without_gap(self) -> None:
        rows = Standing.objects.order_by("item", "since")
        for _item, group in groupby(rows, key=lambda s: s.item_id):
            chain = list(group)
            assert chain[-1].until == FAR
            for before, after in pairwise(chain):
                assert before.until == after.since
                assert after.previous_percent == before.percent

    def test_every_standing_says_what_the_journal_says(self) -> None:
        counted = {}
        reports = ProgressReport.objects.exclude(counted_week=None).exclude(status="superseded")
        for report in reports.order_by("week"):
            counted.setdefault(report.item_id, []).append(report)
        for standing in Standing.objects.all():
            week = max(standing.since, standing.until - ONE_WEEK) if standing.until != FAR else UNTIL
            heard = [r for r in counted.get(standing.item_id, []) if r.counted_week <= week]
            assert standing.percent == (heard[-1].percent if heard else None)
            assert standing.reported_week == (heard[-1].week if heard else None)

    def test_items_hold_what_is_agreed_now(self) -> None:
        for standing in Standing.objects.filter(until=FAR).select_related("item"):
            item = standing.item
            agreed = (item.lead_id, item.weight, item.starts_on, item.due_on, item.state)
            assert agreed == tuple(getattr(standing, name) for name in CARRIED[:5])
            assert (item.closed_on is not None) == (item.state == State.CLOSED)

    def test_every_change_of_a_standing_is_on_the_record(self) -> None:
        rows = Standing.objects.order_by("item", "since").select_related("lead")
        for item, group in groupby(rows, key=lambda s: s.item_id):
            for before, after in pairwise(group):
                for name, of in (("due_on", "due_on"), ("weight", "weight"), ("lead", "lead_id")):
                    moved = getattr(before, of) != getattr(after, of)
                    recorded = PlanChange.objects.filter(item=item, field=name, week=after.since).exists()
                    assert moved == recorded

    def test_weeks_recompute_to_what_is_stored(self) -> None:
        for week in WeekRollup.objects.all():
            assert verify_week(week) == []

    def test_past_weeks_are_frozen_on_the_monday_after_and_the_last_one_is_open(self) -> None:
        *past, running = WeekRollup.objects.order_by("week")
        assert len(past) == WEEKS - 1
        assert running.week == UNTIL
        assert not running.is_frozen
        assert running.as_of == UNTIL + timedelta(days=4)
        for week in past:
            monday = datetime.combine(week.week + ONE_WEEK, time(9), tzinfo=SHANGHAI)
            assert week.frozen_at == monday
            assert week.as_of == week.week + timedelta(days=6)
        assert not StaleCell.objects.exists()
        assert AuditEntry.objects.filter(action="close_week").count() == WEEKS - 1

    def test_who_owed_last_week_was_asked_three_times_and_supervised_after_that(self) -> None:
        rounds = Round.objects.filter(week=UNTIL - ONE_WEEK).order_by("at")
        assert [each.occasion for each in rounds] == ["eve", "morning", "after"]
        slips = Slip.objects.order_by("kind", "number").values_list("kind", "number", "status")
        assert list(slips) == [("supervise", 1, "open"), ("supervise", 2, "answered"), ("urge", 1, "open")]
        texts = [*Slip.objects.values_list("words", flat=True), SlipAnswer.objects.get().measures]
        assert all(text.startswith("【演示数据】") for text in texts)
        for slip in Slip.objects.filter(kind="supervise"):
            for urging in slip.urgings.all():
                assert Urging.objects.filter(item=urging.item, level="urge", slip=None).exists()
        assert Notice.objects.filter(to__username="supervisor").unread().exists()

    def test_reports_are_written_by_the_lead_and_decided_in_scope(self) -> None:
        moved = PlanChange.objects.filter(field="lead").values("item")
        reports = ProgressReport.objects.exclude(item__in=moved)
        for report in reports.select_related("item", "written_by", "decided_by"):
            assert can_report(report.written_by, report.item)
        supervisors = User.objects.filter(role=Role.SUPERVISOR)
        for supervisor in supervisors:
            for report in supervisor.decisions.select_related("item")[:20]:
                assert can_accept(supervisor, report)

    def test_units_with_a_reviewer_sign_between_handing_in_and_the_decision(self) -> None:
        moved = PlanChange.objects.filter(field="lead").values("item")
        reports = ProgressReport.objects.exclude(item__in=moved).exclude(status="draft")
        for report in reports.select_related("item", "reviewed_by", "decided_by"):
            has_reviewer = User.objects.filter(role=Role.REVIEWER, actor=report.item.lead).exists()
            assert (report.unit_review == UnitReview.NEEDED) is has_reviewer
            assert report.submitted_by_id == report.written_by_id
            if report.reviewed_by:
                assert can_sign(report.reviewed_by, report)
                assert report.submitted_at < report.reviewed_at
                assert report.decided_at is None or report.reviewed_at < report.decided_at
            if report.returned_by_unit:
                assert can_sign(report.decided_by, report)

    def test_both_steps_hold_reports_and_both_have_returned_some(self) -> None:
        assert ProgressReport.objects.waiting_for_unit().exists()
        assert ProgressReport.objects.filter(status="reviewed").exists()
        returned = [report.returned_by_unit for report in ProgressReport.objects.filter(status="returned")]
        assert set(returned) == {True, False}

    def test_evidence_is_marked_and_its_content_is_in_the_store(self) -> None:
        assert Evidence.objects.exists()
        for evidence in Evidence.objects.all():
            assert evidence.name.startswith(texts()["mark"])
            with store().open(path_of(evidence.sha256)) as content:
                assert hashlib.sha256(content.read()).hexdigest() == evidence.sha256

    def test_lateness_is_what_the_cut_off_says(self) -> None:
        plan = Plan.objects.get()
        for report in ProgressReport.objects.exclude(submitted_at=None):
            moment = report.submitted_at.astimezone(SHANGHAI)
            point = as_of(report.week, moment, plan.cutoff_weekday, plan.cutoff_time)
            assert report.is_late == point.cutoff_passed
            assert 7 <= moment.hour < 20
            if report.decided_at:
                assert report.decided_at > report.submitted_at

    def test_what_is_said_is_marked_and_a_decrease_has_its_reason(self) -> None:
        mark = texts()["mark"]
        for report in ProgressReport.objects.exclude(status="draft"):
            assert report.no_change or report.progress_note.startswith(mark)
            assert "{" not in report.progress_note + report.next_steps
        assert all(p.description.startswith(mark) for p in Problem.objects.all())
        assert all(c.reason.startswith(mark) for c in PlanChange.objects.all())
        last: dict[int, int] = {}
        for report in ProgressReport.objects.filter(status="accepted").order_by("week"):
            if report.percent < last.get(report.item_id, 0):
                assert report.decrease_reason
            last[report.item_id] = report.percent

    def test_a_no_change_report_repeats_the_last_accepted_percent(self) -> None:
        for report in ProgressReport.objects.filter(no_change=True):
            earlier = ProgressReport.objects.filter(
                item=report.item_id, status="accepted", week__lt=report.week
            )
            assert report.percent == earlier.latest("week").percent

    def test_the_named_accounts_cover_every_role_and_can_log_in(self) -> None:
        names = [account["username"] for account in named_accounts()]
        users = User.objects.filter(username__in=names)
        assert {user.role for user in users} == set(Role)
        assert all(user.check_password("for the tests only") for user in users[:2])
        others = User.objects.exclude(username__in=names)
        assert not any(user.has_usable_password() for user in others)
        assert not User.objects.filter(is_demonstration=False).exists()

    def test_every_office_sees_items_and_no_administrator_does(self) -> None:
        for user in User.objects.filter(role__in=OFFICE_ROLES):
            assert WorkItem.objects.visible_to(user).exists()
        for user in User.objects.filter(role__in=ADMIN_ROLES):
            assert not WorkItem.objects.visible_to(user).exists()


# --- the same again ---------------------------------------------------------------------------------------


def _digest_of(**options: int) -> str:
    with transaction.atomic():
        make(**options)
        result = digest()
        transaction.set_rollback(True)
    return result


def test_the_same_seed_makes_the_same_data_and_another_seed_other_data(reference: None) -> None:
    first = _digest_of(number=7)
    assert _digest_of(number=7) == first
    assert _digest_of(number=8) != first


def test_chunks_leave_no_trace(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _digest_of(weeks=3)
    monkeypatch.setattr(seed, "CHUNK", 17)
    assert _digest_of(weeks=3) == whole


def test_in_the_running_week_there_are_no_reports_from_the_future(reference: None) -> None:
    wednesday = datetime(2026, 11, 18, 11, 30, tzinfo=SHANGHAI)
    plan = make(now=wednesday)
    running = plan.weeks.get(week=UNTIL)
    assert running.as_of == wednesday.date()
    reports = ProgressReport.objects.filter(week=UNTIL)
    assert {"submitted", "draft"} <= set(reports.values_list("status", flat=True))
    assert not reports.filter(saved_at__gt=wednesday).exists()
    assert not reports.filter(decided_at__gt=wednesday).exists()
    assert CaseAct.objects.exists()
    assert not CaseAct.objects.filter(at__gt=wednesday).exists()
    assert verify_week(running) == []


def test_a_large_demonstration_looks_like_a_plan_under_way(reference: None) -> None:
    make(items=700, weeks=8)
    items = WorkItem.objects.filter(decomposed=False)
    states = dict(items.values_list("state").annotate(n=Count("pk")).order_by())
    assert 0.2 < states[State.CLOSED] / 700 < 0.4
    assert {State.SUSPENDED, State.CANCELLED, State.COMPLETION_REQUESTED} <= set(states)
    assert set(PlanChange.objects.values_list("field", flat=True)) >= {"due_on", "weight", "state"}
    statuses = set(ProgressReport.objects.values_list("status", flat=True))
    assert statuses == {"accepted", "returned", "submitted", "reviewed", "superseded", "draft"}
    assert ProgressReport.objects.filter(no_change=True).exists()
    assert ProgressReport.objects.filter(is_late=True).exists()
    assert ProgressReport.objects.filter(version=2, status="accepted").exists()
    parents = WorkItem.objects.filter(decomposed=True).annotate(n=Count("children"))
    assert parents
    assert all(2 <= parent.n <= 4 for parent in parents)
    assert WorkItem.objects.values("region").distinct().count() == 38
    late = ProgressReport.objects.filter(status="accepted", counted_week__gt=models.F("week"))
    assert late.exists()
    assert all(verify_week(week) == [] for week in WeekRollup.objects.order_by("-week")[:3])
