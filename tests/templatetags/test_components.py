"""Components say in words what they draw, escape what they are given, and never invent a number."""

from datetime import date
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.translation import override

from tasks_tracker.models.plan import Light
from tasks_tracker.templatetags.shapes import (
    Entry,
    HeatCell,
    HeatColumn,
    HeatRow,
    Mark,
    Reply,
    Tile,
    Twin,
)

EVIL = '<script>alert("x")</script>'


def render(source: str, **context: Any) -> str:
    with override("en"):
        return Template("{% load components %}" + source).render(Context(context))


@pytest.mark.parametrize("code", Light.values)
def test_a_light_is_a_word_and_a_shape_of_its_own(code: str) -> None:
    html = render("{% light code True %}", code=code)
    assert f"#light-{code}" in html
    with override("en"):
        assert str(Light(code).label) in html
    assert 'aria-hidden="true"' in html
    assert f'<symbol id="light-{code}"' in render('{% include "components/sprite.html" %}')


def test_the_reason_of_a_light_is_escaped() -> None:
    assert "<script>" not in render("{% light 'behind' False reason %}", reason=EVIL)


@pytest.mark.parametrize(
    ("tag", "tone", "text"),
    [
        ("{% delta 75 %}", "good", "+0.8"),
        ("{% delta -220 %}", "bad", "\N{MINUS SIGN}2.2"),
        ('{% delta 3 "down" "count" %}', "bad", "+3"),
        ('{% delta -5 "down" "count" %}', "good", "\N{MINUS SIGN}5"),
        ('{% delta -12 "none" "count" %}', "flat", "\N{MINUS SIGN}12"),
        ("{% delta 0 %}", "flat", "no change"),
        ("{% delta 4 %}", "flat", "no change"),
        ("{% delta 0 zero_in_words=False %}", "flat", "0.0"),
        ("{% delta 4 digits=2 zero_in_words=False %}", "good", "+0.04"),
        ("{% delta nothing %}", "flat", "no data"),
    ],
)
def test_a_change_has_a_sign_and_a_tone(tag: str, tone: str, text: str) -> None:
    assert render(tag, nothing=None) == f'<span class="delta {tone}">{text}</span>'


def test_a_number_leads_to_its_list() -> None:
    html = render("{% num 12345 url %}", url="/items/?a=1&b=2")
    assert html == '<a class="num" href="/items/?a=1&amp;b=2">12,345</a>'
    assert render("{% num 7 %}") == '<span class="num">7</span>'


def test_a_bullet_says_progress_plan_last_week_and_range() -> None:
    html = render("{% bullet 6910 7130 6830 lower=6310 upper=7250 label='All' %}")
    said = "All, progress 69.1%, planned 71.3%, last week 68.3%, range 63.1% to 72.5%"
    assert f'role="img" aria-label="{said}"' in html
    for mark in (
        'bullet-actual" style="width:69.10%"',
        'bullet-plan" style="left:71.30%"',
        'bullet-gap" style="left:69.10%;width:2.20%"',
        'bullet-range" style="left:63.10%;width:9.40%"',
    ):
        assert mark in html


def test_a_bullet_ahead_of_plan_has_no_gap_and_certainty_has_no_range() -> None:
    html = render("{% bullet 8000 7000 lower=8000 upper=8000 %}")
    assert "bullet-gap" not in html
    assert "bullet-range" not in html
    assert "range" not in html


def test_a_bullet_without_data_draws_no_bar() -> None:
    html = render("{% bullet nothing 7000 6000 %}", nothing=None)
    assert "progress no data, planned 70.0%" in html
    assert "bullet-actual" not in html
    assert "bullet-previous" not in html


def test_a_dumbbell_places_its_dot_on_the_zoomed_axis() -> None:
    html = render("{% dumbbell 6500 7500 low=6000 high=8000 %}")
    assert 'dumbbell-actual" style="left:25.00%"' in html
    assert 'dumbbell-line is-behind" style="left:25.00%;width:50.00%"' in html
    axis = render("{% dumbbell_axis 6000 8000 %}")
    assert "60</i>" in axis
    assert "80%</i>" in axis


def test_a_stack_links_every_segment_to_its_list_in_the_fixed_order() -> None:
    html = render("{% stack counts '/items/?task=5' %}", counts={"overdue": 2, "done": 30, "behind": 0})
    assert html.index("sg-done") < html.index("sg-overdue")
    assert 'href="/items/?task=5&amp;light=overdue"' in html
    assert 'aria-label="Overdue: 2 items"' in html
    assert "sg-behind" not in html


def test_a_stack_of_nothing_says_so() -> None:
    assert "no items" in render("{% stack counts %}", counts={})


def test_the_strip_shares_leave_out_what_is_suspended() -> None:
    html = render(
        "{% light_strip counts previous history '/items/' %}",
        counts={"done": 3, "on_track": 1, "suspended": 5},
        previous={"done": 1},
        history={"done": [1, 2, 3]},
    )
    assert "75.0%" in html
    assert "25.0%" in html
    assert html.count("light-count-n") == len(Light.values)
    assert '<span class="delta good">+2</span>' in html
    assert html.count("<polyline") == 1
    strip_without = render("{% light_strip counts %}", counts={"done": 1})
    assert "Suspended" not in strip_without
    assert "since last week" not in strip_without


