"""System checks: what must hold before this installation may serve anybody.

The checks run before every management command, before the web process (`bin/web`) and in the Celery worker.
An installation counts as exposed when it calls itself production or answers to a name of another machine.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.utils.translation import gettext as _

MODES = ("demo", "production")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
SHORTEST_SECRET = 50


def is_exposed() -> bool:
    """Whether people other than the one at this machine are to be served."""
    return settings.MODE == "production" or not LOOPBACK.issuperset(settings.ALLOWED_HOSTS)


def check_mode(**_kwargs: Any) -> Iterable[CheckMessage]:
    if settings.MODE not in MODES:
        yield Error(
            _("MODE is “%(mode)s”; it must be demo or production.") % {"mode": settings.MODE},
            id="tasks_tracker.E001",
        )


def check_debug(**_kwargs: Any) -> Iterable[CheckMessage]:
    if settings.DEBUG and is_exposed():
        yield Error(
            _("DEBUG is on: error pages would show data and settings to anybody."),
            hint=_("Leave DEBUG unset."),
            id="tasks_tracker.E002",
        )


def check_secret(**_kwargs: Any) -> Iterable[CheckMessage]:
    weak = len(settings.SECRET_KEY) < SHORTEST_SECRET or settings.SECRET_KEY.startswith("demo-")
    if weak and is_exposed():
        yield Error(
            _("SECRET_KEY is the demonstration's or shorter than %(length)s characters: it can be guessed.")
            % {"length": SHORTEST_SECRET},
            hint=_("Set SECRET_KEY to a random text, for example the output of: openssl rand -hex 32"),
            id="tasks_tracker.E003",
        )


def check_audit_key(**_kwargs: Any) -> Iterable[CheckMessage]:
    if is_exposed() and any(len(key) < SHORTEST_SECRET for key in settings.AUDIT_KEYS):
        yield Error(
            _("AUDIT_KEY is shorter than %(length)s characters: it can be guessed.")
            % {"length": SHORTEST_SECRET},
            hint=_("Set AUDIT_KEY to a random text, for example the output of: openssl rand -hex 32"),
            id="tasks_tracker.E006",
        )


def check_hosts(**_kwargs: Any) -> Iterable[CheckMessage]:
    if settings.MODE == "production" and (not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS):
        yield Error(
            _("ALLOWED_HOSTS must name the host names under which this installation is reached."),
            hint=_("For example: ALLOWED_HOSTS=tracker.example.gov.cn"),
            id="tasks_tracker.E004",
        )


def check_mail(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Whoever sends e-mails says from whom they come and where their links lead."""
    missing = [name for name in ("DEFAULT_FROM_EMAIL", "SITE_URL") if not getattr(settings, name)]
    if settings.EMAIL_URL and missing:
        yield Error(
            _("E-mails are switched on, and %(names)s is not set.") % {"names": ", ".join(missing)},
            hint=_("For example: SITE_URL=https://tracker.example.gov.cn"),
            id="tasks_tracker.E005",
        )


def check_files(**_kwargs: Any) -> Iterable[CheckMessage]:
    """What lies among the static files is given to anybody who knows its address."""
    served = [Path(root).resolve() for root in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)]
    for store, name in (("evidence", "EVIDENCE_DIRECTORY"), ("issues", "ISSUE_DIRECTORY")):
        place = Path(settings.STORAGES[store]["OPTIONS"]["location"]).resolve()
        if any(place == root or root in place.parents for root in served):
            yield Error(
                _("%(name)s lies among the static files, which are served to everybody.") % {"name": name},
                hint=_("Choose a directory of its own, for example /var/lib/tracker/evidence"),
                id="tasks_tracker.E007",
            )


def check_services(**_kwargs: Any) -> Iterable[CheckMessage]:
    """Real use stands on PostgreSQL and Redis; the embedded pair is for a first look and a small office."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        yield Warning(
            _("The database is SQLite: one writer at a time."),
            hint=_("Set DATABASE_URL to a PostgreSQL address."),
            id="tasks_tracker.W001",
        )
    if not settings.REDIS_URL:
        yield Warning(
            _("There is no Redis: jobs run inside the web process and nothing rings the periodic ones."),
            hint=_("Set REDIS_URL, and run bin/worker and bin/beat."),
            id="tasks_tracker.W002",
        )
