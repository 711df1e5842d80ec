"""Colours: one place for literals, enough contrast in light and in dark, no two lights alike."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from django.conf import settings

from tasks_tracker.models.plan import Light

CSS = Path(settings.BASE_DIR) / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
THEMES = {
    "light": TOKENS[TOKENS.index(":root {") : TOKENS.index('[data-bs-theme="dark"]')],
    "dark": TOKENS[TOKENS.index('[data-bs-theme="dark"]') :],
}
LIGHTS = [code.replace("_", "-") for code in Light.values]
BANDS = ["d0", "d1", "d2", "d3", "d4"]


def colour(theme: str, name: str) -> tuple[float, float, float]:
    found = re.search(rf"(?<![\w-])--{name}: #([0-9a-f]{{3}}(?:[0-9a-f]{{3}})?);", THEMES[theme])
    assert found, f"--{name} is not a colour in {theme}"
    text = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    red, green, blue = (int(text[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue


def luminance(rgb: tuple[float, float, float]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(theme: str, first: str, second: str) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""
    bright, dark = sorted((luminance(colour(theme, name)) for name in (first, second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def pairs() -> list[tuple[str, str, float]]:
    words = [(f"{one}-text", ground, 4.5) for one in LIGHTS for ground in ("panel", f"{one}-soft")]
    digits = [(f"{one}-on", one, 4.5) for one in [*LIGHTS, *BANDS]]
    marks = [(f"{one}-line", "panel", 3.0) for one in LIGHTS]
    text = [(ink, ground, 4.5) for ink in ("ink", "ink-2", "muted") for ground in ("panel", "bg", "sunk")]
    signs = [(name, "panel", 4.5) for name in ("accent", "good", "bad")]
    frames = [(name, "panel", 3.0) for name in ("control", "focus", "accent")]
    other = [
        ("accent-on", "accent", 4.5),
        ("accent", "accent-soft", 4.5),
        ("suspended-on", "suspended-hatch", 4.5),
    ]
    return [*words, *digits, *marks, *text, *signs, *frames, *other]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("first", "second", "least"), pairs())
def test_contrast_is_enough(theme: str, first: str, second: str, least: float) -> None:
    assert contrast(theme, first, second) >= least


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_lights_share_a_fill(theme: str) -> None:
    for first, second in combinations(LIGHTS, 2):
        assert colour(theme, first) != colour(theme, second)


def test_both_themes_define_the_same_colours() -> None:
    names = {theme: set(re.findall(r"(--[\w-]+): #", text)) for theme, text in THEMES.items()}
    assert names["light"] == names["dark"]


def style_sheets() -> list[Path]:
    return [path for path in sorted(CSS.rglob("*.css")) if path.name != "tokens.css"]


@pytest.mark.parametrize("sheet", style_sheets(), ids=lambda path: path.name)
def test_literal_colours_and_text_sizes_stand_in_the_tokens_only(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text)
    assert not re.findall(r"font(?:-size)?:[^;{}]*?\b\d+px", text.replace("font-size: 0;", ""))


@pytest.mark.parametrize("sheet", style_sheets(), ids=lambda path: path.name)
def test_every_token_that_is_used_is_defined(sheet: Path) -> None:
    used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text(encoding="utf-8")))
    set_by_script = {"--shape"}  # the proportions of a drawn chart, for print
    assert used <= set_by_script | set(re.findall(r"(--[\w-]+):", TOKENS))


def test_every_style_sheet_is_linked_and_no_other() -> None:
    templates = (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    linked = {
        name
        for template in templates
        for name in re.findall(r"static \"css/([\w/-]+\.css)\"", template.read_text(encoding="utf-8"))
    }
    linked |= set(
        re.findall(r'@import url\("([\w/-]+\.css)"\)', (CSS / "site.css").read_text(encoding="utf-8"))
    )
    assert linked == {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")}


@pytest.mark.parametrize("folder", ["css", "vendor", "js"])
def test_no_file_names_a_missing_map(folder: str) -> None:
    files = [path for path in (CSS.parent / folder).rglob("*") if path.suffix in {".css", ".js"}]
    assert files
    assert not [path.name for path in files if "sourceMappingURL" in path.read_text(encoding="utf-8")]
