"""`manage.py load_policy FILE`: what it prints, and how it says no."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tasks_tracker.models import KeyTask, Policy, PolicyText
from tests.factories import make_key_task, make_measure, make_policy
from tests.factories.files import older_office, word_file

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "policy-sample.txt"

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> Policy:
    policy = make_policy("nip-2024")
    task = make_key_task(1, policy=policy)
    make_measure("1.1", policy=policy, key_task=task, paragraph=6, phrase="技改贴息券")
    make_measure("S1.1", policy=policy, paragraph=10, phrase="逐条销号")
    return policy


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def load(file: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("load_policy", str(file), *options, stdout=out)
    return out.getvalue().splitlines()


def refusal(file: Path, *options: str) -> str:
    """The one line with which the command refuses."""
    with pytest.raises(CommandError) as error:
        load(file, *options)
    message = str(error.value)
    assert "\n" not in message
    assert error.value.returncode == 1
    return message


def test_it_prints_how_many_measures_were_located(policy: Policy) -> None:
    assert load(SAMPLE) == ["located 2 of 2"]
    assert PolicyText.objects.get().paragraphs.count() == 10


def test_the_first_line_is_the_same_in_chinese(policy: Policy) -> None:
    with translation.override("zh-hans"):
        assert load(SAMPLE)[0] == "located 2 of 2"


def test_loading_again_says_that_nothing_changed(policy: Policy) -> None:
    load(SAMPLE)
    assert load(SAMPLE)[1:] == ["This text is already the current one; nothing was changed."]


def test_it_names_what_has_moved(policy: Policy, tmp_path: Path) -> None:
    shifted = tmp_path / "shifted.txt"
    shifted.write_text("编者按\n" + SAMPLE.read_text("utf-8"), "utf-8")
    assert load(shifted)[1:] == [
        "moved: 1.1 Measure 1.1, paragraph 6 → 7",
        "moved: S1.1 Measure S1.1, paragraph 10 → 11",
    ]


def test_it_names_what_cannot_be_located_fails_and_loads_all_the_same(policy: Policy) -> None:
    make_measure(
        "1.2", key_task=KeyTask.objects.get(), policy=policy, title_en="Lost measure", phrase="并不在文中的话"
    )
    out = StringIO()
    with pytest.raises(CommandError, match=r"cannot be located in it: 1\.") as error:
        call_command("load_policy", str(SAMPLE), stdout=out)
    assert error.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "located 2 of 3",
        "not located: 1.2 Lost measure (并不在文中的话)",
    ]
    assert PolicyText.objects.get().is_current


def test_gbk_is_accepted(policy: Policy, tmp_path: Path) -> None:
    gbk = tmp_path / "gbk.txt"
    gbk.write_bytes(SAMPLE.read_text("utf-8").encode("gbk"))
    assert load(gbk) == ["located 2 of 2"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n \n", "it is empty"),
        (b"%PDF-1.7\0\xff", "it is not a text file"),
        (b"\xff\xfe\xfd", "it is neither UTF-8 nor GB18030 text"),
        (b"a" * 5_000_001, "it is larger than 5 MB"),
    ],
)
def test_what_is_no_text_is_refused(policy: Policy, tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert refusal(file) == f"The file {file} was not loaded: {reason}."
    assert not PolicyText.objects.exists()


def test_the_text_of_something_else_is_refused(policy: Policy, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("会议通知\n请各单位按时参加。", encoding="gbk")
    with pytest.raises(CommandError, match="none of the policy's measures stands in it"):
        load(other)


def test_a_missing_file_and_a_folder_are_refused(policy: Policy, tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.txt") == f"There is no file {tmp_path / 'none.txt'}."
    assert refusal(tmp_path) == f"The file {tmp_path} cannot be read: Is a directory."


def test_an_unknown_policy_is_refused_with_the_known_ones(policy: Policy) -> None:
    assert refusal(SAMPLE, "--policy", "nowhere") == (
        "There is no policy nowhere. Known: nip-2024. load_reference loads the outline."
    )


def test_without_any_policy_it_says_what_to_run() -> None:
    assert "Known: none. load_reference loads the outline." in refusal(SAMPLE)


def test_without_measures_nothing_is_loaded_and_the_current_text_stays(policy: Policy) -> None:
    load(SAMPLE)
    policy.measures.all().delete()
    assert "none of the policy's measures stands in it" in refusal(SAMPLE)
    make_policy("other")
    assert "none of the policy's measures stands in it" in refusal(SAMPLE, "--policy", "other")
    assert PolicyText.objects.get().is_current


def test_a_word_file_is_loaded_too(policy: Policy, tmp_path: Path) -> None:
    file = tmp_path / "policy.docx"
    file.write_bytes(word_file(*SAMPLE.read_text("utf-8").splitlines()))
    assert load(file) == ["located 2 of 2"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (word_file("一")[:50], "it is damaged or not whole"),
        (word_file("一", **{"word/vbaProject.bin": "x"}), "it contains macros"),
        (older_office("EncryptedPackage"), "it takes a password"),
        (older_office("WordDocument"), "save it in Word as .docx first"),
    ],
)
def test_a_word_file_that_cannot_be_read_is_refused_in_one_line(
    policy: Policy, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert refusal(file) == refusal(file, "--draft") == f"The file {file} was not loaded: {reason}."


def test_an_outline_is_drafted_and_the_current_text_stays(policy: Policy, tmp_path: Path) -> None:
    load(SAMPLE)
    assert load(SAMPLE, "--draft") == [
        "drafted 3 key tasks, 8 measures, 1 supporting measures",
        "A supervisor corrects and adopts the draft on the page “Draft from a document”.",
    ]
    assert PolicyText.objects.get().is_current
    assert policy.measures.count() == 2
    assert refusal(SAMPLE, "--draft") == "There is an open draft already. Adopt it or discard it first."


def test_what_has_no_outline_is_not_drafted(policy: Policy, tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("请按时参加。", "utf-8")
    assert refusal(file, "--draft").startswith("No outline was found in it")


def test_another_policy_can_be_named() -> None:
    make_measure("S1.1", policy=make_policy("other"), paragraph=9, phrase="谁来办")
    assert load(SAMPLE, "--policy", "other") == ["located 1 of 1"]
