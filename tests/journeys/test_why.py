"""Why? In a real browser: the explanation opens beside its figure, adds up, and gives the keyboard back."""

from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site

PANEL = "#why-panel"


def total(page: Page) -> tuple[Decimal, Decimal]:
    """What the parts in the panel add, summed up, and what its foot says."""
    cells = page.locator(f"{PANEL} tbody td:last-child").all_inner_texts()
    return sum(map(Decimal, cells), Decimal(0)), Decimal(page.locator(f"{PANEL} tfoot td").last.inner_text())


def test_a_manager_asks_why_on_the_overview_and_ends_at_a_work_item(site: Site, page: Page) -> None:
    site.log_in(page, site.user("viewer"))
    page.goto(site.url)
    link = page.locator(".headline a.why")
    expect(link).to_have_attribute("aria-expanded", "false")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} h2")).to_be_focused()
    expect(link).to_have_attribute("aria-expanded", "true")
    summed, foot = total(page)
    assert summed == foot
    shown = page.locator(".headline .big").inner_text().strip("%")
    assert abs(foot - Decimal(shown)) <= Decimal("0.06")

    page.locator(f"{PANEL} tbody a").first.click()
    expect(page.locator(f"{PANEL} h2")).to_contain_text("1 ")
    assert total(page)[0] == total(page)[1]
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    expect(link).to_be_focused()
    expect(link).to_have_attribute("aria-expanded", "false")

    page.locator(".task-table a.why").first.click()
    page.locator(f"{PANEL} tbody a").first.click()
    expect(page.locator(f"{PANEL} h2")).to_contain_text("1.1 ")
    page.locator(f"{PANEL} tbody a").first.click()
    page.wait_for_url("**/items/**#why")
    expect(page.locator("#why h2")).to_have_text("数据依据")


def test_without_script_why_is_a_page(site: Site, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    site.log_in(page, site.user("viewer"))
    page.goto(site.url)
    page.locator(".headline a.why").click()
    expect(page.locator("h1")).to_contain_text("数据依据")
    adds = [Decimal(text) for text in page.locator(".why-parts tbody td:last-child b").all_inner_texts()]
    assert sum(adds) == Decimal(page.locator(".why-parts tfoot td").last.inner_text())
