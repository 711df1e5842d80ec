"""What the people of the office do, each in the browser window of the one who does it.

A deed ends when the page has answered; it returns what the story goes on with.
"""

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

from tests.factories.files import PDF

HANDED_IN = re.compile("已提交")


def code_of(region: str, measure: str) -> str:
    """The code that the distribution gives to the item of a measure in a region, such as 42-2.1-W48."""
    return f"{region}-{measure}-W48"


def title_of(measure: str) -> str:
    """How titles of the items of a measure end."""
    return f"落实举措{measure}"


# --- distributing and signing for it ----------------------------------------------------------------------
def choose_distribution(page: Page, url: str, measure: str, starts: date, due: date, *, key: bool) -> None:
    """The five regions of a group and five more; then look over the rows."""
    page.goto(f"{url}/distribute/")
    option = page.locator("[name=measure] option", has_text=re.compile(rf"^{re.escape(measure)} "))
    page.select_option("[name=measure]", option.get_attribute("value"))
    page.fill("[name=title]", "{region}" + title_of(measure))
    page.fill("[name=batch]", "W48")
    page.fill("[name=starts_on]", starts.isoformat())
    page.fill("[name=due_on]", due.isoformat())
    page.set_checked("[name=is_key]", key)
    for name in ("长三角", "湖北", "广东", "四川", "山东", "北京"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#preview tbody tr")).to_have_count(10)


def distribute(page: Page, url: str, measure: str, starts: date, due: date, *, key: bool) -> None:
    """Assign a measure to ten regions in one action."""
    choose_distribution(page, url, measure, starts, due, key=key)
    page.get_by_role("button", name="下达10个事项").click()
    expect(page.locator("main, body").first).to_contain_text("已下达10个事项")


def sign_for_all(page: Page, url: str, number: int) -> None:
    """The unit takes on everything that was assigned to it."""
    page.goto(f"{url}/to-accept/")
    expect(page.locator("input[name=item]")).to_have_count(number)
    page.get_by_role("button", name="签收所选事项").click()
    expect(page.locator("body")).to_contain_text(f"已签收{number}个事项")


# --- reporting --------------------------------------------------------------------------------------------
def fill_in_table(page: Page, url: str, leave: tuple[str, ...] = (), most: int | None = None) -> int:
    """Hand in by table whatever is not reported yet, but for the measures left; how many that were.

    Everybody is on plan, but with measure 1.1, which stands at half and says why, and 1.2, which is done.
    """
    page.goto(f"{url}/my-week-table/")
    filled = 0
    for row in page.locator("tr[data-row]").all():
        title = row.locator("th a").first.inner_text()
        if any(title.endswith(title_of(measure)) for measure in leave) or filled == most:
            continue
        planned = int(row.get_attribute("data-planned") or 0)
        is_behind, is_done = title.endswith(title_of("1.1")), title.endswith(title_of("1.2"))
        percent = "50" if is_behind else "100" if is_done else str(planned // 100 + 1)
        row.locator("[data-field=percent]").fill(percent)
        row.locator("[data-field=progress_note]").fill(f"{title}：本周按计划推进，形成阶段成果。")
        if is_behind:
            state_problem(row)
        filled += 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="提交全部已填完的行").click()
    expect(page.locator("#desk-said")).to_contain_text(f"已提交{filled}件。")
    return filled


def state_problem(form: Locator | Page) -> None:
    """Say what stands in the way."""
    form.locator("[data-field='problems-0-kind'], [name='problems-0-kind']").select_option(index=1)
    form.locator("[data-field='problems-0-description'], [name='problems-0-description']").fill(
        "部分项目用地审批滞后，影响进度。"
    )


def open_form(page: Page, url: str, code: str, week: str = "") -> None:
    """The form of one item."""
    page.goto(f"{url}/my-week/{code}/" + (f"?week={week}" if week else ""))


def hand_in(page: Page, percent: str, note: str) -> None:
    """Type percent and note into the form that is open, and submit."""
    page.fill("input[name$=percent]", percent)
    page.fill("textarea[name$=progress_note]", note)
    submit(page)


def submit(page: Page) -> None:
    """Hand in the form that is open as it stands."""
    page.locator("[data-key-submit]").click()
    expect(page.locator("#desk-said")).to_contain_text(HANDED_IN)


def attach(page: Page, name: str) -> None:
    """Add a file to the report that is open."""
    page.set_input_files("#evidence-files", {"name": name, "mimeType": "", "buffer": PDF})
    expect(page.locator("[data-evidence] .evidence-list li")).to_have_count(1)


# --- signing ----------------------------------------------------------------------------------------------
def sign_batch(page: Page, url: str, expected: int, but: str = "") -> None:
    """Sign all that waits and asks for no look, but for the item with that title."""
    page.goto(f"{url}/reviews/")
    page.get_by_role("button", name=re.compile("^除有提示的外全部")).click()
    if but:
        page.get_by_role("checkbox", name=but).uncheck()
    expect(page.locator("input[name=report]:checked")).to_have_count(expected)
    page.get_by_role("button", name=re.compile("通过所选")).click()
    page.wait_for_url("**/reviews/*")


def sign_single(page: Page, url: str, title: str) -> None:
    """Open the report of that item and sign it."""
    open_report(page, url, title)
    page.keyboard.press("a")
    page.wait_for_load_state()


def return_single(page: Page, url: str, title: str, reason: str) -> None:
    """Open the report of that item and return it with a reason."""
    open_report(page, url, title)
    page.fill("[name=reason]", reason)
    page.get_by_role("button", name="退回并到下一件").click()
    page.wait_for_load_state()


def open_report(page: Page, url: str, title: str) -> None:
    """From the list of what waits to the report of that item."""
    page.goto(f"{url}/reviews/")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url(re.compile(r"/reviews/\d+/"))


# --- the life cycle of an item ----------------------------------------------------------------------------
def take_step(page: Page, url: str, code: str, step: str, **typed: str) -> None:
    """Unfold a step on the page of the item, fill its form in and confirm."""
    page.goto(f"{url}/items/{code}/")
    offer = page.locator("details.step", has=page.locator("summary", has_text=re.compile(f"^{step}$")))
    offer.locator("summary").click()
    for name, value in typed.items():
        offer.locator(f"[name$='-{name}']").fill(value)
    offer.get_by_role("button", name=step).click()
    expect(page.locator("body")).to_contain_text(title_of(code.split("-")[1]))


def split(page: Page, url: str, code: str, titles: tuple[str, ...], reason: str) -> None:
    """Divide an item into parts that the own unit leads."""
    page.goto(f"{url}/items/{code}/parts/")
    for part, title in zip(page.locator("fieldset.part").all(), titles, strict=False):
        part.locator("[name$=-title]").fill(title)
        part.locator("[name$=-lead]").select_option(index=1)
    page.fill("[name$=reason]", reason)
    page.get_by_role("button", name="分解", exact=True).click()
    page.wait_for_url(re.compile(rf"/items/{re.escape(code)}/$"))


def decide(page: Page, url: str, kind: str, button: str, **typed: str) -> None:
    """Decide on the only request of that kind."""
    page.goto(f"{url}/requests/?kind={kind}")
    form = page.locator("form", has=page.get_by_role("button", name=button))
    for name, value in typed.items():
        form.locator(f"[name$={name}]").fill(value)
    if button == "同意办结并销号":
        form.get_by_role("radio", name="良好").check()
    form.get_by_role("button", name=button).click()
    page.wait_for_load_state()


# --- problems ---------------------------------------------------------------------------------------------
def take_up(page: Page, title: str, by: str) -> str:
    """From the ledger to the problem of that item, and say which unit coordinates it; its address."""
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=title, exact=True))
    row.locator("th a, td a").first.click()
    page.get_by_text("牵头协调", exact=True).first.click()
    option = page.locator("[name=coordinate-coordinator] option", has_text=by)
    page.select_option("[name=coordinate-coordinator]", option.first.get_attribute("value"))
    page.get_by_role("button", name="牵头协调").click()
    expect(page.locator("body")).to_contain_text("已列为协调中")
    return page.url


