"""Who signed a report and when, in words; the same on every page that shows one."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tasks_tracker.models import ProgressReport, ReportStatus, UnitReview, User

WHEN = "Y-m-d H:i"


def moment(at: datetime) -> str:
    """A moment as pages write it."""
    return date_format(timezone.localtime(at), WHEN)


def signatures(report: ProgressReport) -> list[str]:
    """Who wrote it, handed it in, reviewed it and accepted or returned it; where nobody reviewed it, why."""
    if not report.submitted_at:
        return [_signed(_("Written by %(who)s"), report.written_by, report.saved_at)]
    signer = report.submitted_by or report.written_by
    if signer == report.written_by:
        said = [_signed(_("Written and handed in by %(who)s"), signer, report.submitted_at)]
    else:
        said = [_("Written by %(who)s") % {"who": report.written_by}]
        said += [_signed(_("Handed in by %(who)s"), signer, report.submitted_at)]
    if report.reviewed_by and report.reviewed_at:
        said += [_signed(_("Reviewed for the unit by %(who)s"), report.reviewed_by, report.reviewed_at)]
    elif report.unit_review != UnitReview.NEEDED:
        said += [_("Not reviewed by the unit: %(why)s") % {"why": report.get_unit_review_display()}]
    if report.decided_by and report.decided_at:
        said += [_signed(_outcome(report), report.decided_by, report.decided_at)]
    return said


def _signed(words: str, who: User, at: datetime) -> str:
    return _("%(signed)s, %(when)s") % {"signed": words % {"who": who}, "when": moment(at)}


def _outcome(report: ProgressReport) -> str:
    if report.returned_by_unit:
        return _("Returned by %(who)s of the unit")
    return _("Returned by %(who)s") if report.status == ReportStatus.RETURNED else _("Accepted by %(who)s")


def waits_for(report: ProgressReport) -> str:
    """Whose signature comes next; empty for what is not waiting."""
    if report.waits_for_unit:
        return _("Waits for the review of the unit.")
    return _("Waits for the supervisor.") if report.is_waiting else ""


def decision(report: ProgressReport) -> str:
    """Who decided what and when, in one sentence; empty while nobody has."""
    if report.decided_by and report.decided_at:
        returned = report.status == ReportStatus.RETURNED
        words = (
            _("Already returned by %(who)s, %(when)s.")
            if returned
            else _("Already accepted by %(who)s, %(when)s.")
        )
        return words % {"who": report.decided_by, "when": moment(report.decided_at)}
    if report.reviewed_by and report.reviewed_at:
        words = _("Already reviewed for the unit by %(who)s, %(when)s.")
        return words % {"who": report.reviewed_by, "when": moment(report.reviewed_at)}
    return ""
