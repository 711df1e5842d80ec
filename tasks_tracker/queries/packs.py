"""The pack of a week: what it holds, and how far it has come, as somebody may see it."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q, QuerySet

from tasks_tracker.models import (
    ADMIN_ROLES,
    Issue,
    KeyTask,
    PackFile,
    PackReader,
    Plan,
    Region,
    ReportScope,
    User,
    WeeklyPack,
)
from tasks_tracker.queries.ledger import Subject

State = PackFile.State


def subjects_of(plan: Plan, week: date) -> list[tuple[str, Subject | None]]:
    """The whole, the key tasks that were in use in the week, and the regions that report. Two queries."""
    in_use = Q(retired_on=None) | Q(retired_on__gt=week)
    tasks = KeyTask.objects.filter(in_use, policy=plan.policy_id).order_by("number")
    return [
        (ReportScope.NATIONAL, None),
        *((ReportScope.KEY_TASK, task) for task in tasks),
        *((ReportScope.REGION, region) for region in Region.objects.filter(reports=True)),
    ]


def issues_of(plan: Plan, week: date) -> dict[tuple[str, str], Issue]:
    """(scope, code) → the last issue of the report of the week. One query."""
    issues = Issue.objects.filter(report__plan=plan, report__week=week).select_related("report")
    rows = issues.order_by("report", "revision").defer(
        "report__body", "report__figures", "report__comparison"
    )
    return {(issue.report.scope, issue.report.subject): issue for issue in rows}


def files_within(user: User, plan: Plan) -> QuerySet[PackFile]:
    """The files about what lies wholly in the scope of `user`."""
    found: QuerySet[PackFile] = PackFile.objects.filter(pack__plan=plan).within(user)
    return found


@dataclass(frozen=True)
class PackRow:
    """A report of the pack with its formats."""

    scope: str
    subject: str
    files: list[PackFile]
    name: str = ""

    @property
    def may_be_made_again(self) -> bool:
        """One of its files failed or expired."""
        return any(file.state in (State.FAILED, State.EXPIRED) for file in self.files)


@dataclass(frozen=True)
class ShownPack:
    """The part of a pack that somebody may see."""

    pack: WeeklyPack
    rows: list[PackRow]

    @property
    def files(self) -> list[PackFile]:
        """All of them."""
        return [file for row in self.rows for file in row.files]

    @property
    def done(self) -> int:
        """How many there are to be had."""
        return sum(file.state == State.DONE for file in self.files)

    @property
    def failed(self) -> list[PackFile]:
        """Those that failed."""
        return [file for file in self.files if file.state == State.FAILED]

    @property
    def is_being_made(self) -> bool:
        """More files will come by themselves."""
        return any(file.state in (State.WAITING, State.MAKING) for file in self.files)


def shown_pack(plan: Plan, week: date, user: User) -> ShownPack | None:
    """The pack of the week as `user` may see it; None before there is one. Two queries and those of scope."""
    pack = WeeklyPack.objects.filter(plan=plan, week=week).first()
    if pack is None:
        return None
    files = files_within(user, plan).filter(pack=pack).select_related("issue__report")
    files = files.defer("issue__paper", "issue__texts", "issue__figures", "issue__report__body")
    rows = groupby(files.order_by("place", "format"), key=lambda file: (file.scope, file.subject))
    return ShownPack(pack, [PackRow(scope, subject, list(found)) for (scope, subject), found in rows])


def readers_of(plan: Plan) -> QuerySet[PackReader]:
    """Who is told when a pack is complete."""
    return PackReader.objects.filter(plan=plan).select_related("user__actor").order_by("user__pk")


def may_be_reader(plan: Plan) -> QuerySet[User]:
    """The accounts that can be put on the list: active ones that see business data and are not on it."""
    readers = PackReader.objects.filter(plan=plan).values("user")
    users = User.objects.filter(is_active=True).exclude(role__in=ADMIN_ROLES)
    return users.exclude(pk__in=readers).order_by("display_name", "pk")