def test_a_spark_line_keeps_its_gaps_and_has_no_end_without_data() -> None:
    html = render("{% spark values 'Trend' %}", values=[100, 200, None, 300, 400, None])
    assert html.count("<polyline") == 2
    assert "<circle" not in html
    assert 'role="img" aria-label="Trend"' in html
    assert "<polyline" not in render("{% spark values %}", values=[])


def test_tiles_that_do_not_report_or_are_unknown_look_and_say_so() -> None:
    tiles = [
        Tile(name="T", column=0, row=0, reports=False),
        Tile(name="U", column=1, row=0, url="/regions/1/"),
        Tile(
            name=EVIL,
            column=2,
            row=0,
            text="−4.6",
            band="d4",
            url="/r/",
            overdue=3,
            kind="city",
            current=True,
        ),
    ]
    html = render("{% tilemap tiles 'Regions' %}", tiles=tiles)
    assert "is-out" in html
    assert "does not report" in html
    assert "is-unknown" in html
    assert "no data" in html
    assert 'class="tile band-d4 is-city"' in html
    assert 'aria-current="true"' in html
    assert "overdue </span>3" in html
    assert "<script>" not in html


def test_the_key_of_the_bands_names_all_five() -> None:
    html = render("{% band_key %}")
    minus = "\N{MINUS SIGN}"
    for band, text in [
        ("d4", f"below {minus}4.5"),
        ("d3", f"{minus}4.5 to {minus}3"),
        ("d1", f"{minus}1.5 to 0"),
        ("d0", "on plan or ahead"),
    ]:
        assert f'<li class="band-{band}">{text}</li>' in html


def test_a_heatmap_is_a_table_whose_signs_have_words() -> None:
    columns = [HeatColumn(label="A"), HeatColumn(label="B", strong=True)]
    cells = [HeatCell(text="−7", band="d2", url="/x/", overdue=2), HeatCell(kind="done")]
    rows = [HeatRow(label="5.1", cells=cells), HeatRow(label="5.2", cells=[HeatCell(kind="none")] * 2)]
    html = render("{% heatmap columns rows 'Measure' 'Grid' %}", columns=columns, rows=rows)
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 2
    for words in ("all done", "not applicable", "overdue 2", "band-d2", "has-overdue"):
        assert words in html


def test_a_heatmap_refuses_rows_of_another_length() -> None:
    row = HeatRow(label="x", cells=[HeatCell(), HeatCell()])
    with pytest.raises(ValueError, match="zip"):
        render("{% heatmap columns rows %}", columns=[HeatColumn(label="A")], rows=[row])


def test_history_shows_what_was_decided_and_escapes_what_was_written() -> None:
    entry = Entry(
        heading="Week 47",
        tone="returned",
        status="Returned",
        value="62.0%",
        change=-50,
        facts=(("Progress", EVIL),),
        reply=Reply(text=EVIL, who="He", tone="returned"),
    )
    html = render("{% history entries %}", entries=[entry])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\N{MINUS SIGN}0.5" in html
    assert "reply is-returned" in html


def test_milestones_say_their_state_in_words() -> None:
    marks = [Mark(name="M", due=date(2026, 9, 30), tone="missed", percent=5000)]
    html = render("{% milestone_list marks %}", marks=marks)
    assert "missed" in html
    assert 'datetime="2026-09-30"' in html
    assert "50%" in html


def test_a_chart_travels_as_json_with_a_label_and_a_table() -> None:
    figure = {"data": [{"name": "</script><script>alert(1)"}], "layout": {}}
    table = Twin(head=("Week", "Actual"), rows=[("W1", "1.0")], caption="Curve")
    html = render("{% chart 'curve' figure 'Progress' 240 table %}", figure=figure, table=table)
    assert '<script id="curve-data" type="application/json">' in html
    assert "</script><script>" not in html
    assert 'role="img" aria-label="Progress"' in html
    assert '<th scope="row">W1</th>' in html
    assert "<details" in html


def test_why_opens_beside_the_figure_and_links_on() -> None:
    html = render("{% why url='/numbers/' %}<p>{{ text }}</p>{% endwhy %}", text=EVIL)
    assert "<details" in html
    assert "<script>" not in html
    assert 'href="/numbers/"' in html


def test_a_why_without_content_is_a_link_that_says_what_it_is_about() -> None:
    html = render("{% why url='/why/' about=text %}{% endwhy %}", text=EVIL)
    assert "<details" not in html
    assert 'href="/why/" data-why aria-label=' in html
    assert "<script>" not in html
    assert "aria-label" not in render("{% why url='/why/' %}{% endwhy %}")


@pytest.mark.parametrize("kind", ["empty", "error", "frozen", "forbidden", "done"])
def test_a_state_has_a_title_and_a_way_on(kind: str) -> None:
    html = render("{% state kind 'Nothing' text '/all/' 'All' %}", kind=kind, text=EVIL)
    assert f"is-{kind}" in html
    assert '<a href="/all/">All</a>' in html
    assert "<script>" not in html
    assert ('role="alert"' in html) == (kind == "error")


def test_without_a_request_the_menu_is_still_drawn() -> None:
    assert render("{% nav_links %}").strip() == ""
