"""What every page needs: the menu of the role with its badges, and the demonstration mark."""

from typing import Any

from django.db.models import Count, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions import rollup
from tasks_tracker.models import UNIT_ROLES, Notice, Role, User
from tasks_tracker.permissions import can_read_audit_log, can_see_business_data, has_review_desk
from tasks_tracker.queries.progress import count_still_due
from tasks_tracker.queries.requests import with_waiting
from tasks_tracker.queries.reviews import count_waiting
from tasks_tracker.rules.weeks import week_of

Link = dict[str, Any]

OVERVIEW: tuple[Link, ...] = (
    {
        "url_name": "dashboard",
        "label": _("Overview"),
        "icon": "home",
        "key": "o",
        "weekly": True,
        "covers": ("compare",),
    },
    {
        "url_name": "key_tasks",
        "label": _("Key tasks"),
        "icon": "list",
        "weekly": True,
        "covers": ("key_task", "measure", "indicator", "matrix"),
    },
    {"url_name": "regions", "label": _("Regions"), "icon": "map", "weekly": True, "covers": ("region",)},
    {"url_name": "items", "label": _("Work items"), "icon": "table", "weekly": True, "covers": ("item",)},
)
POLICY: Link = {
    "url_name": "policy",
    "label": _("Policy text"),
    "icon": "file",
    "aside": True,
    "folded": True,
    "weekly": True,
}
UNITS: Link = {
    "url_name": "actors",
    "label": _("Units"),
    "icon": "user",
    "aside": True,
    "folded": True,
    "weekly": True,
    "covers": ("actor",),
}
EXPORTS: Link = {
    "url_name": "exports",
    "weekly": True,
    "label": _("Workbook"),
    "icon": "download",
    "aside": True,
    "folded": True,
}
WEEKLY: Link = {
    "url_name": "weekly_reports",
    "label": _("Weekly report"),
    "icon": "file",
    "key": "w",
    "aside": True,
    "covers": ("weekly_report", "weekly_paragraph"),
}
FILING: Link = {
    "url_name": "filing",
    "weekly": True,
    "label": _("Filing"),
    "icon": "flag",
    "aside": True,
    "covers": ("cutoffs", "urge_unit", "slips", "slip"),
}
PROBLEMS: Link = {
    "url_name": "problems",
    "weekly": True,
    "label": _("Ledger of problems"),
    "icon": "filter",
    "aside": True,
    "folded": True,
    "covers": ("problem",),
}
SIGNALS: Link = {
    "url_name": "signals",
    "label": _("Watch list"),
    "icon": "bell",
    "aside": True,
    "weekly": True,
    "covers": ("signal", "signal_rules", "signal_rule"),
}
MY_WEEK: Link = {
    "url_name": "my_week",
    "label": _("My reports"),
    "icon": "edit",
    "key": "m",
    "covers": ("my_week_item", "my_week_table"),
}
REVIEWS: Link = {
    "url_name": "reviews",
    "label": _("Reviews"),
    "icon": "check",
    "covers": ("review", "reviews_batch"),
}
REQUESTS: Link = {"url_name": "requests", "label": _("Requests"), "icon": "return", "aside": True}
TO_ACCEPT: Link = {"url_name": "to_accept", "label": _("To sign for"), "icon": "check", "aside": True}
PLAN: Link = {
    "url_name": "plan",
    "label": _("Plan"),
    "icon": "file",
    "aside": True,
    "folded": True,
    "covers": (
        "plan_new",
        "plan_edit",
        "outline",
        "policy_draft",
        "plan_imports",
        "plan_import",
        "plan_import_columns",
        "key_task_new",
        "key_task_edit",
        "measure_new",
        "measure_edit",
        "measure_indicator_new",
        "item_indicator_new",
        "indicator_edit",
        "actor_list",
        "actor_new",
        "actor_edit",
        "region_list",
        "region_edit",
    ),
}
ADMIN: Link = {"url_name": "admin:index", "label": _("Administration"), "icon": "lock"}
AUDIT_LOG: Link = {"url_name": "audit_log", "label": _("Audit log"), "icon": "file"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav`, `nav_badges`, `unread` and `is_demonstration`; nothing for visitors.

    Two queries, once per request; a unit's badge needs a third one, for the cut-off.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    if not hasattr(request, "_shell"):
        request._shell = _shell_of(user)
    return request._shell


def _shell_of(user: User) -> dict[str, Any]:
    # The counts of the bell and of what waits ride along, so that no page pays a query of its own for them.
    unread = Notice.objects.of(user).unread().order_by().values("to").annotate(n=Count("pk")).values("n")
    plan = with_waiting(user).annotate(unread=Subquery(unread)).order_by("starts_on", "pk").last()
    return {
        "nav": menu(user),
        "nav_badges": _badges(user, plan) if plan else {},
        "unread": plan.unread or 0 if plan else 0,
        "is_demonstration": bool(plan and plan.is_demonstration),
    }


def menu(user: User) -> list[Link]:
    """The links of the role, in the order of the work."""
    if can_read_audit_log(user):
        return [AUDIT_LOG]
    if not can_see_business_data(user):
        return [ADMIN]
    if user.role in UNIT_ROLES:
        own = [MY_WEEK, REVIEWS] if has_review_desk(user) else [MY_WEEK]
        return [*OVERVIEW, *own, TO_ACCEPT, WEEKLY, FILING, SIGNALS, POLICY, PROBLEMS, UNITS, EXPORTS]
    own = [REVIEWS] if has_review_desk(user) else []
    if user.role == Role.SUPERVISOR:
        return [
            *OVERVIEW,
            *own,
            REQUESTS,
            WEEKLY,
            SIGNALS,
            {**FILING, "folded": True},
            POLICY,
            PROBLEMS,
            PLAN,
            UNITS,
            EXPORTS,
        ]
    return [*OVERVIEW, *own, WEEKLY, SIGNALS, FILING, POLICY, PROBLEMS, UNITS, EXPORTS]


def _badges(user: User, plan: Any) -> dict[str, int]:
    """What waits for this user: reports still due from the own unit, and what is to be signed or decided."""
    badges = {"reviews": count_waiting(plan, user)} if has_review_desk(user) else {}
    if user.role in UNIT_ROLES and user.actor:
        now = timezone.localtime()
        point = rollup.point_of(plan, week_of(now.date()), now)
        badges["my_week"] = count_still_due(plan, user.actor, point, user)
        badges |= _some("to_accept", plan.items_to_accept)
    if user.role == Role.SUPERVISOR:
        badges |= _some("requests", plan.requests_waiting) | _some("signals", plan.new_signals)
    return badges


def _some(name: str, number: int) -> dict[str, int]:
    """A badge where something waits."""
    return {name: number} if number else {}
