"""Where an act comes from, known to whoever puts it on record without being handed through every function.

The entry points say it: the middleware of the pages, the jobs, `manage.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

WEB, JOB, COMMAND = "web", "job", "command"


class Origin(NamedTuple):
    """The way in, and on the web the address of the caller; both empty where nobody said."""

    channel: str = ""
    address: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def origin() -> Origin:
    """Where the act that is going on comes from."""
    return _origin.get()


@contextmanager
def acting_from(channel: str, address: str = "") -> Iterator[None]:
    """While the block lasts, acts come from there; afterwards from where they came before."""
    token = _origin.set(Origin(channel, address))
    try:
        yield
    finally:
        _origin.reset(token)
