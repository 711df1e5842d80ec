"""What people do with a pack: take a file, have one made again, say who is told."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tasks_tracker.actions import audit, issue_files
from tasks_tracker.actions.issue_files import Given, NoSuchFile
from tasks_tracker.actions.weekly_pack import FOLDER
from tasks_tracker.models import PackFile, PackReader, Plan, User
from tasks_tracker.permissions import check_can_edit_plan, check_can_make_pack_file
from tasks_tracker.queries.packs import may_be_reader
from tasks_tracker.reports.paper import read
from tasks_tracker.reports.writers import MEDIA_TYPES
from tasks_tracker.rules.weeks import format_week

State = PackFile.State


class PackRefused(Exception):
    """The act breaks a rule. Codes: nothing_to_make, not_ready, gone, no_reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def give_out_pack_file(*, file: PackFile, name: str, by: User) -> Given:
    """The file, on record. `name` is what the report is about, as a file name says it.

    Whether `by` may see it is the caller's question. Raises PackRefused (not_ready, gone); what is gone is
    called failed from then on, so that it is made again.
    """
    if file.state != State.DONE:
        raise PackRefused("not_ready")
    try:
        content = issue_files.fetch(file.sha256, "" if file.issue_id else FOLDER)
    except NoSuchFile as error:
        lost = {"state": State.FAILED, "error": "gone", "attempts": 0}
        PackFile.objects.filter(pk=file.pk, state=State.DONE, sha256=file.sha256).update(**lost)
        raise PackRefused("gone") from error
    serial = read(file.issue.paper).serial if file.issue else _("Draft")
    more = {"version": file.issue.revision if file.issue else 0, "sha256": file.sha256}
    audit.record(by=by, action="download_pack_file", obj=file, after=_on_record(file) | more)
    title = _("Weekly report on the key tasks of new industrialization")
    parts = (title, format_week(file.pack.week), name, serial)
    return Given(content, issue_files.file_name(parts, file.format), MEDIA_TYPES[file.format])


@transaction.atomic
def make_again(*, file: PackFile, by: User, now: datetime) -> int:
    """Have the formats of this report that failed or expired made again; returns how many.

    Raises PermissionDenied and PackRefused (nothing_to_make).
    """
    check_can_make_pack_file(by, file)
    alike = PackFile.objects.filter(pack=file.pack_id, scope=file.scope, subject=file.subject)
    found = alike.filter(state__in=(State.FAILED, State.EXPIRED))
    number = found.update(state=State.WAITING, attempts=0, error="")
    if not number:
        raise PackRefused("nothing_to_make")
    audit.record(by=by, action="make_pack_file_again", obj=file, after=_on_record(file), at=now)
    return number


@transaction.atomic
def add_reader(*, plan: Plan, user: User, by: User) -> PackReader:
    """Put an account on the list of those who are told when a pack is complete.

    Raises PermissionDenied and PackRefused (no_reader: an administrator, out of use, or on it already).
    """
    check_can_edit_plan(by)
    if not may_be_reader(plan).filter(pk=user.pk).exists():
        raise PackRefused("no_reader")
    try:
        with transaction.atomic():
            reader = PackReader.objects.create(plan=plan, user=user)
    except IntegrityError as error:
        raise PackRefused("no_reader") from error
    audit.record(by=by, action="add_pack_reader", obj=plan, after={"username": user.username})
    return reader


@transaction.atomic
def remove_reader(*, plan: Plan, user: User, by: User) -> None:
    """Take an account off the list. Raises PermissionDenied and PackRefused (no_reader)."""
    check_can_edit_plan(by)
    if not PackReader.objects.filter(plan=plan, user=user).delete()[0]:
        raise PackRefused("no_reader")
    audit.record(by=by, action="remove_pack_reader", obj=plan, before={"username": user.username})


def _on_record(file: PackFile) -> dict[str, str]:
    return {
        "week": format_week(file.pack.week),
        "scope": str(file.scope),
        "subject": file.subject,
        "format": file.format,
    }
