"""Loading a policy text: kept whole, located, audited, and the same twice changes nothing."""

from datetime import date
from pathlib import Path

import pytest

from tasks_tracker.actions.policy_text import ForeignText, LoadResult, load_policy_text
from tasks_tracker.models import AuditEntry, Paragraph, Policy, PolicyText, Role
from tasks_tracker.rules.outline import UnreadableText
from tests.factories import make_measure, make_policy, make_user, moment
from tests.factories.files import word_file

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "policy-sample.txt"
NOW = moment(date(2026, 11, 17))

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> Policy:
    make_measure("1.1", paragraph=6, phrase="“换芯换脑”改造行动")
    make_measure("2.1", paragraph=7, phrase="产业链地图")
    make_measure("3.1", paragraph=8, phrase="绿色工厂星级评定")
    make_measure("S1.1", paragraph=10, phrase="每周调度一次")
    return make_policy()


def load(policy: Policy, content: bytes | None = None, **fields: object) -> LoadResult:
    given = {
        "content": SAMPLE.read_bytes() if content is None else content,
        "file_name": SAMPLE.name,
        "by": None,
    }
    return load_policy_text(policy=policy, now=NOW, **{**given, **fields})  # type: ignore[arg-type]


def test_the_paragraphs_are_stored_numbered_from_one(policy: Policy) -> None:
    text = load(policy).text
    numbers = list(text.paragraphs.values_list("number", flat=True))
    assert numbers == list(range(1, 11))
    assert text.paragraphs.get(number=5).text == "二、三件实事怎么办"


def test_every_measure_is_located(policy: Policy) -> None:
    outline = load(policy).outline
    assert [place.locator.code for place in outline.located] == ["1.1", "2.1", "3.1", "S1.1"]
    assert outline.missing == outline.moved == ()


def test_it_is_recorded_who_loaded_which_file_when(policy: Policy) -> None:
    boss = make_user(Role.SUPERVISOR)
    text = load(policy, by=boss, file_name="原文.txt").text
    assert (text.loaded_by, text.file_name, text.encoding, text.loaded_at) == (boss, "原文.txt", "utf-8", NOW)
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.action, entry.object_id) == (boss, "policy_text_loaded", str(text.pk))
    assert entry.before == {}
    assert entry.after == {"sha256": text.sha256, "file_name": "原文.txt", "paragraphs": 10}


def test_the_same_file_twice_changes_nothing(policy: Policy) -> None:
    first, second = load(policy), load(policy)
    assert (first.changed, second.changed) == (True, False)
    assert second.text == first.text
    assert second.outline == first.outline
    assert (PolicyText.objects.count(), Paragraph.objects.count(), AuditEntry.objects.count()) == (1, 10, 1)


def test_a_new_text_becomes_current_and_the_old_one_is_kept(policy: Policy) -> None:
    old = load(policy).text
    new = load(policy, "编者按。\n".encode() + SAMPLE.read_bytes())
    assert PolicyText.objects.get(is_current=True) == new.text
    assert old.paragraphs.count() == 10
    assert [place.paragraph for place in new.outline.moved] == [7, 8, 9, 11]
    assert AuditEntry.objects.first().before["sha256"] == old.sha256  # type: ignore[union-attr]


def test_an_earlier_text_becomes_current_again_without_a_second_copy(policy: Policy) -> None:
    first = load(policy).text
    load(policy, "编者按。\n".encode() + SAMPLE.read_bytes())
    again = load(policy)
    assert again.changed
    assert again.text == first
    assert list(PolicyText.objects.filter(is_current=True)) == [first]
    assert PolicyText.objects.count() == 2


def test_gbk_gives_the_same_paragraphs(policy: Policy) -> None:
    load(policy)
    utf8 = list(Paragraph.objects.values_list("number", "text"))
    text = load(policy, SAMPLE.read_text("utf-8").encode("gbk")).text
    assert text.encoding == "gb18030"
    assert list(text.paragraphs.values_list("number", "text")) == utf8


def test_a_text_that_lacks_a_measure_is_loaded_and_says_so(policy: Policy) -> None:
    make_measure("3.2", paragraph=8, phrase="并不在文中的话")
    result = load(policy)
    assert [locator.code for locator in result.outline.missing] == ["3.2"]
    assert result.text.is_current


def test_only_the_measures_of_the_policy_are_looked_for(policy: Policy) -> None:
    make_measure("S1.1", policy=make_policy("another"), paragraph=1, phrase="并不在文中的话")
    assert load(policy).outline.missing == ()


@pytest.mark.parametrize("content", [b"", b"\0\1", b"\xff\xff"])
def test_what_is_no_text_writes_nothing_and_leaves_the_current_text(policy: Policy, content: bytes) -> None:
    current = load(policy).text
    with pytest.raises(UnreadableText):
        load(policy, content)
    assert list(PolicyText.objects.filter(is_current=True)) == [current]
    assert AuditEntry.objects.count() == 1


def test_each_policy_has_its_own_current_text(policy: Policy) -> None:
    other = make_policy("another")
    make_measure("S1.1", policy=other, paragraph=10, phrase="每周调度一次")
    load(policy)
    load(other)
    assert PolicyText.objects.filter(is_current=True).count() == 2


def test_the_text_of_something_else_writes_nothing_and_leaves_the_current_text(policy: Policy) -> None:
    text = load(policy).text
    with pytest.raises(ForeignText):
        load(policy, "会议通知\n请各单位按时参加。".encode())
    assert list(PolicyText.objects.filter(is_current=True)) == [text]
    assert PolicyText.objects.count() == 1


def test_where_no_measure_is_known_a_text_takes_the_place_of_none(policy: Policy) -> None:
    empty = make_policy("another")
    with pytest.raises(ForeignText):
        load(empty)
    text = load(policy).text
    policy.measures.all().delete()
    with pytest.raises(ForeignText):
        load(policy, "会议通知\n请各单位按时参加。".encode())
    assert list(PolicyText.objects.filter(is_current=True)) == [text]


def test_a_word_file_is_a_text_too(policy: Policy) -> None:
    result = load(policy, word_file(*SAMPLE.read_text("utf-8").split("\n")))
    assert (result.text.encoding, len(result.outline.located), result.outline.moved) == ("docx", 4, ())


def test_measures_of_a_text_beside_are_not_looked_for_in_the_policys_own(policy: Policy) -> None:
    beside = load(policy, "绿色工厂星级评定\n".encode()).text
    load(policy)
    PolicyText.objects.filter(pk=beside.pk).update(is_beside=True)
    make_measure("9.1", paragraph=1, phrase="只在别处的话", drafted_from=beside)
    assert load(policy).outline.missing == ()
    again = load(policy, "绿色工厂星级评定\n".encode())  # now it is the policy's own
    assert (again.text.is_current, again.text.is_beside) == (True, False)
    assert [locator.code for locator in again.outline.missing] == ["1.1", "2.1", "9.1", "S1.1"]
