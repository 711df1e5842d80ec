"""The files of imports: in the private store, each under its SHA-256, until their day comes."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile

from tasks_tracker.actions.evidence import INCOMING, LEDGERS, store


class NoFile(Exception):
    """The file is not there, or cannot be stored. Codes: file_missing, store_unwritable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def keep(content: bytes) -> str:
    """Put the content into the store, whole or not at all; returns its SHA-256. Raises NoFile."""
    sha256 = hashlib.sha256(content).hexdigest()
    kept = store()
    try:
        incoming = kept.save(f"{INCOMING}/{uuid4().hex}", ContentFile(content))
        target = Path(kept.path(_path(sha256)))
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        os.replace(kept.path(incoming), target)
    except OSError as error:
        raise NoFile("store_unwritable") from error
    return sha256


def content_of(sha256: str) -> bytes:
    """What was kept. Raises NoFile."""
    try:
        with store().open(_path(sha256), "rb") as file:
            content: bytes = file.read()
            return content
    except OSError as error:
        raise NoFile("file_missing") from error


def forget(sha256: str) -> None:
    """Delete the content; nothing happens when it is gone already."""
    store().delete(_path(sha256))


def _path(sha256: str) -> str:
    return f"{LEDGERS}/{sha256}"
