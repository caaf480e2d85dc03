"""A supervisor's morning: what failed, who, the worst conversation, the day as a file whose totals are the screen's."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Shop
from tests.agents.factories import make_member
from tests.browser.conftest import Enter
from tests.browser.late_evening import late_evening

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    return late_evening()


def exported(page: Page, to: Path) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.locator("#detail").get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(to)
    return list(csv.DictReader(to.read_text("utf-8-sig").splitlines()))


@pytest.mark.journey
def test_from_the_home_page_to_the_worst_conversation_and_the_file(shop: Shop, enter: Enter, tmp_path: Path) -> None:
    page = enter(make_member(shop, "cs_manager", name="mg"))
    page.goto("/s/xiaoman/")
    banner = page.get_by_role("alert").first
    expect(banner).to_contain_text("处罚中")
    banner.get_by_role("link").click()
    expect(page.get_by_role("heading", name="处罚与合规")).to_be_visible()
    expect(page.locator(".timeline-bar").first).to_be_visible()
    page.get_by_role("link", name="看这些买家").first.click()
    detail = page.locator("#detail")
    expect(detail.get_by_role("button", name="超时 8")).to_have_attribute("aria-pressed", "true")
    expect(detail.locator("tbody tr")).to_have_count(8)
    expect(detail.locator("tbody tr").first).to_contain_text("小满-售后02")

    detail.get_by_label("归属客服").select_option("小满-售前01")
    expect(detail.get_by_text("没有符合的买家")).to_be_visible()
    detail.get_by_label("归属客服").select_option("小满-售后02")
    expect(detail.locator("tbody tr")).to_have_count(8)
    rows = exported(page, tmp_path / "day.csv")
    assert len(rows) == 8
    assert {row["归属客服"] for row in rows} == {"小满-售后02"}
    assert {row["5分钟回复率"] for row in rows} == {"超时"}

    detail.get_by_label("归属客服").select_option("")
    detail.get_by_role("button", name="全部").click()
    expect(detail.locator("tbody tr")).to_have_count(12)
    rows = exported(page, tmp_path / "all.csv")
    in_time = sum(row["5分钟回复率"] == "达标" for row in rows)
    shown = detail.get_by_role("button", name=re.compile("达标")).inner_text()
    assert shown.split()[-1] == str(in_time) == "4"

    expect(page.locator("#trend .chart svg")).to_be_visible()
    worst = max(rows, key=lambda row: int(row["用时（秒）"]))
    detail.locator("tr", has_text=worst["买家"]).get_by_role("link", name="查看").click()
    expect(page.get_by_role("heading", name=worst["买家"])).to_be_visible()
    expect(page.get_by_text("用时").first).to_be_visible()
