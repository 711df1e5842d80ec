"""Where a request comes from, for the audit log."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tasks_tracker.rules.origin import WEB, acting_from


def note_origin(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what is done while the request is answered is on record as done from its address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with acting_from(WEB, address_of(request)):
            return get_response(request)

    return middleware


def address_of(request: HttpRequest) -> str:
    """The address of the caller; empty where it is none, as behind a Unix socket.

    Behind our proxy it is the last one in X-Forwarded-For, the one that the proxy itself has seen. Without a
    proxy anybody could write that header, so it is not looked at.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Forwarded-For")):
        text = forwarded.rpartition(",")[2]
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""
