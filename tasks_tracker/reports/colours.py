"""Colours of what is printed: those of the screen in the light theme (static/css/tokens.css)."""

INK, MUTED, LINE, HEAD, ACCENT, PLAN = "#17202B", "#5C6878", "#C9D1DA", "#E6EFF9", "#1C5BA3", "#9AA6B4"
RANGE, MASTHEAD = "#9DBFE6", "#B3141C"
# Light → (fill, ink on it). Without colour the character and the word carry the meaning.
FILLS = {
    "done": ("#1B6470", "#FFFFFF"),
    "on_track": ("#459F92", "#17202B"),
    "not_started": ("#FFFFFF", "#17202B"),
    "at_risk": ("#F0C445", "#17202B"),
    "behind": ("#DA6B17", "#17202B"),
    "overdue": ("#9E1B2B", "#FFFFFF"),
    "suspended": ("#D3D9E0", "#17202B"),
    "": ("#FFFFFF", "#5C6878"),
}
# Band of a region, 0 = furthest behind … 4 = on plan or ahead → (fill, ink on it).
BANDS = (
    ("#B5460E", "#FFFFFF"),
    ("#E5A05C", "#17202B"),
    ("#F5D9B4", "#17202B"),
    ("#ECEFF2", "#17202B"),
    ("#A9D0D6", "#17202B"),
)
EMPTY = ("#FFFFFF", "#5C6878")


def fill_of(light: str) -> tuple[str, str]:
    """The fill of a light and the ink on it; plain for a light that has none."""
    return FILLS.get(light, EMPTY)


def band_of(band: int | None) -> tuple[str, str]:
    """The fill of a band and the ink on it; plain where there is no data."""
    return EMPTY if band is None else BANDS[band]
