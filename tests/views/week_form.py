"""The form of an item as a browser would send it."""

from datetime import date

from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import progress
from tasks_tracker.models import WorkItem
from tests.factories import THIS_WEEK, moment

THURSDAY = moment(date(2026, 11, 19), 15)
PROBLEM = {"problems-0-kind": "funds", "problems-0-description": "配套资金未到位"}


def address(item: WorkItem, week: str = "") -> str:
    return reverse("my_week_item", args=[item.code]) + (f"?week={week}" if week else "")


def seen(item: WorkItem, week: date = THIS_WEEK) -> str:
    """What a form that is opened now says it was filled from."""
    latest = progress.latest_version(item, week)
    return f"{latest.version} {latest.saved_at.isoformat()}" if latest else "0 "


def typed(item: WorkItem, action: str = "submit", week: date = THIS_WEEK, **fields: str) -> dict[str, str]:
    """What the form of the item would send now."""
    return {
        "action": action,
        "seen": seen(item, week),
        "percent": "90",
        "progress_note": "完成诊断 437 家。",
        "problems-TOTAL_FORMS": "5",
        "problems-INITIAL_FORMS": "0",
        **fields,
    }


def said(client: Client) -> str:
    """The messages that the next page shows."""
    return " ".join(str(m) for m in client.get(reverse("my_week")).context["messages"])
