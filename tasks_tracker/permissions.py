"""The only place that asks who may. `can_…` answers; `check_can_…` raises PermissionDenied in words."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from tasks_tracker.models import (
    ADMIN_ROLES,
    UNIT_ROLES,
    Actor,
    CompletionRequest,
    EarlySignal,
    ExtensionRequest,
    Indicator,
    KeyTask,
    Measure,
    PackFile,
    ProblemCase,
    ProgressReport,
    Region,
    Role,
    Slip,
    User,
    WeeklyReport,
    WorkItem,
)


def can_see_business_data(user: User) -> bool:
    """Everybody but the three administrators."""
    return user.is_active and user.role not in ADMIN_ROLES


def can_report_for(user: User, unit: Actor) -> bool:
    """Reporters log progress for their own actor."""
    return _reports_for(user, unit.pk)


def check_can_report_for(user: User, unit: Actor) -> None:
    """Raises PermissionDenied unless `user` reports for `unit`."""
    if not can_report_for(user, unit):
        raise PermissionDenied(_("Only a reporter of the unit fills in its workbook."))


def can_report(user: User, item: WorkItem) -> bool:
    """Reporters log progress on the items that their own actor leads."""
    return _reports_for(user, item.lead_id)


def _reports_for(user: User, actor_id: int) -> bool:
    return user.is_active and user.role == Role.REPORTER and user.actor_id == actor_id


def check_can_report(user: User, item: WorkItem) -> None:
    """Raises PermissionDenied unless `user` reports on `item`."""
    if not can_report(user, item):
        raise PermissionDenied(_("Only a reporter of the lead unit logs progress on this work item."))


def has_review_desk(user: User) -> bool:
    """Reviewers sign for their unit, supervisors accept: both have a list of what waits for them."""
    return user.is_active and user.role in (Role.REVIEWER, Role.SUPERVISOR)


def can_supervise(user: User) -> bool:
    """Supervisors accept and return reports and set lights, within their scope."""
    return user.is_active and user.role == Role.SUPERVISOR


def can_sign(user: User, report: ProgressReport) -> bool:
    """A reviewer of the lead signs for the unit, or returns, what somebody else wrote and handed in."""
    return (
        user.is_active
        and user.role == Role.REVIEWER
        and report.item.lead_id == user.actor_id
        and user.pk not in (report.written_by_id, report.submitted_by_id)
    )


def check_can_sign(user: User, report: ProgressReport) -> None:
    """Raises PermissionDenied unless `user` may sign `report` for the unit."""
    if not can_sign(user, report):
        raise PermissionDenied(_("Only a reviewer of the lead unit signs its reports, and never own ones."))


def can_accept(user: User, report: ProgressReport) -> bool:
    """A supervisor decides on what lies in the own scope, never on what carries an own signature."""
    return (
        can_supervise(user)
        and user.pk not in (report.written_by_id, report.submitted_by_id, report.reviewed_by_id)
        and WorkItem.objects.visible_to(user).filter(pk=report.item_id).exists()
    )


def check_can_accept(user: User, report: ProgressReport) -> None:
    """Raises PermissionDenied unless `user` may accept `report`."""
    if not can_accept(user, report):
        raise PermissionDenied(_("Only a supervisor of this work item decides on its reports."))


def can_decide(user: User, report: ProgressReport) -> bool:
    """One of the two who decide on `report`; whose turn it is, its status says."""
    return can_sign(user, report) if user.role == Role.REVIEWER else can_accept(user, report)


def check_can_decide(user: User, report: ProgressReport) -> None:
    """Raises PermissionDenied unless `user` may return `report`."""
    if user.role == Role.REVIEWER:
        check_can_sign(user, report)
    else:
        check_can_accept(user, report)


def can_override_light(user: User, item: WorkItem) -> bool:
    """A supervisor sets the light of an item of the own scope."""
    return can_supervise(user) and WorkItem.objects.visible_to(user).filter(pk=item.pk).exists()


def check_can_override_light(user: User, item: WorkItem) -> None:
    """Raises PermissionDenied unless `user` may set the light of `item` by hand."""
    if not can_override_light(user, item):
        raise PermissionDenied(_("Only a supervisor of this work item sets its light."))


def can_urge(user: User, items: Collection[WorkItem]) -> bool:
    """A supervisor asks for the reports of items of the own scope."""
    seen = WorkItem.objects.visible_to(user).filter(pk__in=[item.pk for item in items])
    return can_supervise(user) and seen.count() == len(items)


def check_can_urge(user: User, items: Collection[WorkItem]) -> None:
    """Raises PermissionDenied unless `user` may demand the reports of all `items`."""
    if not can_urge(user, items):
        raise PermissionDenied(_("Only a supervisor of these work items demands their reports."))


def can_answer(user: User, slip: Slip) -> bool:
    """The people of the unit to which the slip went."""
    return user.is_active and user.role in UNIT_ROLES and user.actor_id == slip.unit_id


def check_can_answer(user: User, slip: Slip) -> None:
    """Raises PermissionDenied unless `user` may answer `slip`."""
    if not can_answer(user, slip):
        raise PermissionDenied(_("Only the unit to which the slip went answers it."))


def can_close(user: User, slip: Slip) -> bool:
    """A supervisor who sees the slip."""
    return can_supervise(user) and Slip.objects.visible_to(user).filter(pk=slip.pk).exists()


def check_can_close(user: User, slip: Slip) -> None:
    """Raises PermissionDenied unless `user` may close `slip`."""
    if not can_close(user, slip):
        raise PermissionDenied(_("Only a supervisor who sees the slip closes it."))


def can_steer(user: User, case: ProblemCase) -> bool:
    """A supervisor says what becomes of the problems of items of the own scope."""
    return can_supervise(user) and WorkItem.objects.visible_to(user).filter(pk=case.item_id).exists()


def check_can_steer(user: User, case: ProblemCase) -> None:
    """Raises PermissionDenied unless `user` may take up, solve or open `case` again."""
    if not can_steer(user, case):
        raise PermissionDenied(_("Only a supervisor of this work item says what becomes of its problems."))


def can_answer_case(user: User, case: ProblemCase) -> bool:
    """The people of a unit that is asked or coordinates, or of one above it."""
    units = [unit for unit in (case.needed_from, case.coordinator) if unit]
    own = user.actor.path if user.actor and user.role in UNIT_ROLES else ""
    return user.is_active and bool(own) and any(unit.path.startswith(own) for unit in units)


def check_can_answer_case(user: User, case: ProblemCase) -> None:
    """Raises PermissionDenied unless something in `case` is asked of the unit of `user`."""
    if not can_answer_case(user, case):
        raise PermissionDenied(_("Only the unit from which something is needed answers."))


def can_handle_signal(user: User, signal: EarlySignal) -> bool:
    """A supervisor says what becomes of the early signals of the own scope."""
    return can_supervise(user) and EarlySignal.objects.filter(pk=signal.pk).visible_to(user).exists()  # type: ignore[attr-defined]


def check_can_handle_signal(user: User, signal: EarlySignal) -> None:
    """Raises PermissionDenied unless `user` may assess, handle or solve `signal`."""
    if not can_handle_signal(user, signal):
        raise PermissionDenied(_("Only a supervisor in charge says what becomes of an early signal."))


def can_issue(user: User, subject: KeyTask | Region | Actor | None) -> bool:
    """A supervisor writes and publishes weekly reports about what lies wholly in the own scope."""
    scope = user.scope
    if not can_supervise(user) or scope.is_national:
        return can_supervise(user)
    if isinstance(subject, KeyTask):
        return subject.pk in scope.key_tasks and not scope.regions
    return isinstance(subject, Region) and subject.pk in scope.regions and not scope.key_tasks


def check_can_issue(user: User, subject: KeyTask | Region | Actor | None) -> None:
    """Raises PermissionDenied unless `user` may write the weekly report about `subject`."""
    if not can_issue(user, subject):
        raise PermissionDenied(_("Only a supervisor in charge of all of it writes this weekly report."))


def can_write_report(user: User, report: WeeklyReport) -> bool:
    """The same for a report that is there."""
    return can_supervise(user) and WeeklyReport.objects.filter(pk=report.pk).within(user).exists()  # type: ignore[attr-defined]


def check_can_write_report(user: User, report: WeeklyReport) -> None:
    """Raises PermissionDenied unless `user` may write, publish and revise `report`."""
    if not can_write_report(user, report):
        raise PermissionDenied(_("Only a supervisor in charge of all of it writes this weekly report."))


def can_make_pack_file(user: User, file: PackFile) -> bool:
    """A supervisor in charge of all that a file of a pack is about."""
    return can_supervise(user) and PackFile.objects.filter(pk=file.pk).within(user).exists()  # type: ignore[attr-defined]


def check_can_make_pack_file(user: User, file: PackFile) -> None:
    """Raises PermissionDenied unless `user` may have the file made again."""
    if not can_make_pack_file(user, file):
        raise PermissionDenied(_("Only a supervisor in charge of all of it writes this weekly report."))


def can_move_cutoff(user: User) -> bool:
    """A supervisor whose scope is the whole plan: a cut-off holds for everybody."""
    return can_supervise(user) and user.scope.is_national


def check_can_move_cutoff(user: User) -> None:
    """Raises PermissionDenied unless `user` may move cut-offs."""
    if not can_move_cutoff(user):
        raise PermissionDenied(_("Only a supervisor of the whole plan moves a cut-off."))


def can_answer_for(user: User, item: WorkItem) -> bool:
    """Reporters and reviewers of the lead unit sign for an item and ask for its completion or extension."""
    return user.is_active and user.role in UNIT_ROLES and item.lead_id == user.actor_id


def check_can_answer_for(user: User, item: WorkItem) -> None:
    """Raises PermissionDenied unless `user` belongs to the lead of `item`."""
    if not can_answer_for(user, item):
        raise PermissionDenied(_("Only the lead unit of this work item does this."))


def can_plan(user: User) -> bool:
    """Supervisors assign work items and change what is agreed about them."""
    return user.is_active and user.role == Role.SUPERVISOR


def check_can_plan(user: User) -> None:
    """Raises PermissionDenied for everybody but supervisors."""
    if not can_plan(user):
        raise PermissionDenied(_("Only supervisors assign work items."))


def can_direct(user: User, item: WorkItem) -> bool:
    """A supervisor changes the plan and the state of an item of the own scope."""
    return can_plan(user) and WorkItem.objects.visible_to(user).filter(pk=item.pk).exists()


def check_can_direct(user: User, item: WorkItem) -> None:
    """Raises PermissionDenied unless `user` directs `item`."""
    if not can_direct(user, item):
        raise PermissionDenied(_("Only a supervisor of this work item does this."))


def can_assign_in(user: User, measure: Measure, region: Region) -> bool:
    """A supervisor assigns items of the own key tasks in the own regions."""
    scope = user.scope
    return (
        can_plan(user)
        and (not scope.key_tasks or measure.key_task_id in scope.key_tasks)
        and (not scope.regions or region.pk in scope.regions)
    )


def can_decompose(user: User, item: WorkItem) -> bool:
    """The lead unit splits its item, and so does a supervisor."""
    return can_answer_for(user, item) or can_direct(user, item)


def can_lead_part(user: User, lead: Actor) -> bool:
    """A unit gives parts to its own subtree, a supervisor to any actor that reports."""
    path = user.scope.path
    return lead.reports and (not path or lead.path.startswith(path))


def can_decide_request(user: User, asked: CompletionRequest | ExtensionRequest) -> bool:
    """A supervisor of the item decides, never who asked."""
    return asked.asked_by_id != user.pk and can_direct(user, asked.item)


def check_can_decide_request(user: User, asked: CompletionRequest | ExtensionRequest) -> None:
    """Raises PermissionDenied unless `user` may decide on the request."""
    if not can_decide_request(user, asked):
        raise PermissionDenied(_("Only a supervisor of this work item decides, and not who asked."))


def can_see_plan_pages(user: User) -> bool:
    """Supervisors set the plan up and keep it; each sees what is in the own scope."""
    return can_supervise(user)


def check_can_see_plan_pages(user: User) -> None:
    """Raises PermissionDenied unless `user` is a supervisor."""
    if not can_see_plan_pages(user):
        raise PermissionDenied(_("Only supervisors edit the plan."))


def can_edit_plan(user: User) -> bool:
    """A national supervisor edits the plan, key tasks, actors and regions: they move everybody's figures."""
    return can_supervise(user) and user.scope.is_national


