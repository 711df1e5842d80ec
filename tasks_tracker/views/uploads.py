"""What is kept of an upload while it arrives."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class SizeLimit(FileUploadHandler):
    """Throws away a file that is larger than evidence may be; the page names it, see `too_large`."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """The chunk for the next handler; raises SkipFile beyond the limit."""
        if start + len(raw_data) > settings.EVIDENCE_MEGABYTES * 1024 * 1024:
            request: Any = self.request
            request.too_large = [*too_large(request), self.file_name]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The next handler has the file."""
        return None


def too_large(request: Any) -> list[str]:
    """The names of the files that were thrown away."""
    return getattr(request, "too_large", [])