def answer_problem(page: Page, url: str, words: str) -> None:
    """The unit that coordinates reads its notice, and says what it does."""
    page.goto(f"{url}/notices/")
    page.locator(".notice-row.is-unread .notice-open").first.click()
    page.wait_for_url(re.compile(r"/problems/\d+/"))
    page.get_by_text("回复", exact=True).first.click()
    page.fill("[name=answer-words]", words)
    page.get_by_role("button", name="回复").click()
    expect(page.locator("body")).to_contain_text("回复已记录")


def solve(page: Page, words: str) -> None:
    """Say how the problem on the page was solved."""
    page.get_by_text("办结", exact=True).first.click()
    page.fill("[name=solve-words]", words)
    page.get_by_role("button", name="办结").click()
    expect(page.locator("body")).to_contain_text("问题已办结")


# --- slips ------------------------------------------------------------------------------------------------
def urge(page: Page, url: str, unit: str) -> None:
    """Demand everything that a unit owes, from the page of who owes what."""
    page.goto(f"{url}/filing/")
    page.get_by_role("row", name=unit).get_by_role("link", name="催办").first.click()
    _issue(page)


def supervise(page: Page, answer_by: str) -> None:
    """Raise the slip that is open to supervision, with a deadline."""
    page.get_by_role("link", name="转为督办").click()
    page.fill("[name=answer_by]", answer_by)
    _issue(page)


def _issue(page: Page) -> None:
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="确认下发").click()
    page.wait_for_url(re.compile(r"/slips/\d+/"))


def open_slip(page: Page, url: str) -> None:
    """The newest slip of the register."""
    page.goto(f"{url}/slips/?kind=supervise")
    page.locator(".tbl a[href*='/slips/']").first.click()
    page.wait_for_url(re.compile(r"/slips/\d+/"))


def answer_slip(page: Page, url: str, measures: str, promised_on: str) -> None:
    """Say what the unit does about it, and by when it reports."""
    open_slip(page, url)
    page.fill("[name=answer-measures]", measures)
    page.fill("[name=answer-promised_on]", promised_on)
    page.get_by_role("button", name="提交回复").click()
    expect(page.locator("body")).to_contain_text(measures)


def close_slip(page: Page, url: str, note: str) -> None:
    """Settle the matter."""
    open_slip(page, url)
    page.fill("[name=close-note]", note)
    page.get_by_text("销单…").click()
    page.get_by_role("button", name="确认销单").click()
    expect(page.locator("body")).to_contain_text(note)