def check_can_edit_plan(user: User) -> None:
    """Raises PermissionDenied unless `user` is a national supervisor."""
    if not can_edit_plan(user):
        raise PermissionDenied(_("Only a national supervisor edits this: it holds for everybody."))


def can_edit_measure(user: User, measure: Measure) -> bool:
    """A national supervisor, or one limited to its key task and to no region."""
    if can_edit_plan(user):
        return True
    return can_supervise(user) and not user.scope.regions and measure.key_task_id in user.scope.key_tasks


def check_can_edit_measure(user: User, measure: Measure) -> None:
    """Raises PermissionDenied unless `user` edits `measure`."""
    if not can_edit_measure(user, measure):
        raise PermissionDenied(_("Only a supervisor of this key task edits its measures."))


def can_edit_indicator(user: User, indicator: Indicator) -> bool:
    """Whoever edits its measure; of a work item, a supervisor who sees the item."""
    if indicator.measure is not None:
        return can_edit_measure(user, indicator.measure)
    return can_supervise(user) and WorkItem.objects.visible_to(user).filter(pk=indicator.item_id).exists()


def check_can_edit_indicator(user: User, indicator: Indicator) -> None:
    """Raises PermissionDenied unless `user` edits `indicator`."""
    if not can_edit_indicator(user, indicator):
        raise PermissionDenied(_("Only a supervisor in charge edits this indicator."))


def can_record_value(user: User, indicator: Indicator) -> bool:
    """Whoever edits the indicator, and a reporter of the unit that leads its work item."""
    if indicator.item is not None and can_report(user, indicator.item):
        return True
    return can_edit_indicator(user, indicator)


def check_can_record_value(user: User, indicator: Indicator) -> None:
    """Raises PermissionDenied unless `user` records values of `indicator`."""
    if not can_record_value(user, indicator):
        raise PermissionDenied(
            _("Only the supervisor in charge or a reporter of the lead unit records its values.")
        )


def can_read_audit_log(user: User) -> bool:
    """Only the audit administrator reads the audit log."""
    return user.is_active and user.role == Role.AUDIT_ADMIN


def check_can_read_audit_log(user: User) -> None:
    """Raises PermissionDenied unless `user` may read and export the audit log."""
    if not can_read_audit_log(user):
        raise PermissionDenied(_("Only the audit administrator reads the audit log."))
