"""A browser that has never been here before, and what it loads."""

from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page


@dataclass
class FirstView:
    """What came over the line, by address, and how long until every chart was drawn."""

    bytes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    charts: int = 0

    @property
    def total(self) -> int:
        return sum(self.bytes.values())

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.bytes if not url.startswith("data:")}


ALL_DRAWN = (
    "document.querySelectorAll('.plot').length === document.querySelectorAll('.plot[data-drawn]').length"
)


def first_view(browser: Browser, url: str, cookies: list[dict[str, str]]) -> FirstView:
    """Open the page with an empty cache. Bytes are those on the line: heads and compressed bodies."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    seen, addresses = FirstView(), {}
    wire = context.new_cdp_session(page)
    wire.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    wire.on(
        "Network.loadingFinished",
        lambda e: seen.bytes.update({addresses[e["requestId"]]: int(e["encodedDataLength"])}),
    )
    wire.send("Network.enable")
    begin = monotonic()
    page.goto(url)
    page.wait_for_function(ALL_DRAWN, polling=20)
    seen.seconds = monotonic() - begin
    page.wait_for_load_state()
    seen.charts = page.locator(".plot[data-drawn]").count()
    context.close()
    return seen


def session_of(page: Page) -> list[dict[str, str]]:
    """The cookies of a logged-in window, for one that comes cold."""
    return [dict(cookie) for cookie in page.context.cookies()]  # type: ignore[arg-type]
