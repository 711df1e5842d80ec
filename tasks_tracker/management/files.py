"""What the commands that load something share: the bytes of a file, the policy, and words for a refusal."""

from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from tasks_tracker.models import Policy
from tasks_tracker.rules.outline import MAX_BYTES


def read_file(file: Path) -> bytes:
    """The bytes of a file, cut off where it is too large to be accepted. Raises CommandError."""
    try:
        with file.open("rb") as handle:
            return handle.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise CommandError(_("There is no file %(file)s.") % {"file": file}) from error
    except OSError as error:
        raise CommandError(
            _("The file %(file)s cannot be read: %(reason)s.") % {"file": file, "reason": error.strerror}
        ) from error


def not_loaded(file: Path, code: str) -> CommandError:
    """The refusal of a file, by the code of outline.UnreadableText or `foreign`."""
    reason = {
        "empty": _("it is empty"),
        "too_large": _("it is larger than 5 MB"),
        "binary": _("it is not a text file"),
        "unknown_encoding": _("it is neither UTF-8 nor GB18030 text"),
        "old_word": _("save it in Word as .docx first"),
        "encrypted": _("it takes a password"),
        "macros": _("it contains macros"),
        "damaged": _("it is damaged or not whole"),
        "bomb": _("what is packed in it is too large"),
        "foreign": _("none of the policy's measures stands in it"),
    }[code]
    return CommandError(_("The file %(file)s was not loaded: %(reason)s.") % {"file": file, "reason": reason})


def known_policy(code: str) -> Policy:
    """The policy of that code. Raises CommandError that names those there are."""
    policy = Policy.objects.filter(code=code).first()
    if policy is None:
        known = ", ".join(Policy.objects.order_by("code").values_list("code", flat=True)) or _("none")
        raise CommandError(
            _("There is no policy %(policy)s. Known: %(known)s. load_reference loads the outline.")
            % {"policy": code, "known": known}
        )
    return policy
