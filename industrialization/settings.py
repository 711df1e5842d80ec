"""All settings, read from the environment. docs/operations.md lists every variable.

Without any variable the project runs embedded: SQLite beside this checkout, and jobs run eagerly in the
process that rings them. With DATABASE_URL and REDIS_URL the same code runs on PostgreSQL with real workers.
"""

import logging
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


class Env(environ.Env):
    """The environment, which says a value of the wrong kind in one line."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The value; raises ImproperlyConfigured when `cast` does not take it."""
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be a whole number / {var} 必须是整数。") from None


env = Env()

# --- who we are -------------------------------------------------------------------------------------------
MODE = env.str("MODE", default="demo")  # demo | production; see tasks_tracker.checks
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="demo-only-secret-replace-before-real-use")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=MODE == "production")

INSTALLED_APPS = [
    "tasks_tracker",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tables2",
    "django_htmx",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tasks_tracker.views.compression.CompressPages",
    "csp.middleware.CSPMiddleware",
    "tasks_tracker.views.origin.note_origin",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "tasks_tracker.views.errors.set_up_first",
]
ROOT_URLCONF = "industrialization.urls"
WSGI_APPLICATION = "industrialization.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tasks_tracker.views.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# --- where things are kept --------------------------------------------------------------------------------
_address = env.str("DATABASE_URL", default="") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
try:
    if _address.partition("://")[0] not in {"postgres", "postgresql", "sqlite"}:
        raise ValueError
    _database = env.db_url_config(_address)
except ValueError:
    raise ImproperlyConfigured(
        "DATABASE_URL must be an address like postgres://USER:PASSWORD@HOST:5432/NAME or "
        "sqlite:////absolute/path.sqlite3 / DATABASE_URL 不是有效的 PostgreSQL 或 SQLite 地址。"
    ) from None
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at the start of a transaction,
    # so that two writers queue (up to `timeout` seconds) instead of failing half way.
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    _database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# --- people -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "tasks_tracker.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # rights follow from the role, and no role is for its tables
AXES_SENSITIVE_PARAMETERS: list[
    str
] = []  # a failed log-in is logged with name and address; never the password
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=12 * 3600)

# --- e-mail: off unless there is a server -------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    try:
        if EMAIL_URL.partition("://")[0] not in {"smtp", "smtp+tls", "smtp+ssl"}:
            raise ValueError
        _mail = env.email_url_config(EMAIL_URL)
        if not _mail["EMAIL_HOST"]:
            raise ValueError
        vars().update(_mail)
    except ValueError:  # another kind of address, no host, or a port that is none
        raise ImproperlyConfigured(
            "EMAIL_URL must be an address like smtp://HOST:25 or smtp+tls://USER:PASSWORD@HOST:587 / "
            "EMAIL_URL 不是有效的邮件服务器地址。"
        ) from None
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
SITE_URL = env.str("SITE_URL", default="").rstrip("/")

