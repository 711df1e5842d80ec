"""Filling in a page that edits a row, as a browser does."""

from typing import Any

from django.test import Client


def filled_in(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send: the form as the page shows it, with changes."""
    data = {}
    for bound in client.get(url).context["form"]:
        value = bound.field.prepare_value(bound.value())
        if value is not None and value is not False:
            data[bound.html_name] = "on" if value is True else value
    return {name: value for name, value in (data | changes).items() if value is not None}


def words(response: Any) -> str:
    """The page as text."""
    return response.content.decode()
