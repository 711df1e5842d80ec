"""The draft of an outline as pages: sent, corrected, adopted, discarded, and what others are told."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import rollup
from tasks_tracker.models import DraftLine, KeyTask, Measure, OutlineDraft, PolicyText, User
from tests.factories import make_key_task, make_plan, make_policy, moment
from tests.factories.cast import Cast
from tests.factories.files import older_office, word_file
from tests.rows import rows
from tests.views.draft_form import draft_as_shown
from tests.views.editing import words

LogIn = Callable[[User], Client]
DOCUMENT = "1.修编标准。\n2.组织培训。\n"
QUERIES = 11

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine: Any) -> None:
    time_machine.move_to(moment(date(2026, 11, 25), 15), tick=False)


@pytest.fixture
def li(cast: Cast, log_in: LogIn) -> Client:
    make_plan()
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    return client


def send(client: Client, content: bytes = DOCUMENT.encode(), name: str = "方案.txt") -> Any:
    return client.post(reverse("policy_draft_new"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def field(title: str, name: str) -> str:
    return f"l{DraftLine.objects.get(title=title, is_key_task=True).pk}-{name}"


def test_a_document_becomes_a_draft_that_is_still_there_tomorrow(li: Client) -> None:
    response = send(li)
    assert "Drafted. Correct the lines, then adopt them." in words(response)
    page = words(li.get(reverse("policy_draft")))
    assert page.count('value="修编标准"') == 3  # key task, its short title, and its measure
    assert "方案.txt" in page


def test_a_word_file_is_read_too(li: Client) -> None:
    send(li, word_file("一是修编标准。", "二是组织培训。"), "方案.docx")
    assert OutlineDraft.objects.get().policy_text.encoding == "docx"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        ("请按时参加。".encode(), "No outline was found"),
        (b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (word_file("一")[:60], "damaged or not whole"),
        (word_file("一", **{"word/vbaProject.bin": "x"}), "contains macros"),
        (older_office("EncryptedPackage"), "takes a password"),
        (b"1." * 2_600_000, "larger than 5 MB"),
    ],
)
def test_a_file_that_is_not_to_be_used_is_refused_in_one_line(
    content: bytes, reason: str, li: Client
) -> None:
    before = rows()
    response = send(li, content)
    assert response.status_code == 422
    alert = words(response).split('role="alert">')[1].split("</p>")[0]
    assert reason in alert
    assert rows() == before


def test_without_a_file_it_asks_for_one(li: Client) -> None:
    response = li.post(reverse("policy_draft_new"))
    assert response.status_code == 422
    assert "Choose a file." in words(response)


def test_a_second_document_waits_until_the_draft_is_done_with(li: Client) -> None:
    send(li)
    assert "There is an open draft already." in words(send(li, "1.甲。\n2.乙。".encode()))
    assert OutlineDraft.objects.count() == 1


def test_corrections_are_saved_line_by_line(li: Client) -> None:
    send(li)
    form = draft_as_shown(li) | {field("修编标准", "title"): "修编团体标准", field("修编标准", "code"): "5"}
    assert li.post(reverse("policy_draft"), form).status_code == 302
    line = DraftLine.objects.get(title="修编团体标准")
    assert (line.code, line.kept) == ("5", True)


def test_what_was_not_ticked_is_dropped(li: Client) -> None:
    send(li)
    form = {k: v for k, v in draft_as_shown(li).items() if k != field("组织培训", "kept")}
    li.post(reverse("policy_draft"), form)
    assert not DraftLine.objects.get(title="组织培训", is_key_task=True).kept


def test_a_lead_that_does_not_exist_is_named_and_what_was_typed_stays(li: Client) -> None:
    send(li)
    form = draft_as_shown(li) | {
        field("修编标准", "lead"): "nobody",
        field("组织培训", "title"): "改过的标题",
    }
    response = li.post(reverse("policy_draft"), form)
    assert response.status_code == 422
    assert "There is no such unit." in words(response)
    assert 'value="改过的标题"' in words(response)
    assert not DraftLine.objects.filter(title="改过的标题").exists()


def test_adopting_leads_to_the_outline(li: Client) -> None:
    send(li)
    response = li.post(reverse("policy_draft_adopt"), draft_as_shown(li), follow=True)
    assert response.redirect_chain == [(reverse("outline"), 302)]
    assert "Adopted: 2 key tasks, 2 measures." in words(response)
    assert words(response).count("drafted from 方案.txt") == 4
    assert (KeyTask.objects.count(), Measure.objects.count()) == (2, 2)
    assert PolicyText.objects.get().is_current


def test_faults_stand_at_their_lines_and_nothing_typed_is_lost(li: Client) -> None:
    send(li)
    make_key_task(1, policy=make_policy())
    before = rows()
    form = draft_as_shown(li) | {field("组织培训", "title"): "改过的标题"}
    response = li.post(reverse("policy_draft_adopt"), form)
    assert response.status_code == 422
    page = words(response)
    assert page.count("this number is taken") == 1
    assert 'value="改过的标题"' in page
    assert rows() == before
    again = form | {"seen": response.context["seen"], field("修编标准", "code"): "8"}
    assert li.post(reverse("policy_draft_adopt"), again).status_code == 302


def test_of_two_people_the_second_is_told_and_keeps_what_was_typed(
    li: Client, cast: Cast, log_in: LogIn
) -> None:
    send(li)
    form = draft_as_shown(li)
    title = field("修编标准", "title")
    li.post(reverse("policy_draft"), form)
    response = li.post(reverse("policy_draft"), form | {title: "第二个人的标题"})
    assert response.status_code == 409
    page = words(response)
    assert "Somebody else has corrected this draft meanwhile." in page
    assert 'value="第二个人的标题"' in page
    again = form | {title: "第二个人的标题", "seen": response.context["seen"]}
    assert li.post(reverse("policy_draft"), again).status_code == 302


@pytest.mark.parametrize("verb", ["policy_draft", "policy_draft_adopt", "policy_draft_discard"])
def test_who_comes_after_it_was_discarded_is_told(verb: str, li: Client) -> None:
    send(li)
    form = draft_as_shown(li)
    assert "The draft is discarded." in words(li.post(reverse("policy_draft_discard"), form, follow=True))
    response = li.post(reverse(verb), form)
    assert response.status_code == 409
    assert "Somebody else has adopted or discarded this draft meanwhile." in words(response)


def test_a_page_of_an_older_draft_changes_nothing_of_the_next(li: Client) -> None:
    send(li)
    old = draft_as_shown(li)
    li.post(reverse("policy_draft_discard"), old)
    send(li, "1.甲事办好。\n2.乙事办好。".encode())
    before = rows()
    for verb in ("policy_draft_adopt", "policy_draft_discard"):
        assert li.post(reverse(verb), old).status_code in (409, 422)
    assert rows() == before


def test_the_document_of_the_open_draft_is_read_by_who_edits_the_plan_only(
    li: Client, cast: Cast, log_in: LogIn
) -> None:
    rollup.roll_up_week(plan=make_plan(), week=date(2026, 11, 23), now=moment(date(2026, 11, 25), 15))
    send(li)
    query = f"?text={PolicyText.objects.get().pk}"
    assert "修编标准。" in words(li.get(reverse("policy") + query))
    assert "修编标准。" not in words(log_in(cast.chen).get(reverse("policy") + query))


def test_the_page_costs_the_same_with_many_lines(li: Client, django_assert_num_queries: Any) -> None:
    send(li)
    with django_assert_num_queries(QUERIES):
        li.get(reverse("policy_draft"))
    li.post(reverse("policy_draft_discard"), draft_as_shown(li))
    send(li, "".join(f"{n}.办理第{n}件事。\n" for n in range(1, 60)).encode())
    with django_assert_num_queries(QUERIES):
        li.get(reverse("policy_draft"))
