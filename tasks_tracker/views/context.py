"""What every page needs: who is there, the badges of the menu, the demonstration mark."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame of the page."""
    return {}
