"""The reference data: complete, consistent, short, and the same however often it is loaded."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

from tasks_tracker.management.commands.load_reference import FIXTURES
from tasks_tracker.models import Actor, Industry, KeyTask, Measure, Policy, Region, RegionGroup

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"
LONGEST_DESCRIPTION = 60  # characters: our own short words, never a passage of the policy
MODELS = (Region, RegionGroup, Actor, Industry, Policy, KeyTask, Measure)
CITIES = {"210200", "330200", "350200", "370200", "440300"}
FORMULA = {"party", "government", "enterprise", "society"}


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one fixture: their fields."""
    return [row["fields"] for row in json.loads((FOLDER / name).read_text("utf-8"))]


def all_texts() -> Iterator[str]:
    for name in FIXTURES:
        for fields in rows(name):
            yield from (value for value in fields.values() if isinstance(value, str))


def contents() -> dict[str, list[dict[str, Any]]]:
    """Every row of every model that the fixtures fill, with its many-to-many sides."""
    groups = RegionGroup.objects.order_by("pk")
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in MODELS} | {
        "members": [{g.code: sorted(g.regions.values_list("code", flat=True))} for g in groups]
    }


@pytest.fixture
def _loaded(db: None) -> None:
    call_command("load_reference", verbosity=0)


def test_every_fixture_is_loaded_and_no_row_has_a_number() -> None:
    assert sorted(FIXTURES) == sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json"))
    for name in FIXTURES:
        assert all("pk" not in row for row in json.loads((FOLDER / name).read_text("utf-8")))


@pytest.mark.usefixtures("_loaded")
def test_loading_again_changes_nothing() -> None:
    before = contents()
    call_command("load_reference", verbosity=0)
    assert contents() == before


@pytest.mark.usefixtures("_loaded")
def test_loading_again_mends_a_changed_row_and_leaves_rows_of_ones_own() -> None:
    Region.objects.filter(code="420000").update(name="改过的名字")
    own = Actor.objects.create(
        code="city-420200", name="黄石", kind="government", level="prefecture", parent=hubei()
    )
    call_command("load_reference", verbosity=0)
    assert Region.objects.get(code="420000").name == "湖北省"
    own.refresh_from_db()
    assert own.path == "miit/region-420000/city-420200/"


@pytest.mark.django_db
def test_the_command_says_how_much_it_loaded() -> None:
    out = StringIO()
    call_command("load_reference", stdout=out)
    assert str(sum(len(rows(name)) for name in FIXTURES)) in out.getvalue()


@pytest.mark.usefixtures("_loaded")
def test_every_row_is_valid_and_named_in_both_languages() -> None:
    for model in MODELS:
        for row in model._default_manager.all():
            row.full_clean()
            assert _english(row), row
            assert not re.search(r"[\u4e00-\u9fff]", _english(row)), row


def _english(row: Model) -> str:
    return str(getattr(row, "name_en", None) or getattr(row, "title_en", ""))


# --- regions ----------------------------------------------------------------------------------------------
def test_37_regions_report() -> None:
    reporting = Counter(region["kind"] for region in rows("reference/regions.json") if region["reports"])
    assert reporting == {"province": 22, "autonomous": 5, "municipality": 4, "city": 5, "xpcc": 1}
    silent = {region["code"] for region in rows("reference/regions.json") if not region["reports"]}
    assert silent == {"000000", "710000", "810000", "820000"}


def test_codes_have_six_digits_and_tiles_do_not_overlap() -> None:
    regions = rows("reference/regions.json")
    assert all(re.fullmatch(r"\d{6}", region["code"]) for region in regions)
    assert len({(region["column"], region["row"]) for region in regions}) == len(regions)
    assert all(region["column"] < 8 and region["row"] < 10 for region in regions)


def test_cities_and_the_corps_lie_in_a_province_and_nothing_else_does() -> None:
    inside = {
        region["code"]: region["parent"] for region in rows("reference/regions.json") if region["parent"]
    }
    assert inside == {code: [f"{code[:2]}0000"] for code in CITIES} | {"660000": ["650000"]}


def test_a_group_that_holds_a_province_holds_its_separately_listed_city() -> None:
    for group in rows("reference/region_groups.json"):
        members = {code for (code,) in group["regions"]}
        assert {city for city in CITIES if f"{city[:2]}0000" in members} <= members, group["code"]


