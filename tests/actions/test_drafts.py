"""Drafting an outline from a document: proposed, corrected, adopted as a whole or not at all."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tasks_tracker.actions import drafts
from tasks_tracker.actions.drafts import DraftRefused
from tasks_tracker.actions.policy_text import load_policy_text
from tasks_tracker.models import (
    AuditEntry,
    DraftLine,
    KeyTask,
    Measure,
    OutlineDraft,
    Policy,
    PolicyText,
    Role,
    User,
)
from tests.factories import make_actor, make_key_task, make_measure, make_policy, make_user, moment
from tests.factories.cast import Cast
from tests.rows import rows

NOW = moment(date(2026, 11, 25))
DOCUMENT = """一、重点任务
（一）提升设计能力
1.建设联合设计中心。
2.推广数字样船。
（二）拓展绿色船型。绿色发展是方向。发展甲醇动力船。
二、保障措施
（一）强化资金支持。
（二）加强组织领导。
"""

pytestmark = pytest.mark.django_db
Values = dict[int, dict[str, Any]]


@pytest.fixture
def policy() -> Policy:
    """A policy of which nothing is known yet."""
    return make_policy("ships", title="船舶工业行动方案")


@pytest.fixture
def li(cast: Cast) -> User:
    """The national supervisor."""
    return cast.li


def make(policy: Policy, text: str = DOCUMENT, by: User | None = None) -> OutlineDraft:
    return drafts.make_draft(policy=policy, content=text.encode("gbk"), file_name="方案.txt", by=by, now=NOW)


def lines(draft: OutlineDraft) -> list[tuple[str, str, bool]]:
    return [(line.code, line.title, line.kept) for line in draft.lines.all()]


def line(draft: OutlineDraft, title: str) -> DraftLine:
    return draft.lines.get(title=title)


def adopt(draft: OutlineDraft, by: User, values: Values | None = None) -> tuple[int, int]:
    return drafts.adopt_draft(draft=draft, values=values or {}, seen=draft.revision, by=by, now=NOW)


def faults(draft: OutlineDraft, by: User, values: Values | None = None) -> list[tuple[str, str]]:
    before = rows()
    with pytest.raises(DraftRefused) as refused:
        adopt(draft, by, values)
    assert rows() == before
    draft.refresh_from_db()
    assert refused.value.code == "faults"
    return [(fault.line.title, fault.code) for fault in refused.value.faults]


def test_the_outline_of_a_document_becomes_the_open_draft(policy: Policy, li: User) -> None:
    draft = make(policy, by=li)
    assert lines(draft) == [
        ("1", "提升设计能力", True),
        ("1.1", "建设联合设计中心", True),
        ("1.2", "推广数字样船", True),
        ("2", "拓展绿色船型", True),
        ("", "绿色发展是方向", False),
        ("2.1", "发展甲醇动力船", True),
        ("S3.1", "强化资金支持", True),
        ("S1.1", "加强组织领导", True),
    ]
    assert line(draft, "推广数字样船").parent == line(draft, "提升设计能力")
    assert not draft.lines.exclude(suggested_lead=None).exists()
    text = draft.policy_text
    assert (text.is_current, text.is_beside, text.encoding, text.paragraphs.count()) == (
        False,
        False,
        "gb18030",
        8,
    )
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.action, entry.after["lines"]) == (li, "draft_outline", 8)


def test_numbers_go_on_behind_those_that_there_are(policy: Policy) -> None:
    make_key_task(7, policy=policy)
    make_measure("S1.4", policy=policy)
    assert [code for code, _title, _kept in lines(make(policy))] == [
        "8", "8.1", "8.2", "9", "", "9.1", "S3.1", "S1.5",
    ]  # fmt: skip


def test_a_second_draft_waits_for_the_first(policy: Policy, li: User) -> None:
    first = make(policy)
    with pytest.raises(DraftRefused, match="already_open"):
        make(policy, "1.甲。\n2.乙。")
    drafts.discard_draft(draft=first, seen=1, by=li, now=NOW)
    assert make(policy, "1.甲。\n2.乙。").lines.count() == 4


def test_a_text_without_an_outline_writes_nothing(policy: Policy) -> None:
    before = rows()
    with pytest.raises(DraftRefused, match="nothing_found"):
        make(policy, "请按时参加。")
    assert rows() == before


def test_adopting_makes_key_tasks_and_measures_that_say_where_they_are_from(policy: Policy, li: User) -> None:
    draft = make(policy)
    assert adopt(draft, li) == (2, 5)
    tasks = list(KeyTask.objects.filter(policy=policy).values_list("number", "title", "short"))
    assert tasks == [(1, "提升设计能力", "提升设计能力"), (2, "拓展绿色船型", "拓展绿色船型")]
    found = Measure.objects.filter(policy=policy).order_by("order")
    assert [(m.code, m.key_task and m.key_task.number, m.supporting_area, m.paragraph) for m in found] == [
        ("1.1", 1, "", 3),
        ("1.2", 1, "", 4),
        ("2.1", 2, "", 5),
        ("S3.1", None, "reform", 7),
        ("S1.1", None, "coordination", 8),
    ]
    text = PolicyText.objects.get()
    assert {m.drafted_from for m in found} == {t.drafted_from for t in policy.key_tasks.all()} == {text}
    assert text.is_current
    draft.refresh_from_db()
    assert draft.state == OutlineDraft.State.ADOPTED
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert acts >= {"adopt_draft", "create_keytask", "create_measure", "policy_text_loaded"}


def test_adopted_measures_are_found_again_when_the_text_is_loaded(policy: Policy, li: User) -> None:
    adopt(make(policy), li)
    corrected = DOCUMENT.replace("一、重点", "通知\n一、重点").encode()
    result = load_policy_text(policy=policy, content=corrected, file_name="新.txt", by=None, now=NOW)
    assert (len(result.outline.located), len(result.outline.moved), result.outline.missing) == (5, 5, ())


def test_what_is_added_to_a_plan_stands_beside_its_text(policy: Policy, li: User) -> None:
    adopt(make(policy), li)
    own = PolicyText.objects.get()
    adopt(make(policy, "1.修编标准。\n2.组织培训。"), li)
    own.refresh_from_db()
    beside = PolicyText.objects.exclude(pk=own.pk).get()
    assert (own.is_current, beside.is_current, beside.is_beside) == (True, False, True)
    assert list(policy.key_tasks.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert Measure.objects.get(code="3.1").drafted_from == beside


def test_what_is_in_the_way_is_named_and_nothing_is_written(policy: Policy, li: User) -> None:
    draft = make(policy)
    make_key_task(2, policy=policy)
    make_measure("S3.1", policy=policy)
    set_aside = {"kept": False}
    assert faults(
        draft,
        li,
        {
            line(draft, "提升设计能力").pk: set_aside,
            line(draft, "推广数字样船").pk: {"title": " ", "code": "1.1", "under": None, "parent": None},
            line(draft, "发展甲醇动力船").pk: {"code": "二.1"},
            line(draft, "绿色发展是方向").pk: {"kept": True},
        },
    ) == [
        ("建设联合设计中心", "place_dropped"),
        (" ", "title_missing"),
        (" ", "code_taken"),
        (" ", "place_missing"),
        ("拓展绿色船型", "code_taken"),
        ("绿色发展是方向", "code_missing"),
        ("发展甲醇动力船", "bad_code"),
        ("强化资金支持", "code_taken"),
    ]


def test_a_line_changes_its_level_and_its_place(policy: Policy, li: User) -> None:
    old = make_key_task(9, policy=policy)
    draft = make(policy)
    lead = make_actor("hubei")
    measure, task = line(draft, "强化资金支持"), line(draft, "拓展绿色船型")
    values: Values = {
        task.pk: {"is_key_task": False, "code": "9.1", "under": old, "parent": None, "suggested_lead": lead},
        line(draft, "发展甲醇动力船").pk: {"kept": False},
        measure.pk: {"is_key_task": True, "code": "12", "short": "资金", "area": ""},
    }
    assert adopt(draft, li, values) == (2, 4)
    made = Measure.objects.get(code="9.1")
    assert (made.key_task, made.title, made.suggested_lead) == (old, "拓展绿色船型", lead)
    assert KeyTask.objects.get(policy=policy, number=12).short == "资金"


def test_a_key_task_needs_a_whole_number_and_a_short_title(policy: Policy, li: User) -> None:
    draft = make(policy)
    values = {line(draft, "提升设计能力").pk: {"code": "1.1", "short": ""}}
    assert faults(draft, li, values) == [("提升设计能力", "bad_number"), ("提升设计能力", "short_missing")]


def test_a_draft_of_which_nothing_is_kept_is_not_adopted(policy: Policy, li: User) -> None:
    draft = make(policy)
    with pytest.raises(DraftRefused, match="nothing_kept"):
        adopt(draft, li, {one.pk: {"kept": False} for one in draft.lines.all()})
    assert draft.lines.filter(kept=True).count() == 7


def test_corrections_are_kept_and_on_record(policy: Policy, li: User) -> None:
    draft = make(policy)
    drafts.save_draft(
        draft=draft, values={line(draft, "推广数字样船").pk: {"title": "数字样船"}}, seen=1, by=li, now=NOW
    )
    assert lines(draft)[2] == ("1.2", "数字样船", True)
    assert (draft.revision, draft.changed_by) == (2, li)
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (entry.action, entry.after) == ("correct_draft", {"lines": 1})


@pytest.mark.parametrize("second", ["save", "adopt", "discard"])
@pytest.mark.parametrize(("first", "told"), [("save", "stale"), ("adopt", "closed"), ("discard", "closed")])
def test_of_two_people_with_one_page_the_second_is_told(
    first: str, second: str, told: str, policy: Policy, li: User
) -> None:
    draft = make(policy)
    other = OutlineDraft.objects.get()

    def do(what: str, which: OutlineDraft) -> None:
        rest: dict[str, Any] = {} if what == "discard" else {"values": {}}
        act = getattr(drafts, f"{what}_draft")
        act(draft=which, seen=1, by=li, now=NOW, **rest)

    do(first, draft)
    before = rows()
    with pytest.raises(DraftRefused, match=told):
        do(second, other)
    assert rows() == before


@pytest.mark.parametrize("act", ["make", "save", "adopt", "discard"])
def test_only_a_national_supervisor_drafts(act: str, policy: Policy, cast: Cast) -> None:
    draft = make(policy)
    limited = make_user(Role.SUPERVISOR)
    limited.key_tasks.add(make_key_task(1))

    def do(user: User) -> None:
        if act == "make":
            make(policy, by=user)
        elif act == "discard":
            drafts.discard_draft(draft=draft, seen=1, by=user, now=NOW)
        else:
            getattr(drafts, f"{act}_draft")(draft=draft, values={}, seen=1, by=user, now=NOW)

    for user in (cast.chen, cast.zhao, cast.sun, limited):
        with pytest.raises(PermissionDenied):
            do(user)
