"""How production keeps static files: hashed, compressed, and the style sheets of every page in one."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE = "css/site.css"
IMPORT = re.compile(r'@import url\("([^"]+)"\);')


class OneStyleSheet(CompressedManifestStaticFilesStorage):
    """A cold browser asks for one style sheet instead of thirty, one after the other."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Puts the sheets in the place of their imports; addresses in them must be absolute or data."""
        if SITE in paths and not dry_run:
            together = IMPORT.sub(lambda found: self._read(urljoin(SITE, found[1])), self._read(SITE))
            self.delete(SITE)
            self._save(SITE, ContentFile(together.encode()))
            paths = paths | {SITE: (self, SITE)}
        yield from super().post_process(paths, dry_run, **options)

    def _read(self, name: str) -> str:
        with self.open(name) as file:
            return file.read().decode().removeprefix('@charset "UTF-8";')
