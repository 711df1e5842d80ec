"""A reporter's week at one desk: by keyboard only, off the line and back, with a colleague in the same form.

The unit, its two reporters and its items are these journeys' own; every journey takes other items.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tasks_tracker.rules.texts import clauses
from tests.journeys.conftest import Site, this_week
from tests.processes import ROOT

NewPage = Callable[..., Page]
MARK = "window.stillTheSamePage = true"
# Escape in the very moment in which the next item appears, and where the focus is a while later.
ESCAPE_AT_ONCE = """() => new Promise((tell) => {
    new MutationObserver((_, watch) => {
        const title = document.getElementById("work-title");
        if (!title || title.textContent !== "事项31") return;
        watch.disconnect();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        setTimeout(() => tell(document.activeElement.id), 200);
    }).observe(document.body, { childList: true, subtree: true });
    document.querySelector("[data-after]").click();
})"""
SET_UP = """
from datetime import date, timedelta
from tasks_tracker.actions.progress import *
from tests.factories import *
monday = date.fromisoformat({monday!r})
plan = Plan.objects.current()
for name in ({unit!r}, {unit!r} + "-table"):
    unit = make_actor(name, name="演示填报单位")
    for who in ("chen", "he"):
        people = {{"chen": "陈晓岚", "he": "何静"}}
        user = make_user("reporter", name + "-" + who, display_name=people[who], actor=unit)
        user.set_password("journey-Password-1")
        user.save()
    chen = User.objects.get(username=name + "-chen")
    judge = User.objects.filter(role="supervisor").first()
    for number in range({items} if name == {unit!r} else 8):
        item = make_item(
            name.upper() + f"-{{number:02d}}", plan=plan, lead=unit, is_key=True, owner=chen,
            title=f"事项{{number:02d}}",
            starts_on=monday - timedelta(weeks=20), due_on=monday + timedelta(weeks=20),
        )
        make_report(
            item, monday - timedelta(weeks=1), written_by=chen, status="accepted", percent=5500,
            progress_note="完成诊断 412 家；签订合同 655 家。", next_steps="组织对接会。",
            decided_by=judge, decided_at=moment(monday),
        )
"""
ITEMS = 36


@pytest.fixture(scope="module")
def unit(site: Site) -> str:
    """The code of a unit with 36 items that are due, and of another with 8 (…-table)."""
    site.manage(
        "shell", "-v", "0", "-c", SET_UP.format(monday=this_week().isoformat(), unit="desk", items=ITEMS)
    )
    return "desk"


@pytest.fixture
def unwatched(browser: Browser) -> Iterator[BrowserContext]:
    """A window whose lost connections are meant, so that they are no complaint."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    yield context
    context.close()


def report(site: Site, code: str, field: str) -> object:
    return site.ask(
        f"ProgressReport.objects.filter(item__code={code!r}, week={this_week().isoformat()!r})"
        f".values_list({field!r}, flat=True).last()"
    )


def saved_on_the_server(page: Page) -> None:
    expect(page.locator("[data-draft-note]")).to_contain_text("服务器")


def test_thirty_items_are_reported_by_keyboard_on_one_page(site: Site, unit: str, page: Page) -> None:
    site.log_in(page, f"{unit}-chen")
    page.goto(f"{site.url}/my-week/")
    page.evaluate(MARK)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    percent = page.locator("#id_percent")
    expect(percent).to_be_focused()
    for number in range(30):
        here = page.locator("#work-title").inner_text()
        assert here == f"事项{number:02d}"
        if number % 3 == 1:
            page.keyboard.press("Alt+n")
        else:
            page.keyboard.press("Shift+ArrowUp")
            page.keyboard.press("Tab")
            page.keyboard.press("Alt+c") if number % 3 else page.keyboard.insert_text(f"完成第{number}项。")
            page.keyboard.press("Control+Enter")
        expect(page.locator("#work-title")).not_to_have_text(here)
        expect(percent).to_be_focused()
        expect(page.locator("#desk-said")).to_contain_text(here)
    assert page.evaluate("window.stillTheSamePage") is True
    expect(page.locator("[data-badge=my_week]").first).to_contain_text(str(ITEMS - 30))
    mine = f"ProgressReport.objects.filter(item__lead__code={unit!r}, week={this_week().isoformat()!r}"
    assert site.ask(f"{mine}, status='submitted').count()") == 30
    assert site.ask(f"{mine}, no_change=True).count()") == 10
    assert report(site, "DESK-00", "percent") == 6_000
    page.go_back()
    expect(page.locator("#work-title")).to_have_text("事项29")
    assert page.evaluate("window.stillTheSamePage") is True
    page.reload()
    expect(page.locator("#work-title")).to_have_text("事项29")


