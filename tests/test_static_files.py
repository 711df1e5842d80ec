"""What production serves beside the pages."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

SHEETS = Path(settings.BASE_DIR) / "static" / "css"


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> Path:
    """The static files as `bin/web` finds them in production."""
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "industrialization.static.OneStyleSheet"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": backend}
    call_command("collectstatic", "--no-input", "--verbosity", "0")
    return tmp_path


def test_the_style_sheets_of_every_page_travel_as_one(collected: Path) -> None:
    served = collected / staticfiles_storage.stored_name("css/site.css")
    text = served.read_text(encoding="utf-8")
    assert "@import" not in text
    names = re.findall(r'@import url\("([^"]+)"\)', (SHEETS / "site.css").read_text(encoding="utf-8"))
    places = [text.find((SHEETS / name).read_text(encoding="utf-8")[20:]) for name in names]
    assert -1 not in places
    assert places == sorted(places)
    assert served.with_suffix(".css.gz").exists()
