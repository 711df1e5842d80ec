"""Filling in the draft of an outline, as a browser does."""

from typing import Any

from django.test import Client
from django.urls import reverse


def draft_as_shown(client: Client) -> dict[str, Any]:
    """What a browser would send: every line of the open draft as the page shows it."""
    context = client.get(reverse("policy_draft")).context
    data: dict[str, Any] = {"seen": context["seen"]}
    for form in context["lines"]:
        for bound in form:
            value = bound.value()
            if value is not False:
                data[bound.html_name] = "on" if value is True else value
    return data