def test_keys_move_between_items_and_leave_an_input_method_alone(site: Site, unit: str, page: Page) -> None:
    site.log_in(page, f"{unit}-he")
    page.goto(f"{site.url}/my-week/{unit.upper()}-30/?whose=unit")
    page.evaluate(MARK)
    note = page.locator("#id_progress_note")
    note.focus()
    for key in ("{key: 'Enter', ctrlKey: true}", "{key: 'n', code: 'KeyN', altKey: true}"):
        note.evaluate(
            f"(field) => field.dispatchEvent(new KeyboardEvent('keydown', Object.assign({key}, "
            "{isComposing: true, bubbles: true, cancelable: true})))"
        )
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#work-title")).to_have_text("事项31")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#work-title")).to_have_text("事项30")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(ESCAPE_AT_ONCE) == "work-title"
    assert page.evaluate("window.stillTheSamePage") is True
    assert report(site, "DESK-30", "status") is None  # an untouched form is not saved either


def test_a_refused_entry_stays_as_typed_and_says_what_is_missing(site: Site, unit: str, page: Page) -> None:
    site.log_in(page, f"{unit}-chen")
    page.goto(f"{site.url}/my-week/{unit.upper()}-31/")
    page.evaluate(MARK)
    asked = page.locator("[data-out=asked]")
    expect(asked).to_have_text("2")
    page.fill("#id_percent", "30")
    expect(asked).to_have_text("4")  # lower than last time, and behind
    page.fill("#id_progress_note", "完成诊断 412 家；暂缓签约 3 家。")
    expect(page.locator(".differs mark")).to_have_text("暂缓签约 3 家。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".form-errors")).to_be_focused()
    expect(page.locator("#id_progress_note")).to_have_value("完成诊断 412 家；暂缓签约 3 家。")
    assert page.evaluate("window.stillTheSamePage") is True


def test_what_is_typed_survives_a_lost_line_a_closed_window_and_a_log_out(
    site: Site, unit: str, unwatched: BrowserContext
) -> None:
    page = unwatched.new_page()
    site.log_in(page, f"{unit}-chen")
    address = f"{site.url}/my-week/{unit.upper()}-32/"
    page.goto(address)
    page.fill("#id_progress_note", "第一句。")
    saved_on_the_server(page)
    unwatched.set_offline(True)
    page.fill("#id_progress_note", "第一句。断网时写的。")
    expect(page.locator("[data-draft-note]")).to_contain_text("网络已断")
    unwatched.set_offline(False)
    saved_on_the_server(page)
    assert report(site, "DESK-32", "progress_note") == "第一句。断网时写的。"

    unwatched.set_offline(True)
    page.fill("#id_progress_note", "关窗前写的。")
    page.fill("#id_percent", "5x")  # no percent yet; the rest is saved all the same
    page.close()
    unwatched.set_offline(False)
    page = unwatched.new_page()
    page.goto(address)
    expect(page.locator("#id_progress_note")).to_have_value("关窗前写的。")
    expect(page.locator("#id_percent")).to_have_value("5x")
    expect(page.locator("[data-draft-note]")).to_contain_text("尚未保存")
    assert report(site, "DESK-32", "progress_note") == "关窗前写的。"

    unwatched.clear_cookies()
    page.fill("#id_next_steps", "退出后写的。")
    page.locator("[data-draft-note] a").click()
    page.fill("input[name=username]", f"{unit}-he")  # a colleague at the same computer
    page.fill("input[name=password]", "journey-Password-1")
    page.keyboard.press("Enter")
    expect(page.locator("#id_next_steps")).to_have_value("")
    unwatched.clear_cookies()
    site.log_in(page, f"{unit}-chen")
    page.goto(address)
    expect(page.locator("#id_next_steps")).to_have_value("退出后写的。")
    saved_on_the_server(page)
    assert report(site, "DESK-32", "next_steps") == "退出后写的。"


def test_two_colleagues_in_one_form_choose_field_by_field(
    site: Site, unit: str, page: Page, new_page: NewPage
) -> None:
    address = f"{site.url}/my-week/{unit.upper()}-33/"
    site.log_in(page, f"{unit}-chen")
    page.goto(address)
    colleague = new_page()
    site.log_in(colleague, f"{unit}-he")
    colleague.goto(address)
    colleague.fill("#id_progress_note", "何静的进展。")
    colleague.fill("#id_next_steps", "何静的下一步。")
    saved_on_the_server(colleague)

    page.fill("#id_progress_note", "我的进展。")
    box = page.locator("#conflict")
    expect(box).to_be_focused()
    expect(box).to_contain_text("何静的进展。")
    expect(page.locator("#id_progress_note")).to_have_value("我的进展。")
    page.fill("#id_progress_note", "我的进展")  # typing on overwrites nothing, nor does a reload
    page.reload()
    expect(box).to_be_focused()
    expect(page.locator("#id_progress_note")).to_have_value("我的进展")
    assert report(site, "DESK-33", "progress_note") == "何静的进展。"
    box.locator("input[name=take_next_steps][value=theirs]").check()
    box.get_by_role("button").first.click()
    expect(box).not_to_be_visible()
    expect(page.locator("#id_next_steps")).to_have_value("何静的下一步。")
    assert report(site, "DESK-33", "progress_note") == "我的进展"
    assert report(site, "DESK-33", "next_steps") == "何静的下一步。"


def test_the_table_hands_in_what_is_complete_and_says_what_is_not(site: Site, unit: str, page: Page) -> None:
    site.log_in(page, f"{unit}-table-chen")
    page.goto(f"{site.url}/my-week-table/")
    page.evaluate(MARK)
    rows = page.locator("tr[data-row]")
    rows.nth(0).locator("input[inputmode=decimal]").focus()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("表格第一行。")
    expect(rows.nth(0).locator("[data-draft-note]")).to_contain_text("服务器")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#desk-said")).to_contain_text("事项00")
    expect(page.locator("tr[data-row]")).to_have_count(7)
    expect(rows.nth(0).locator("input[inputmode=decimal]")).to_be_focused()

    page.keyboard.press("Tab")
    page.keyboard.press("Alt+c")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.insert_text("表格第三行。")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.insert_text("落后而没有写问题。")
    rows.nth(2).locator("input[inputmode=decimal]").fill("20")
    rows.nth(2).locator("textarea[data-field=decrease_reason]").fill("口径调整")
    expect(page.locator("[data-out=complete]")).to_have_text("2")
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("tr[data-row]")).to_have_count(5)
    wrong = page.locator("tr.has-error")
    expect(wrong).to_have_count(1)
    expect(wrong.locator(".row-wrong")).to_contain_text("问题")
    expect(wrong.locator("textarea[data-field=progress_note]")).to_have_value("落后而没有写问题。")
    assert page.evaluate("window.stillTheSamePage") is True
    given = "ProgressReport.objects.filter(item__lead__code='desk-table', status='submitted'"
    assert site.ask(f"{given}, week={this_week().isoformat()!r}).count()") == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_works_on_a_phone(site: Site, unit: str, new_page: NewPage, scheme: str) -> None:
    phone = new_page(width=390, height=844, color_scheme=scheme)
    site.log_in(phone, f"{unit}-chen")
    for path in ("/my-week/", f"/my-week/{unit.upper()}-34/", "/my-week-table/"):
        phone.goto(f"{site.url}{path}")
        phone.wait_for_load_state("networkidle")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.goto(f"{site.url}/my-week/")
    phone.get_by_role("link", name="事项35").click()
    expect(phone.locator("#work-title")).to_have_text("事项35")
    expect(phone.locator(".work-list")).not_to_be_visible()
    phone.go_back()
    expect(phone.locator(".work-list")).to_be_visible()


TEXTS = [
    "",
    "—",
    "完成诊断 412 家；签订合同 655 家。",
    "完成诊断 437 家；签订合同 655 家。",
    "Signed 3, 4 and 5. Done; next! Really? Yes, sir. ",
    "一\n二\r\n三，，四 。\n",
    " ；。 ",
    "1.5 万家, 2.0 万家。🙂增加，🙂减少",
    "签订合同 655 家",
]


def test_the_browser_marks_the_same_new_words_as_the_reviewers_page(browser: Browser) -> None:
    page = browser.new_page()
    page.add_script_tag(path=ROOT / "static" / "js" / "compare.js")
    for before in TEXTS:
        for text in TEXTS:
            marked = page.evaluate("([text, before]) => compareWords.clauses(text, before)", [text, before])
            said = [{"text": clause.text, "isNew": clause.is_new} for clause in clauses(text, before)]
            assert marked == said, (text, before)
    page.close()
