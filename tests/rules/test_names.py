"""Names as offices write them: what is the same, and what only looks alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.names import Finder, measure_forms, region_forms, unit_forms

UNITS = (
    "工业和信息化部",
    "规划司",
    "湖北省经济和信息化厅",
    "江苏省工业和信息化厅",
    "新疆维吾尔自治区工业和信息化厅",
    "新疆生产建设兵团工业和信息化局",
)
REGIONS = ("湖北省", "内蒙古自治区", "新疆维吾尔自治区", "新疆生产建设兵团", "国家层面（部委直接牵头）")
MEASURES = {"1.1": ["编制图谱"], "1.11": ["组织诊断"], "11.1": ["开展评估"]}


def finder(known: object, forms: object, **options: object) -> Finder:
    return Finder(known, means=forms, label=str, **options)  # type: ignore[arg-type]


def same(names: tuple[str, ...]) -> dict[str, list[str]]:
    return {name: [name] for name in names}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("湖北省经信厅", UNITS[2]),
        ("湖北省经济和信息化委员会", UNITS[2]),
        ("湖北经信委", UNITS[2]),
        ("江苏省经信厅", UNITS[3]),
        ("新疆工信厅", UNITS[4]),
        ("新疆生产建设兵团工信局", UNITS[5]),
        ("工信部", UNITS[0]),
        ("工信部规划司", UNITS[1]),
        ("规划司（牵头）", UNITS[1]),
        ("规 划 司", UNITS[1]),
    ],
)
def test_a_unit_by_another_name(said: str, meant: str) -> None:
    answer = finder(same(UNITS), unit_forms).find(said)
    assert (answer.rows, answer.understood) == ((meant,), True)


@pytest.mark.parametrize("said", ["湖北省发展改革委", "湖北", "各省工业和信息化主管部门", "司", ""])
def test_what_only_looks_alike_is_never_taken(said: str) -> None:
    assert finder(same(UNITS), unit_forms).find(said).rows == ()


def test_what_looks_alike_is_offered() -> None:
    assert UNITS[2] in finder(same(UNITS), unit_forms).find("湖北").offered
    known = {f"{code} {title}": [f"{code} {title}"] for code, [title] in MEASURES.items()}
    assert finder(known, measure_forms).find("编制产业图谱").offered[0] == "1.1 编制图谱"


@pytest.mark.parametrize(
    ("said", "meant"), [("湖北", 0), ("内蒙古", 1), ("新疆", 2), ("国家层面", 4), ("全国", 4)]
)
def test_a_region_by_another_name(said: str, meant: int) -> None:
    assert finder(same(REGIONS), region_forms).find(said).rows == (REGIONS[meant],)


def test_codes_of_measures_are_never_mixed_up() -> None:
    found = finder({code: [code] for code in MEASURES}, measure_forms)
    assert found.find("1.11").rows == ("1.11",)
    assert found.find("11.1").rows == ("11.1",)
    assert found.find("111").rows == ()
    assert found.find("１.1").rows == ("1.1",)


def test_what_was_settled_holds_and_several_are_none() -> None:
    found = finder(same(UNITS), unit_forms, aliases={"我厅": UNITS[2]})
    assert found.find("我厅").rows == (UNITS[2],)
    twice = finder({"规划司": ["a", "b"]}, unit_forms)
    assert len(twice.find("规划司").rows) == 2


@given(st.text(max_size=30))
def test_any_text_has_an_answer(text: str) -> None:
    found = finder(same(UNITS), unit_forms)
    assert len(found.find(text).rows) in (0, 1)
