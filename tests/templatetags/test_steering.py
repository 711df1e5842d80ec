"""Links that lead on keep the query parameters of the page they stand on."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override
from django_tables2.config import RequestConfig

WEEKS = [date(2026, 11, 16), date(2026, 11, 9), date(2026, 11, 2)]


def render(source: str, query: str = "", **context: Any) -> str:
    request = RequestFactory().get("/items/" + query)
    with override("en"):
        return Template("{% load components django_tables2 %}" + source).render(
            Context({"request": request, **context})
        )


def test_the_week_bar_leads_to_both_neighbours_and_keeps_the_filter() -> None:
    html = render(
        "{% week_bar week weeks 'frozen' %}", "?week=2026-W46&task=5&page=3", week=WEEKS[1], weeks=WEEKS
    )
    assert 'href="?week=2026-W45&amp;task=5"' in html
    assert 'href="?week=2026-W47&amp;task=5"' in html
    assert '<input type="hidden" name="task" value="5">' in html
    assert '<option value="2026-W46" selected>' in html
    assert "Frozen" in html
    assert "page=3" not in html


def test_the_week_bar_says_where_it_ends() -> None:
    html = render("{% week_bar week weeks %}", week=WEEKS[0], weeks=WEEKS)
    assert "This is the latest week" in html
    assert 'data-key="]"' not in html


def test_a_value_in_the_address_is_escaped() -> None:
    html = render("{% week_bar week weeks %}", '?q="><script>x</script>', week=WEEKS[1], weeks=WEEKS)
    assert "<script>" not in html


def test_a_choice_is_a_link_and_the_chosen_one_is_marked() -> None:
    html = render(
        "{% seg 'metric' options 'rate' 'Show' %}",
        "?week=2026-W47&metric=rate",
        options=[("rate", "Rate"), ("gap", "Gap")],
    )
    assert '<a href="?week=2026-W47&amp;metric=gap">Gap</a>' in html
    assert 'aria-current="true">Rate</a>' in html


def test_the_pager_says_which_rows_and_keeps_the_size() -> None:
    page = Paginator(range(431), 50).page(3)
    html = render("{% pager page %}", "?q=x&per_page=50&page=3", page=page)
    assert "rows 101–150 of 431" in html
    assert 'href="?q=x&amp;per_page=50&amp;page=4" rel="next"' in html
    assert '<span class="is-current" aria-current="page">3</span>' in html
    assert 'href="?q=x&amp;per_page=100"' in html


def test_one_page_needs_no_page_links() -> None:
    assert "pager-pages" not in render("{% pager page %}", page=Paginator(range(3), 25).page(1))


class Cast(tables.Table):
    row_header = "name"
    name = tables.Column()
    points = tables.Column()


def test_a_list_says_how_it_is_sorted_and_heads_its_rows() -> None:
    request = RequestFactory().get("/items/?sort=-points&page=1&q=a")
    table = Cast([{"name": f"<b>{n}</b>", "points": n} for n in range(60)])
    RequestConfig(request, paginate={"per_page": 25}).configure(table)
    with override("en"):
        html = table.as_html(request)
    assert 'aria-sort="descending"' in html
    assert html.count("aria-sort") == 1
    assert "sort=points" in html
    assert "q=a" in html
    assert '<th scope="row" ' in html
    assert "&lt;b&gt;59&lt;/b&gt;" in html
    assert 'data-label="Points"' in html
    assert "rows 1–25 of 60" in html


def test_an_empty_list_says_so() -> None:
    request = RequestFactory().get("/items/")
    table = Cast([])
    RequestConfig(request).configure(table)
    with override("en"):
        assert "Nothing matches these conditions." in table.as_html(request)


class Diary(forms.Form):
    note = forms.CharField(max_length=20, help_text="One sentence.")
    done = forms.BooleanField(required=False)


def test_a_field_ties_help_and_errors_to_its_control() -> None:
    html = render("{% errors form %}{% field form.note %}", form=Diary({"note": ""}))
    assert 'aria-describedby="id_note_helptext id_note_error"' in html
    assert 'id="id_note_helptext"' in html
    assert 'id="id_note_error"' in html
    assert '<label class="field-label" for="id_note">' in html
    assert 'href="#id_note"' in html
    assert 'data-count-for="id_note"' in html
    assert 'role="alert"' in html


def test_a_form_without_faults_has_no_summary_and_a_box_is_not_called_optional() -> None:
    html = render("{% errors form %}{% field form.done %}", form=Diary())
    assert "alert" not in html
    assert "is-check" in html
    assert "optional" not in html
