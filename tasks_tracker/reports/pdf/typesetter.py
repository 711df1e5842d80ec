"""Runs typst on the templates of this folder, with the fonts that the server has."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from tasks_tracker.reports.letters import has_chinese

FOLDER = Path(__file__).resolve().parent
NOWHERE = FOLDER / "no-packages"  # templates use no packages: there is nothing to look up or to download


class NoChineseFont(Exception):
    """A paper with Chinese characters, and no Chinese font on the server."""

    def __str__(self) -> str:
        return "no Chinese font is installed on this server (on Debian: apt install fonts-noto-cjk)"


def typeset(
    template: str,
    data: dict[str, Any],
    form: Literal["pdf", "png"],
    *,
    dots: float | None = None,
    tags: bool = False,
) -> list[bytes]:
    """The template with the data: one PDF, or a PNG for each page. The same data give the same bytes."""
    text = json.dumps(data, ensure_ascii=False)
    faces = _faces()
    if not faces["body"]["families"] and has_chinese(text):
        raise NoChineseFont
    faces = faces | {"chinese": str(data["language"]).startswith("zh")}
    compiler = typst.Compiler(
        FOLDER / template,
        root=FOLDER,
        font_paths=_fonts(),
        package_path=NOWHERE,
        package_cache_path=NOWHERE,
    )
    inputs = {"data": text, "faces": json.dumps(faces)}
    made = compiler.compile(format=form, ppi=dots, sys_inputs=inputs, pdf_tags=tags)
    return made if isinstance(made, list) else [made] if made else []


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the server, looked for once in each process."""
    return typst.Fonts()


@cache
def _faces() -> dict[str, Any]:
    """For each role the first family of fonts.json that is there, with its weight."""
    there = set(_fonts().families())
    wanted: dict[str, list[str]] = json.loads((FOLDER / "fonts.json").read_text("utf-8"))
    latin = next(name for name in wanted.pop("latin") if name in there)
    return {role: _face(names, there) for role, names in wanted.items()} | {"latin": latin}


def _face(names: list[str], there: set[str]) -> dict[str, Any]:
    for name in names:
        family, _, weight = name.partition(":")
        if family in there:
            return {"families": [family], "weight": weight or "regular"}
    return {"families": [], "weight": "regular"}