# --- language and time ------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # the language stays chosen on this computer
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files: served by the web process itself, no other server is needed ----------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_DIRECTORY", default="") or BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Not among the static files and without an address: tasks_tracker.views.evidence gives it out.
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.str("EVIDENCE_DIRECTORY", default="") or BASE_DIR / "evidence",
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
    # The files of published weekly reports, given out by tasks_tracker.views.weekly_report.
    "issues": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.str("ISSUE_DIRECTORY", default="") or BASE_DIR / "issues",
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
    "staticfiles": {
        "BACKEND": "industrialization.static.OneStyleSheet"
        if MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
EVIDENCE_MEGABYTES = env.int("EVIDENCE_MEGABYTES", default=20)  # the largest file
EVIDENCE_FILES = env.int("EVIDENCE_FILES", default=10)  # of one report
WEEKLY_REPORT_LENGTH = env.int("WEEKLY_REPORT_LENGTH", default=4000)  # characters; longer ones are warned of
# A filled-in workbook of a week: how large it may be, and how long it is kept while it is not handed in.
WORKBOOK_MEGABYTES = env.int("WORKBOOK_MEGABYTES", default=5)
WORKBOOK_HOURS = env.int("WORKBOOK_HOURS", default=24)
LEDGER_DAYS = env.int("LEDGER_DAYS", default=30)  # that the file of an import is kept
PACK_DAYS = env.int("PACK_DAYS", default=90)  # after that the files of a weekly pack expire
# What is too large is thrown away as it arrives; the other two are Django's own.
FILE_UPLOAD_HANDLERS = [
    "tasks_tracker.views.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
WHITENOISE_USE_FINDERS = MODE != "production"

# --- security ---------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        # Widths and positions of marks are inline style attributes; scripts never are.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# The first key makes the codes of new audit entries and the seals, the others still prove the older ones.
AUDIT_KEYS = [key for key in env.list("AUDIT_KEY", default=[]) if key] or [f"audit of {SECRET_KEY}"]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000  # the table of a week: 300 rows with seven fields

# --- jobs -------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = env.str("QUEUE", default="tracker")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # A report's acceptance rings the same job at once; this line finds what a lost ring left behind.
    "roll up stale cells": {"task": "tasks_tracker.jobs.roll_up_stale_cells", "schedule": 60.0},
    # Time alone changes lights: an item becomes overdue although nobody touched it.
    "roll up the open week": {
        "task": "tasks_tracker.jobs.roll_up_open_week",
        "schedule": crontab(hour=0, minute=10),
    },
    # The cut-off falls inside a day, so the missing reports show soon after it.
    "roll up after the cut-off": {
        "task": "tasks_tracker.jobs.roll_up_open_week",
        "schedule": crontab(hour=17, minute=5, day_of_week="fri"),
    },
    # Reminders follow the cut-off of each week, which holidays move: the job finds out what is due.
    "remind and urge": {
        "task": "tasks_tracker.jobs.follow_up",
        "schedule": crontab(minute="*/10"),
    },
    # Early signals follow the cut-off too, and change while reports of that week are still accepted.
    "find early signals": {
        "task": "tasks_tracker.jobs.find_signals",
        "schedule": crontab(hour="0,18", minute=40),
    },
    # Closing a week looks at it for the last time; after that there is one more week to learn from.
    "back-test early signals": {
        "task": "tasks_tracker.jobs.back_test_signals",
        "schedule": crontab(hour=22, minute=0, day_of_week="mon"),
    },
    # What a reminder or a slip wrote leaves within the minute; what failed is tried again later.
    "send e-mails": {"task": "tasks_tracker.jobs.send_mails", "schedule": 60.0},
    # Whoever changes an entry of the audit log after that breaks the chain.
    "seal the audit log": {"task": "tasks_tracker.jobs.seal_audit_log", "schedule": 300.0},
    # A filled-in workbook that was checked and never handed in goes when its time is over.
    "forget expired workbooks": {"task": "tasks_tracker.jobs.forget_uploads", "schedule": 3600.0},
    # An import whose worker was killed goes on where it stopped.
    "continue imports": {"task": "tasks_tracker.jobs.continue_imports", "schedule": 60.0},
    "forget old ledgers": {
        "task": "tasks_tracker.jobs.expire_imports",
        "schedule": crontab(hour=3, minute=20),
    },
    # Closing a week rings the same job at once; this line takes up what a fallen worker left or what failed,
    # replaces drafts by issues published since, and lets old files expire.
    "make the weekly pack": {
        "task": "tasks_tracker.jobs.make_pack",
        "schedule": crontab(minute="5-59/10"),
    },
    # A week is frozen on the Monday after it, when the reviewers have had their last look.
    "close last week": {
        "task": "tasks_tracker.jobs.close_week",
        "schedule": crontab(hour=9, minute=0, day_of_week="mon"),
    },
}

# --- watching ---------------------------------------------------------------------------------------------
_log_level = env.str("LOG_LEVEL", default="INFO").upper()
if _log_level not in logging.getLevelNamesMapping():
    raise ImproperlyConfigured(
        "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR / LOG_LEVEL 只能是 DEBUG、INFO、WARNING 或 ERROR。"
    )
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _log_level},
    # Failed log-ins and lock-outs are worth a line; what axes does with its own rows is not.
    "loggers": {"axes": {"level": "WARNING"}},
}

# --- lists ------------------------------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "components/table.html"
SILENCED_SYSTEM_CHECKS: list[str] = []
