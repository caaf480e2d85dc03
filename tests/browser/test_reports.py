"""Reports as a supervisor reads them: the slow hour, the slow agent, a definition, the file, paper and a phone."""

import csv
import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from agents.models import Shop
from tests.agents.factories import make_member
from tests.browser.conftest import Enter
from tests.browser.late_evening import late_evening

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    return late_evening()


def row_of(page: Page, label: str) -> list[str]:
    """First lines of the cells of a row of the figures."""
    row = page.locator("#figures tr", has=page.get_by_role("rowheader", name=label, exact=True))
    return [text.split("\n")[0] for text in row.locator("td").all_inner_texts()]


def as_filed(text: str) -> str:
    """9:00 is 0:09:00 in a file, or it would be taken for nine hours."""
    return (f"0:{text:0>5}" if text.count(":") == 1 else text).replace(",", "")


def column(page: Page, label: str) -> int:
    heads = page.locator("#figures thead tr").last.locator("th").all_inner_texts()
    return [head.split("\n")[0] for head in heads].index(label) - 1


@pytest.mark.journey
def test_the_hour_the_agent_their_buyers_and_the_file(shop: Shop, enter: Enter, tmp_path: Path) -> None:
    page = enter(make_member(shop, "cs_manager", name="mg"))
    page.goto("/s/xiaoman/overview/")
    page.get_by_role("link", name="报表").click()
    page.get_by_role("link", name="昨天").click()
    expect(page.locator(".share-sentence")).to_contain_text("12 位买家来咨询")
    expect(page.locator(".share-sentence")).to_contain_text("慢回复最多 20 点")

    page.get_by_role("link", name="时段", exact=True).click()
    slow = column(page, "慢回复")
    assert row_of(page, "20:00")[slow] == "8"
    assert row_of(page, "09:00")[slow] == "0"
    page.get_by_role("link", name="客服", exact=True).click()
    assert row_of(page, "小满-售后02")[slow] == "8"
    total = row_of(page, "店铺")

    with page.expect_download() as download:
        page.locator("#figures").get_by_role("link", name="Excel", exact=True).click()
    download.value.save_as(tmp_path / "figures.xlsx")
    sheet = load_workbook(tmp_path / "figures.xlsx").active
    heads = [cell.value for cell in sheet[1]]
    last = dict(zip(heads, [cell.value for cell in sheet[sheet.max_row]], strict=True))
    for label in ("咨询人数", "慢回复", "客服消息", "回复字数"):
        assert f"{last[label]:,.0f}" == total[column(page, label)]
    with page.expect_download() as download:
        page.locator("#figures").get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(tmp_path / "figures.csv")
    rows = list(csv.reader((tmp_path / "figures.csv").read_text("utf-8-sig").splitlines()))
    assert [cell or "—" for cell in rows[-1][1:]] == [as_filed(text) for text in total]

    page.locator("#figures").get_by_role("link", name="小满-售后02").click()
    detail = page.locator("#detail")
    expect(detail.locator("tbody tr")).to_have_count(8)
    detail.get_by_label("时段").select_option("20")
    expect(detail.get_by_role("link", name="CSV", exact=True)).to_have_attribute("href", re.compile("hour=20"))
    expect(detail.locator("tbody tr")).to_have_count(8)
    detail.get_by_role("button", name="达标").click()
    expect(detail.get_by_text("没有符合的买家")).to_be_visible()


def test_a_definition_is_one_hover_or_one_touch_away(shop: Shop, enter: Enter) -> None:
    page = enter(make_member(shop, "main", name="boss"))
    page.goto("/s/xiaoman/reports/")
    head = page.locator(".report-tiles").get_by_role("button", name="慢回复")
    words = head.locator(".defined-hint")
    expect(words).to_be_hidden()
    head.hover()
    expect(words).to_contain_text("回复晚于最严考核指标要求的")
    page.mouse.move(0, 0)
    expect(words).to_be_hidden()
    head.click()
    page.mouse.move(0, 0)
    expect(words).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(words).to_be_hidden()


@pytest.mark.parametrize("phone", [False, True])
def test_a_definition_stands_inside_the_window(shop: Shop, enter: Enter, phone: bool) -> None:
    """The table scrolls, and clips what stands in it."""
    page = enter(make_member(shop, "main", name="boss"), phone=phone)
    page.goto("/s/xiaoman/reports/")
    for head in (page.locator("#figures thead .defined").first, page.locator(".report-tiles .defined").last):
        head.click()
        box = head.locator(".defined-hint").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]


def test_every_chart_is_drawn_and_another_figure_can_be_asked_for(shop: Shop, enter: Enter) -> None:
    page = enter(make_member(shop, "main", name="boss"))
    page.goto("/s/xiaoman/reports/?by=weekday")
    for chart in ("trend", "took", "map", "beside", "load"):
        expect(page.locator(f"#{chart} .chart svg")).to_be_visible()
    page.get_by_label("指标").select_option("slow")
    expect(page.get_by_role("heading", name="慢回复走势")).to_be_visible()
    expect(page.get_by_role("link", name="星期", exact=True)).to_have_attribute("aria-current", "page")
    page.locator("#map").get_by_role("link", name="回复率").click()
    expect(page.locator("#map .chart svg")).to_be_visible()
    page.locator("#map").get_by_text("看表格").click()
    expect(page.locator("#map").get_by_role("cell", name="0.0%", exact=True)).to_be_visible()


def test_on_paper_everything_is_open_and_nothing_else_is_there(shop: Shop, enter: Enter) -> None:
    page = enter(make_member(shop, "main", name="boss"))
    page.goto("/s/xiaoman/reports/")
    page.evaluate("window.print = () => { window.printed = true; window.dispatchEvent(new Event('beforeprint')); }")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(page.locator("#took table")).to_be_visible()
    parts = page.locator(".report-parts table")
    expect(parts).to_have_count(4)  # the wide table, by families of columns that paper has room for
    assert [len(part.locator("thead th").all()) <= 11 for part in parts.all()] == [True] * 4
    expect(page.locator("#figures .report-scroll")).to_be_hidden()
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    expect(page.get_by_role("link", name="工作台").first).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#took table")).to_be_hidden()
    expect(page.locator(".report-parts")).to_have_count(0)
    paper = page.pdf(prefer_css_page_size=True)
    assert BytesIO(paper).read(5) == b"%PDF-"


def test_on_a_phone_the_main_columns_first(shop: Shop, enter: Enter) -> None:
    page = enter(make_member(shop, "main", name="boss"), phone=True)
    page.goto("/s/xiaoman/reports/")
    figures = page.locator("#figures")
    expect(figures.get_by_role("columnheader", name="慢回复")).to_be_visible()
    expect(figures.get_by_role("columnheader", name="回复字数")).to_be_hidden()
    figures.get_by_label("全部列").check()
    expect(figures.get_by_role("columnheader", name="回复字数")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.add_cookies([{"name": "fenliu_language", "value": "en", "url": page.url}])
    page.reload()
    expect(page.get_by_role("link", name="Last month")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
