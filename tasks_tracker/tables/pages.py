"""Sorting and paging of a list from its address, without trusting it."""

from typing import Any

import django_tables2 as tables
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import HttpRequest

PAGE_SIZES = (25, 50, 100)


def page_of(table: tables.Table, request: HttpRequest) -> tables.Table:
    """`table` sorted and paged by `?sort=…&page=…&per_page=…`; what is not understood falls back."""
    if sort := request.GET.getlist(table.prefixed_order_by_field):
        table.order_by = sort
    per_page = _size(request, table.prefixed_per_page_field)
    try:
        table.paginate(page=request.GET.get(table.prefixed_page_field, 1), per_page=per_page)
    except PageNotAnInteger:
        table.page = table.paginator.page(1)
    except EmptyPage:
        table.page = table.paginator.page(table.paginator.num_pages)
    table.request = request
    return table


def page_of_list(rows: Any, request: HttpRequest) -> Page[Any]:
    """One page of rows that no table sorts, by the same parameters."""
    return Paginator(rows, _size(request, "per_page")).get_page(request.GET.get("page", 1))


def _size(request: HttpRequest, name: str) -> int:
    sizes = {str(size): size for size in PAGE_SIZES}
    return sizes.get(request.GET.get(name, ""), PAGE_SIZES[0])
