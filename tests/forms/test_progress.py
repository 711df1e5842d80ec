"""What people type in a report, and how it is read."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from tasks_tracker.actions.progress import EntryRefused
from tasks_tracker.forms.progress import (
    CONFLICTS,
    REFUSALS,
    PercentField,
    ReportEntry,
    refusal_text,
    written_percent,
)
from tests.factories import make_actor, make_item, make_problem, make_report

UNITS = [("planning", "规划司")]


def typed(**fields: str) -> QueryDict:
    """A POST of the form with nothing but these fields filled."""
    data = QueryDict(mutable=True)
    data.update(
        {"problems-TOTAL_FORMS": "5", "problems-INITIAL_FORMS": "0", "percent": "63", "progress_note": "好"}
    )
    data.update(fields)
    return data


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [
        ("63", 6_300),
        ("62.5", 6_250),
        ("62.25", 6_225),
        ("0", 0),
        ("100", 10_000),
        ("100.00", 10_000),
        ("62.500", 6_250),
        ("７３．５", 7_350),
        ("73％", 7_300),
        (" 7 ", 700),
        ("062", 6_200),
        ("5.", 500),
    ],
)
def test_a_percent_is_read_as_people_type_it(text: str, hundredths: int) -> None:
    assert PercentField().clean(text) == hundredths


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1e2",
        "--5",
        "6 3 %%",
        "١٢",
        "½",
        ".",
        "-1",
        "100.01",
        "101",
        "999999",
        "1234567",
        "62.255",
        "NaN",
    ],
)
def test_what_is_no_percent_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        PercentField().clean(text)


def test_an_empty_percent_is_unknown_and_not_zero() -> None:
    assert PercentField(required=False).clean("") is None


@pytest.mark.parametrize("percent", [0, 1, 10, 100, 5_005, 6_250, 9_999, 10_000])
def test_a_percent_is_written_as_it_would_be_typed(percent: int) -> None:
    assert PercentField().clean(written_percent(percent)) == percent


def test_every_refusal_has_its_words_and_conflicts_are_among_them() -> None:
    codes = EntryRefused.__doc__.split("Codes:")[1].replace(". Of evidence:", ",")  # type: ignore[union-attr]
    assert set(re.findall(r"\w+", codes)) == set(REFUSALS)
    assert set(REFUSALS) >= CONFLICTS
    assert all(refusal_text(EntryRefused(code)) for code in REFUSALS)


def test_blank_problem_forms_are_no_problems(db: None) -> None:
    entry = ReportEntry(typed(), units=UNITS)
    assert entry.is_valid
    assert entry.entry().problems == []


def test_a_problem_names_its_kind_what_is_needed_and_from_whom(db: None) -> None:
    planning = make_actor("planning")
    fields = {"kind": "funds", "description": "资金未到位", "needed": "拨付", "needed_from": "planning"}
    entry = ReportEntry(typed(**{f"problems-0-{k}": v for k, v in fields.items()}), units=UNITS)
    assert entry.is_valid
    [problem] = entry.entry().problems
    assert (problem.kind, problem.description, problem.needed) == ("funds", "资金未到位", "拨付")
    assert problem.needed_from == planning


def test_a_problem_without_words_is_refused(db: None) -> None:
    entry = ReportEntry(typed(**{"problems-2-kind": "funds"}), units=UNITS)
    assert not entry.is_valid
    assert entry.problems.forms[2].errors["description"]


def test_a_solved_problem_is_left_out_even_when_half_emptied(db: None) -> None:
    entry = ReportEntry(typed(**{"problems-0-kind": "funds", "problems-0-DELETE": "on"}), units=UNITS)
    assert entry.is_valid
    assert entry.entry().problems == []


def test_last_weeks_problems_stand_in_the_form(db: None) -> None:
    item = make_item()
    last = make_report(item)
    make_problem(last, needed_from=make_actor("prefecture", name="地市局"))
    entry = ReportEntry(units=UNITS, problems_of=last, percent=6_250)
    assert [form.initial["description"] for form in entry.problems.filled_forms] == ["配套资金尚未到位。"]
    assert len(entry.problems.blank_forms) == 4
    assert ("prefecture", "地市局") in entry.problems.forms[0].fields["needed_from"].choices
    assert entry.form["percent"].value() == "62.5"
    assert entry.percent == 6_250


def test_line_breaks_count_once(db: None) -> None:
    entry = ReportEntry(typed(progress_note="一\r\n二"), units=UNITS)
    assert entry.is_valid
    assert entry.entry().progress_note == "一\n二"


def test_a_report_lacks_nothing_but_a_draft_may(db: None) -> None:
    blank = typed(percent="", progress_note="")
    assert ReportEntry(blank, units=UNITS, is_complete=False).is_valid
    complete = ReportEntry(blank, units=UNITS)
    assert not complete.is_valid
    assert set(complete.form.errors) == {"percent", "progress_note"}


def test_a_refusal_stands_beside_its_field(db: None) -> None:
    entry = ReportEntry(typed(), units=UNITS)
    assert entry.is_valid
    entry.refuse(EntryRefused("decrease_needs_reason", "decrease_reason"))
    entry.refuse(EntryRefused("problem_missing", "problems"))
    assert entry.form.errors["decrease_reason"] == [refusal_text(EntryRefused("decrease_needs_reason"))]
    assert list(entry.problems.non_form_errors()) == [refusal_text(EntryRefused("problem_missing"))]
