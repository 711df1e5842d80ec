"""The main job, end to end: logged, signed by the unit, accepted; the figure moves and the workbook agrees.

Against the real processes: on PostgreSQL a worker recomputes the cells, on SQLite the job runs at once.
"""

from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.factories.files import PDF
from tests.journeys.conftest import Site
from tests.processes import wait_for

NATIONAL = (
    "[str(value) for figures in [__import__('tasks_tracker.queries.figures', fromlist=['rolled'])] "
    "for plan in [Plan.objects.current()] "
    "for cells in [Cell.objects.filter(rollup=WeekRollup.objects.order_by('-week')[0])] "
    "for whole in [figures.rolled(figures.tallies(cells, 'measure'), figures.outline_of(plan)).whole] "
    "for value in (whole.progress, whole.planned, whole.coverage)]"
)


def national(site: Site) -> list[Fraction]:
    """Progress, planned and coverage of the plan, exact, from the cells."""
    return [Fraction(value) for value in site.ask(NATIONAL)]


def hand_in(site: Site, page: Page, note: str) -> str:
    """The reporter reports on the first item that is due; its code."""
    site.log_in(page, site.user("reporter", actor="region-420000"))
    page.goto(f"{site.url}/my-week/")
    page.locator(".work-list a[href*='/my-week/']").first.click()
    page.wait_for_url("**/my-week/*/*")
    code = page.url.split("?")[0].rstrip("/").split("/")[-1]
    page.fill("input[name$=percent]", "100")
    page.fill("textarea[name$=progress_note]", note)
    page.fill("textarea[name$=next_steps]", "下周组织验收。")
    if page.locator("[data-evidence] .evidence-list li").count() == 0:
        page.set_input_files("#evidence-files", {"name": "验收材料.pdf", "mimeType": "", "buffer": PDF})
        expect(page.locator("[data-evidence] .evidence-list li")).to_have_count(1)
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#desk-said")).to_contain_text("已提交")
    return code


def decide(site: Site, desk: Page, role: str, pk: int, button: str, **unit: str) -> None:
    """Somebody of that role opens the report and presses a button of its page."""
    site.log_in(desk, site.user(role, **unit))
    desk.goto(f"{site.url}/reviews/{pk}/")
    desk.get_by_role("button", name=button).first.click()
    desk.wait_for_load_state("networkidle")


@pytest.fixture
def note() -> str:
    return "【演示数据】已完成全部建设内容，准备验收。"


def test_a_logged_week_moves_the_national_figure_and_reaches_the_workbook(
    site: Site, page: Page, new_page: object, note: str, tmp_path: Path
) -> None:
    before = national(site)
    code = hand_in(site, page, note)
    report = f"ProgressReport.objects.filter(item__code='{code}', progress_note='{note}')"
    assert site.ask(f"{report}.get().status") == "submitted"

    pk = site.ask(f"{report}.get().pk")
    unit: Page = new_page()  # type: ignore[operator]
    site.log_in(unit, site.user("reviewer", actor="region-420000"))
    unit.goto(f"{site.url}/reviews/{pk}/")
    with unit.expect_download() as file:
        unit.get_by_role("button", name="验收材料.pdf").first.click()
    assert Path(file.value.path()).read_bytes() == PDF
    unit.keyboard.press("a")
    expect(unit.locator("body")).to_contain_text("已由单位审核")
    assert site.ask(f"{report}.get().status") == "reviewed"

    desk: Page = new_page()  # type: ignore[operator]
    decide(site, desk, "supervisor", pk, "通过")
    assert site.ask(f"{report}.get().status") == "accepted"
    wait_for("the cells to be recomputed", lambda: site.ask("StaleCell.objects.count()") == 0, 30)

    after = national(site)
    assert after[0] > before[0]
    assert "differences: 0" in site.manage("roll_up", "--week", site.week, "--verify")

    desk.goto(f"{site.url}/")
    shown = desk.locator(".big").first.inner_text().replace("\n", "").rstrip("%")
    assert abs(Fraction(shown) - after[0] / 100) <= Fraction(1, 20)

    desk.goto(f"{site.url}/exports/?week={site.week}")
    with desk.expect_download() as download:
        desk.locator("form button.btn-primary").click()
    path = tmp_path / "week.xlsx"
    download.value.save_as(path)
    summary = load_workbook(path, data_only=True).worksheets[0]
    numbers = [cell.value for row in summary.iter_rows() for cell in row if isinstance(cell.value, float)]
    assert any(abs(number - float(after[0] / 10_000)) < 1e-9 for number in numbers)


def test_a_returned_report_comes_back_with_its_reason(
    site: Site, page: Page, new_page: object, note: str
) -> None:
    code = hand_in(site, page, note)
    report = f"ProgressReport.objects.filter(item__code='{code}').order_by('-week', '-version')"
    pk = site.ask(f"{report}.first().pk")
    unit: Page = new_page()  # type: ignore[operator]
    decide(site, unit, "reviewer", pk, "审核通过", actor="region-420000")
    desk: Page = new_page()  # type: ignore[operator]
    site.log_in(desk, site.user("supervisor"))
    desk.goto(f"{site.url}/reviews/{pk}/")
    desk.fill("[name$=reason]", "请附验收材料清单。")
    desk.get_by_role("button", name="退回").click()
    desk.wait_for_load_state("networkidle")
    assert site.ask(f"{report}.first().status") == "returned"

    page.goto(f"{site.url}/my-week/{code}/")
    expect(page.locator("body")).to_contain_text("请附验收材料清单。")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#desk-said")).to_contain_text("已提交")
    versions = site.ask(f"list({report}.values_list('version', 'status')[:2])")
    assert versions == [[2, "submitted"], [1, "returned"]]


def test_the_charts_are_drawn_and_a_bar_leads_to_its_list(site: Site, page: Page) -> None:
    site.log_in(page, site.user("viewer"))
    page.goto(f"{site.url}/")
    bars = page.locator("[data-chart='status-by-task-data'] .bars .point, #status-by-task .bars .point")
    expect(bars.first).to_be_visible()
    assert bars.count() == 7 * 6
    assert page.locator("#curve .scatterlayer .trace").count() >= 4
    assert page.locator("#matrix .heatmaplayer image, #matrix .heatmaplayer path").count() >= 1
    for address in page.locator(".task-table a.sg").evaluate_all("links => links.map(a => a.href)")[:3]:
        page.goto(address)
        assert "/items/" in page.url
        assert page.locator("table tbody tr").count() >= 1


def test_a_past_week_is_chosen_and_stays_in_every_link(site: Site, page: Page) -> None:
    site.log_in(page, site.user("viewer"))
    page.goto(f"{site.url}/")
    page.keyboard.press("[")
    page.wait_for_url("**week=*")
    week = page.url.split("week=")[1][:8]
    expect(page.locator(".live.is-frozen")).to_be_visible()
    page.locator(".task-link").first.click()
    page.wait_for_load_state("networkidle")
    assert f"week={week}" in page.url


def test_the_language_is_switched_and_stays(site: Site, page: Page) -> None:
    site.log_in(page, site.user("viewer"))
    page.goto(f"{site.url}/")
    expect(page.locator("h1")).to_have_text("全国总览")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("h1")).to_have_text("National overview")
    page.goto(f"{site.url}/regions/")
    expect(page.locator("h1")).to_have_text("Regions")
