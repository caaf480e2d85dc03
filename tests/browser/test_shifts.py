"""Shifts in a browser: a template and its gaps, a day changed by keyboard, a week copied; all of it logged."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from tests.agents.factories import make_member, make_shift, make_shop
from tests.browser.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("xiaoman")
    for name in ("a1", "a2"):
        make_member(made, name=name)
    return made


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="boss")


def agent_row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def cells(page: Page, name: str) -> list[str]:
    return [text.split()[0] for text in agent_row(page, name).get_by_role("button").all_inner_texts()]


def test_the_day_shift_template_names_its_two_gaps_and_one_day_is_changed_by_keyboard(
    shop: Shop, main: SubAccount, enter: Enter
) -> None:
    page = enter(main)
    page.goto("/s/xiaoman/shifts/")
    offer = page.locator(".offer", has_text="8:30–20:30")
    expect(offer).to_contain_text("没人：08:00–08:30、20:30–23:00")  # S3's own template has two
    offer.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name=re.compile("8:30–20:30"))).to_be_checked()
    for name in ("a1", "a2"):
        dialog.get_by_role("checkbox", name=name).check()
    dialog.get_by_role("button", name="套用").click()
    expect(dialog).to_have_count(0)
    gaps = page.locator("th.week-day").first
    for words in ("08:00–08:30 没人", "20:30–23:00 没人"):
        expect(gaps).to_contain_text(words)
    before = cells(page, "a1")
    assert before == [before[0]] * 7

    page.get_by_role("link", name="下一周").click()
    expect(page.get_by_role("link", name="本周")).to_be_visible()
    first = agent_row(page, "a1").get_by_role("button").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # Tuesday of a2
    expect(dialog).to_contain_text("a2")
    expect(dialog).to_contain_text("星期二")
    dialog.get_by_role("radio", name="休").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # 只改这一天
    expect(dialog).to_have_count(0)
    expect(page.locator(".toast-line", has_text="a2")).to_be_visible()
    expect(agent_row(page, "a2").get_by_role("button").nth(1)).to_contain_text("休")
    assert cells(page, "a2") == [before[0], "休", *[before[0]] * 5]
    assert cells(page, "a1") == before


@pytest.mark.journey
def test_a_week_is_copied_and_the_log_tells_it_and_gives_it_out(
    shop: Shop, main: SubAccount, enter: Enter, tmp_path: Path
) -> None:
    make_shift(shop, "早班")
    page = enter(main)
    page.goto("/s/xiaoman/shifts/")
    agent_row(page, "a1").get_by_role("button").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile("早班")).check()
    dialog.get_by_role("button", name="只改这一天").click()
    expect(page.locator(".toast-line", has_text="早班")).to_be_visible()
    expect(agent_row(page, "a1").get_by_role("button").last).to_contain_text("早班")

    page.get_by_role("button", name="复制这一周").click()
    expect(dialog).to_contain_text("会改 1 处")
    dialog.get_by_role("button", name="复制", exact=True).click()
    expect(page.locator(".toast-line", has_text="改了 1 处")).to_be_visible()
    page.get_by_role("link", name="下一周").click()
    expect(agent_row(page, "a1")).to_contain_text("早班")

    page.get_by_role("navigation").get_by_role("link", name="操作日志").click()
    page.get_by_label("操作", exact=True).select_option("修改排班")
    page.get_by_role("button", name="查询").click()
    line = page.get_by_role("row").nth(1)
    expect(line).to_contain_text("boss")
    expect(line).to_contain_text("早班")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    path = tmp_path / "audit.csv"
    download.value.save_as(path)
    told = path.read_text("utf-8-sig").splitlines()
    assert len(told) == 1 + page.locator("tbody tr").count()
    assert "boss" in told[1]
