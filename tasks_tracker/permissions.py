"""The only place that asks who may. `can_…` answers; `check_can_…` raises PermissionDenied in words."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from tasks_tracker.models import ADMIN_ROLES, ProgressReport, Role, User, WorkItem


def can_see_business_data(user: User) -> bool:
    """Everybody but the three administrators."""
    return user.is_active and user.role not in ADMIN_ROLES


def can_report(user: User, item: WorkItem) -> bool:
    """Reporters log progress on the items that their own actor leads."""
    return user.is_active and user.role == Role.REPORTER and item.lead_id == user.actor_id


def check_can_report(user: User, item: WorkItem) -> None:
    """Raises PermissionDenied unless `user` reports on `item`."""
    if not can_report(user, item):
        raise PermissionDenied(_("Only a reporter of the lead unit logs progress on this work item."))


def can_review(user: User) -> bool:
    """Supervisors accept and return reports."""
    return user.is_active and user.role == Role.SUPERVISOR


def can_decide(user: User, report: ProgressReport) -> bool:
    """A supervisor decides on what lies in the own scope, never on an own report."""
    return (
        can_review(user)
        and report.written_by_id != user.pk
        and WorkItem.objects.visible_to(user).filter(pk=report.item_id).exists()
    )


def check_can_decide(user: User, report: ProgressReport) -> None:
    """Raises PermissionDenied unless `user` may accept or return `report`."""
    if not can_decide(user, report):
        raise PermissionDenied(_("Only a supervisor of this work item decides on its reports."))


def can_override_light(user: User, item: WorkItem) -> bool:
    """A supervisor sets the light of an item of the own scope."""
    return can_review(user) and WorkItem.objects.visible_to(user).filter(pk=item.pk).exists()


def check_can_override_light(user: User, item: WorkItem) -> None:
    """Raises PermissionDenied unless `user` may set the light of `item` by hand."""
    if not can_override_light(user, item):
        raise PermissionDenied(_("Only a supervisor of this work item sets its light."))


def can_read_audit_log(user: User) -> bool:
    """Only the audit administrator reads the audit log."""
    return user.is_active and user.role == Role.AUDIT_ADMIN
