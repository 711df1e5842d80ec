"""The product has one version: the newest in the CHANGELOG."""

import re
import tomllib

from tests.processes import ROOT


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+) ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == newest[1]
