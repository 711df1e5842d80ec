"""What may be exported, and what was."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from tasks_tracker.models import (
    Actor,
    Cell,
    KeyTask,
    Plan,
    Region,
    ReportScope,
    Role,
    User,
    WeekRollup,
    WorkbookExport,
)


@dataclass(frozen=True)
class Choices:
    """The subjects that a user may choose for a workbook."""

    key_tasks: list[KeyTask]
    regions: list[Region]
    actors: list[Actor]


def choices_for(user: User, rollup: WeekRollup) -> Choices:
    """The key tasks, regions and units with something visible to `user` in the week. Four queries."""
    cells = Cell.objects.visible_to(user).filter(rollup=rollup)
    codes: set[str] = set()
    for path in cells.order_by().values_list("lead__path", flat=True).distinct():
        codes.update(path.rstrip("/").split("/"))
    return Choices(
        key_tasks=list(KeyTask.objects.filter(pk__in=cells.values("measure__key_task"))),
        regions=list(Region.objects.filter(pk__in=cells.values("region"))),
        actors=list(Actor.objects.filter(code__in=codes, path__startswith=user.scope.path)),
    )


def exports_visible_to(user: User, plan: Plan) -> QuerySet[WorkbookExport]:
    """The own exports; to a supervisor also those of others about something in the own scope."""
    exports = WorkbookExport.objects.select_related("made_by")
    own = user.scope
    if user.role != Role.SUPERVISOR:
        return exports.filter(made_by=user)
    if own.is_national:
        return exports
    seen = Q(made_by=user)
    if own.key_tasks:
        numbers = plan.policy.key_tasks.filter(pk__in=own.key_tasks).values_list("number", flat=True)
        seen |= Q(scope=ReportScope.KEY_TASK, subject__in=[str(number) for number in numbers])
    if own.regions:
        codes = Region.objects.filter(pk__in=own.regions).values_list("code", flat=True)
        seen |= Q(scope=ReportScope.REGION, subject__in=list(codes))
    if own.key_tasks and own.regions:  # a whole key task or a whole region lies outside
        seen = Q(made_by=user)
    return exports.filter(seen)


def subject_names(exports: Iterable[WorkbookExport], plan: Plan) -> dict[tuple[str, str], str]:
    """(scope, code) → the name of what the exports are about. Three queries at most."""
    wanted: dict[str, set[str]] = {}
    for export in exports:
        wanted.setdefault(export.scope, set()).add(export.subject)
    names = {}
    for region in Region.objects.filter(code__in=wanted.get(ReportScope.REGION, ())):
        names[str(ReportScope.REGION), region.code] = region.label
    for actor in Actor.objects.filter(code__in=wanted.get(ReportScope.ACTOR, ())):
        names[str(ReportScope.ACTOR), actor.code] = actor.label
    numbers = [int(number) for number in wanted.get(ReportScope.KEY_TASK, ())]
    for task in plan.policy.key_tasks.filter(number__in=numbers):
        names[str(ReportScope.KEY_TASK), str(task.number)] = str(task)
    return names