def test_the_four_groups_have_their_members() -> None:
    sizes = {group["code"]: len(group["regions"]) for group in rows("reference/region_groups.json")}
    assert sizes == {
        "jing-jin-ji": 3,
        "yangtze-delta": 5,
        "greater-bay-area": 2,
        "industrial-provinces": 14,
    }


# --- actors -----------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_loaded")
def test_every_reporting_region_has_one_authority_under_the_ministry() -> None:
    authorities = Actor.objects.filter(level=Actor.Level.PROVINCE)
    codes = Region.objects.filter(reports=True).values_list("code", flat=True)
    assert sorted(authorities.values_list("region__code", flat=True)) == sorted(codes)
    assert all(actor.reports and actor.path == f"miit/{actor.code}/" for actor in authorities)


@pytest.mark.usefixtures("_loaded")
def test_the_tree_ends_at_prefecture_level() -> None:
    cities = Actor.objects.filter(level=Actor.Level.PREFECTURE).select_related("parent")
    assert cities
    for city in cities:
        assert city.parent.level == Actor.Level.PROVINCE
        assert city.path == f"{city.parent.path}{city.code}/"
        assert city.region == city.parent.region
        assert not city.children.exists()


def test_actors_are_of_the_four_kinds_and_only_government_reports() -> None:
    actors = rows("reference/actors.json")
    assert {actor["kind"] for actor in actors} == FORMULA
    assert {actor["kind"] for actor in actors if actor["reports"]} == {"government"}
    assert {actor["level"] for actor in actors if actor["reports"]} == {"bureau", "province", "prefecture"}


def hubei() -> Actor:
    return Actor.objects.get(code="region-420000")


# --- the policy -------------------------------------------------------------------------------------------
def test_ten_industries_and_seven_key_tasks() -> None:
    assert len(rows("reference/industries.json")) == 10
    tasks = [fields for fields in rows("policy/key_tasks.json") if "number" in fields]
    assert [task["number"] for task in tasks] == [1, 2, 3, 4, 5, 6, 7]
    assert [task["short"] for task in tasks] == [
        "稳增长",
        "强链条",
        "促创新",
        "优结构",
        "促融合",
        "推绿色",
        "强企业",
    ]


def test_measures_stand_under_the_seven_tasks_and_supporting_ones_apart() -> None:
    measures = rows("policy/measures.json")
    under_tasks = [measure for measure in measures if measure["key_task"]]
    assert 56 <= len(under_tasks) <= 70
    assert {measure["key_task"][1] for measure in under_tasks} == set(range(1, 8))
    supporting = Counter(measure["supporting_area"] for measure in measures if not measure["key_task"])
    assert set(supporting) == set(Measure.SupportingArea.values)


def test_codes_count_up_within_each_task_in_the_order_of_the_list() -> None:
    expected: Counter[str] = Counter()
    for order, measure in enumerate(rows("policy/measures.json"), 1):
        area = measure["code"].split(".")[0]
        expected[area] += 1
        assert measure["code"] == f"{area}.{expected[area]}"
        assert measure["order"] == order
        if measure["key_task"]:
            assert measure["key_task"] == [*measure["policy"], int(area)]


def test_titles_phrases_and_descriptions_are_short() -> None:
    """No fixture may hold a passage of the policy: only titles and locator phrases."""
    for measure in rows("policy/measures.json"):
        assert 0 < len(measure["title"]) <= 40
        assert 0 < len(measure["phrase"]) <= 20
        assert 0 < len(measure["description"]) <= LONGEST_DESCRIPTION
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert max(len(text) for text in all_texts() if chinese.search(text)) <= LONGEST_DESCRIPTION


def test_each_locator_is_its_own() -> None:
    phrases = [(measure["paragraph"], measure["phrase"]) for measure in rows("policy/measures.json")]
    assert len(set(phrases)) == len(phrases)


@pytest.mark.usefixtures("_loaded")
def test_each_measure_suggests_a_lead_that_reports_and_a_weight_from_one_to_five() -> None:
    for measure in Measure.objects.select_related("suggested_lead"):
        assert measure.suggested_lead is not None
        assert measure.suggested_lead.reports
        assert 1 <= measure.weight <= 5


@pytest.mark.usefixtures("_loaded")
def test_every_model_of_the_fixtures_is_looked_at_here() -> None:
    named = {row["model"] for name in FIXTURES for row in json.loads((FOLDER / name).read_text("utf-8"))}
    assert {apps.get_model(label) for label in named} == set(MODELS)
