"""Every page there is, in one walk: on a desk and on a phone, light and dark, in both languages.

axe-core (tests/vendor/axe) finds nothing serious, nothing is wider than a phone, and every target is large
enough for a finger. A page that is added is walked too: `walk.py` reads the table of who gets what.
"""

import json
from itertools import cycle
from typing import Any

from playwright.sync_api import Page

from tests.journeys.conftest import ROOT, Site
from tests.journeys.walk import walkers

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
AXE = ROOT / "tests" / "vendor" / "axe" / "axe.min.js"
LOOKS = (ROOT / "tests" / "journeys" / "looks.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Style sheets are not fetched again (preload): axe looks for imported ones at the wrong address.
AUDIT = """async tags => {
    const wanted = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], preload: false };
    const serious = found => ['serious', 'critical'].includes(found.impact);
    const places = nodes => nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ');
    const said = found => `${found.id}: ${places(found.nodes)}`;
    return (await axe.run(document, wanted)).violations.filter(serious).map(said);
}"""
# axe takes what lies under the bar for covered for good, although it scrolls.
BAR_AT_THE_END = "document.querySelectorAll('.tab-bar').forEach(bar => { bar.style.position = 'static'; })"


def shown_in(page: Page, size: dict[str, int], theme: str) -> None:
    """The page in that size and theme, without waiting for anything to fade."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.evaluate(
        "theme => { document.documentElement.setAttribute('data-bs-theme', theme);"
        " document.dispatchEvent(new CustomEvent('themechange')); }",
        theme,
    )


def too_small(page: Page) -> list[str]:
    """What a phone's screen or a finger is too small or too large for."""
    found: dict[str, Any] = page.evaluate(LOOKS)
    wide = [f"{found['overflow']} pixels wider than the phone"] if found["overflow"] else []
    return wide + [f"smaller than a finger: {target}" for target in found["small"][:5]]


def test_every_page_is_open_to_everybody(site: Site, new_page: Any) -> None:
    wrong: dict[str, list[str]] = {}
    themes = cycle([("light", "dark"), ("dark", "light")])
    seen = 0
    for _role, account, stops in walkers(site):
        page: Page = new_page(reduced_motion="reduce")
        page.context.add_init_script(path=AXE)
        site.log_in(page, account, "/numbers/")
        for stop, (on_desk, on_phone) in zip(stops, themes, strict=False):
            faults = []
            shown_in(page, DESK, on_desk)
            response = page.goto(f"{site.url}{stop.path}", wait_until="load")
            assert response is not None
            assert response.status == 200, f"{stop.name}: {response.status}"
            shown_in(page, DESK, on_desk)
            faults += [f"desk, {on_desk}: {found}" for found in page.evaluate(AUDIT, TAGS)]
            shown_in(page, PHONE, on_phone)
            page.evaluate(BAR_AT_THE_END)
            faults += [f"phone, {on_phone}: {found}" for found in page.evaluate(AUDIT, TAGS)]
            faults += [f"phone: {fault}" for fault in too_small(page)]
            wrong |= {stop.name: faults} if faults else {}
            seen += 1
        wrong |= _in_english(site, page, [stop.path for stop in stops])
        page.context.close()
    assert seen > 50
    assert wrong == {}, json.dumps(wrong, ensure_ascii=False, indent=1)


def _in_english(site: Site, page: Page, paths: list[str]) -> dict[str, list[str]]:
    """English words are longer: do they still fit a phone?"""
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site.url}])
    faults = {}
    for path in paths:
        page.goto(f"{site.url}{path}")
        if found := too_small(page):
            faults[f"{path} in English"] = found
    return faults
