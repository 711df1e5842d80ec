"""What a panel and the wall screen do when the answer is slow, wrong, or does not come."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.conftest import Site

PARTS = re.compile(r"/(items|wall)/")


@pytest.fixture
def window(site: Site, browser: Browser) -> Iterator[Page]:
    """A window of a viewer in which requests may fail without failing the journey."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    page = context.new_page()
    page.clock.install()
    site.log_in(page, site.user("viewer"))
    yield page
    context.close()


def from_parts(page: Page, act: str, status: int = 500) -> None:
    """From now on a part of a page that is asked for is lost on the way, or answered with a fault."""

    def handle(route: Route) -> None:
        if route.request.headers.get("hx-request") != "true":
            route.continue_()
        elif act == "lost":
            route.abort()
        else:
            route.fulfill(status=status, body="<h1>Server Error</h1>", content_type="text/html")

    page.route(PARTS, handle)


def choose(page: Page, key_task: str) -> None:
    page.locator("select[name=key_task]").select_option(key_task)


@pytest.mark.parametrize(("act", "words"), [("lost", "无法连接服务器"), ("fault", "这一部分未能加载")])
def test_a_panel_says_what_is_wrong_and_tries_again(site: Site, window: Page, act: str, words: str) -> None:
    window.goto(f"{site.url}/items/")
    rows = window.locator("#item-list tbody tr")
    before = rows.count()
    from_parts(window, act)
    choose(window, "2")
    fault = window.locator("#item-list > [data-fault]")
    expect(fault).to_contain_text(words)
    assert rows.count() == before, "what was shown stays"
    assert window.locator("#item-list").get_attribute("aria-busy") is None
    fault.get_by_role("button", name="重试").click()
    expect(fault).to_have_count(1)
    window.unroute(PARTS)
    fault.get_by_role("button", name="重试").click()
    expect(fault).to_have_count(0)
    window.wait_for_url("**key_task=2**")


def test_no_log_in_page_gets_into_a_panel(site: Site, window: Page) -> None:
    window.goto(f"{site.url}/items/")
    window.context.clear_cookies(name="sessionid")
    choose(window, "3")
    fault = window.locator("#item-list > [data-fault=session]")
    expect(fault).to_contain_text("登录已失效")
    assert window.locator("input[name=password]").count() == 0
    address = fault.get_by_role("link", name="重新登录").get_attribute("href")
    assert address is not None
    assert address.startswith("/login/?next=%2Fitems%2F")


def test_a_panel_fades_only_when_the_answer_takes_long(site: Site, window: Page) -> None:
    window.goto(f"{site.url}/items/")
    held: list[Route] = []
    window.route(PARTS, lambda route: held.append(route))
    panel = window.locator("#item-list")
    choose(window, "2")
    window.wait_for_function("true")
    assert panel.get_attribute("aria-busy") is None
    window.clock.run_for(400)
    expect(panel).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(panel).not_to_have_attribute("aria-busy", "true")


def test_the_wall_keeps_its_figures_and_says_since_when_they_stand(site: Site, window: Page) -> None:
    window.goto(f"{site.url}/wall/")
    big, note = window.locator(".wall-big"), window.locator("[data-stale]")
    shown = big.inner_text()
    for act, words in (("lost", "服务器无响应"), ("fault", "未能给出新的数字")):
        from_parts(window, act)
        window.clock.run_for(61_000)
        expect(note).to_contain_text(words)
        assert re.search(r"\d\d:\d\d", note.inner_text())
        assert big.inner_text() == shown
        window.unroute(PARTS)
        window.clock.run_for(61_000)
        expect(note).to_be_hidden()
    window.context.clear_cookies(name="sessionid")
    window.clock.run_for(61_000)
    expect(note).to_contain_text("登录已失效")
    assert window.locator("input[name=password]").count() == 0
    assert big.inner_text() == shown
    note.get_by_role("link", name="重新登录").click()
    window.wait_for_url("**/login/?next=%2Fwall%2F")


def test_the_wall_fits_its_screen_and_turns_its_list(site: Site, window: Page) -> None:
    for width, height in ((1920, 1080), (3840, 2160), (1366, 768)):
        window.set_viewport_size({"width": width, "height": height})
        window.goto(f"{site.url}/wall/")
        size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        assert window.evaluate(size) == [width, height]
        cut = window.evaluate(
            "[...document.querySelectorAll('.wall .panel')]"
            ".filter(panel => panel.scrollHeight > panel.clientHeight + 2).map(panel => panel.className)"
        )
        assert cut == [], (width, height)
    smallest = window.evaluate(
        "Math.min(...[...document.querySelectorAll('.wall *')].filter(one => one.children.length === 0 &&"
        " one.textContent.trim() && one.checkVisibility() && !one.closest('.visually-hidden'))"
        ".map(one => parseFloat(getComputedStyle(one).fontSize))) * 1920 / innerWidth"
    )
    assert smallest >= 14
    leaves = window.locator("[data-leaf]")
    assert leaves.count() > 1
    expect(leaves.nth(0)).to_be_visible()
    window.clock.run_for(20_500)
    expect(leaves.nth(1)).to_be_visible()
    expect(leaves.nth(0)).to_be_hidden()
    window.locator("[data-turns]").focus()
    window.clock.run_for(41_000)
    expect(leaves.nth(1)).to_be_visible()
    window.emulate_media(reduced_motion="reduce")
    window.locator("[data-turns]").evaluate("list => list.blur()")
    window.clock.run_for(21_000)
    expect(leaves.nth(1)).to_be_visible()
