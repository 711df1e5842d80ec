"""What counts as copied from last week."""

import pytest

from tasks_tracker.rules.texts import is_copied

BEFORE = (
    "已完成方案编制，正在组织实施；累计完成 437 家企业诊断，"
    "涉及 12 个地市，其余正在推进之中，进展总体顺利，无重大风险。"
)


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        (BEFORE, True),
        (f" {BEFORE.replace('；', '。')} ", True),  # other punctuation, same words
        (BEFORE.replace("总体", "整体"), True),  # one word of many
        (BEFORE.replace("437", "452"), False),  # a new number is news
        ("本周召开推进会，明确责任分工。", False),
        ("", False),
    ],
)
def test_a_text_is_copied_when_words_and_numbers_are_those_of_last_week(text: str, copied: bool) -> None:
    assert is_copied(text, BEFORE) is copied


def test_where_nothing_was_said_before_nothing_is_copied() -> None:
    assert not is_copied("本周召开推进会。", "")
