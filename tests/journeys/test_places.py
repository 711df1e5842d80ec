"""The matrix by keyboard, and the pages of a key task and a unit with what is really drawn on them."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site


def test_from_the_matrix_by_arrow_keys_to_its_list_and_to_what_is_drawn_behind_it(
    site: Site, page: Page
) -> None:
    site.log_in(page, site.user("viewer"), "/matrix/")
    grid = page.locator("table[data-grid]")
    assert grid.get_attribute("role") == "grid"
    assert grid.locator("tbody .heatmap-cell .sym").count() > 50
    assert grid.locator("[tabindex='0']").count() == 1
    grid.locator("[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End", "Home", "ArrowRight"):
        page.keyboard.press(key)
    here = page.evaluate(
        "[document.activeElement.closest('tr').rowIndex, document.activeElement.closest('td').cellIndex]"
    )
    assert here == [2, 1]
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("End")
    box = page.locator(".scroll-wide:has(> .is-lit)")
    assert box.evaluate("(box) => box.scrollLeft") > 0
    head = grid.locator("tbody th").nth(1)
    assert head.bounding_box()["x"] < 40  # type: ignore[index] — the first column stays
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/?key_task=2*")

    page.goto(f"{site.url}/key-tasks/5/")
    expect(page.locator("#curve .scatterlayer .trace").nth(3)).to_be_attached()
    assert page.locator("#curve .scatterlayer .trace .js-fill").count() >= 1  # the band of the range
    rows = page.locator(".gantt tbody tr")
    number = rows.count()
    assert 10 < number <= 30
    assert page.locator(".gantt .gantt-run").count() == number
    assert page.locator(".gantt .gantt-row .gantt-mark").count() > number
    assert page.locator(".rate-strip li").count() == 6
    drawn = page.locator(".gantt .gantt-fill").first.evaluate("(bar) => bar.getBoundingClientRect().width")
    assert drawn > 5
    page.locator(".gantt tbody th a").first.click()
    page.wait_for_url("**/items/*/")
    page.locator("dd a[href*='/actors/']").first.click()
    page.wait_for_url("**/actors/*/")
    expect(page.locator("#gap .bars .point").first).to_be_visible()
