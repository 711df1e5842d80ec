"""Where a page leads: other weeks, other views, other pages. Links keep the query parameters of this page."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.template import Context as TemplateContext

from tasks_tracker.templatetags import formats

Context = dict[str, Any]

PAGE_SIZES = (25, 50, 100)


def _kept(context: TemplateContext, *dropped: str) -> list[tuple[str, str]]:
    """The query parameters of this page, without the page number and without `dropped`."""
    request = context.get("request")
    if request is None:
        return []
    gone = {"page", *dropped}
    return [(key, value) for key, values in request.GET.lists() if key not in gone for value in values]


def query_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Query parameters as the text after "?"."""
    return urlencode(list(pairs))


def week_bar(context: TemplateContext, week: date, weeks: Sequence[date], status: str = "") -> Context:
    """Previous, next and any week; `week` and `weeks` are Mondays; `status` is open, frozen or ""."""
    earlier = [other for other in weeks if other < week]
    later = [other for other in weeks if other > week]
    kept = _kept(context, "week")
    return {
        "week": week,
        "weeks": sorted({*weeks, week}, reverse=True),
        "previous": max(earlier, default=None),
        "next": min(later, default=None),
        "kept": kept,
        "query": query_of(kept),
        "status": status,
    }


def seg(
    context: TemplateContext, param: str, options: Iterable[tuple[str, str]], current: str, label: str = ""
) -> Context:
    """Two to five choices as links."""
    kept = _kept(context, param)
    links = [
        {"label": text, "query": query_of([*kept, (param, value)]), "current": value == current}
        for value, text in options
    ]
    return {"links": links, "label": label}


def nav_links(context: TemplateContext, with_icons: bool = False) -> Context:
    """The menu: `nav` and `nav_badges` of the context; the section of this page is marked.

    A phone's tab bar (`with_icons`) has room for five or six: links marked `aside` stand in the account menu.
    The bar on a wide screen folds those marked `folded` into one menu, so that English words fit too. From a
    past week (`shown` of the context) links marked `weekly` lead to the same week.
    """
    shown = context.get("shown")
    week = "" if shown is None or shown.is_latest else f"?week={formats.week_code(shown.week)}"
    match = getattr(context.get("request"), "resolver_match", None)
    here = match.view_name if match else ""
    badges = context.get("nav_badges") or {}
    links = [
        {
            **item,
            "current": here in {item["url_name"], *item.get("covers", ())},
            "badge": badges.get(item["url_name"]),
            "week": week if item.get("weekly") else "",
        }
        for item in context.get("nav") or ()
        if not (with_icons and item.get("aside"))
    ]
    return {
        "links": [link for link in links if not link.get("folded")],
        "folded": [link for link in links if link.get("folded")],
        "is_here": any(link["current"] for link in links if link.get("folded")),
        "with_icons": with_icons,
    }


def pager(
    context: TemplateContext, page: Page[Any], page_field: str = "page", size_field: str = "per_page"
) -> Context:
    """Which rows these are, the other pages, and how many rows a page holds."""
    kept = _kept(context, page_field, size_field)
    size = page.paginator.per_page
    sized = kept if size == PAGE_SIZES[0] else [*kept, (size_field, str(size))]

    def link_to(number: int) -> str:
        return query_of([*sized, (page_field, str(number))])

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {
        "first": formats.thousands(page.start_index()),
        "last": formats.thousands(page.end_index()),
        "total": formats.thousands(page.paginator.count),
        "pages": [(number, link_to(number) if isinstance(number, int) else "") for number in numbers],
        "current": page.number,
        "previous": link_to(page.previous_page_number()) if page.has_previous() else "",
        "next": link_to(page.next_page_number()) if page.has_next() else "",
        "sizes": [
            (choice, query_of([*kept, (size_field, str(choice))]), choice == size) for choice in PAGE_SIZES
        ],
    }
