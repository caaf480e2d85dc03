"""The page of penalties from the outside: the rates below, whose buyers, what is missing, what was told (P6, P7)."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from agents.models import Shop
from agents.vocabulary import Role
from metrics.models import Heading
from metrics.selectors import penalty_windows
from metrics.services import assess, enter_black_room
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def day(shop: Shop, back: int) -> date:
    return timezone.now().astimezone(shop.zone).date() - timedelta(days=back)


def counted(shop: Shop) -> None:
    assess(shop=shop, date_from=day(shop, 100), date_to=day(shop, 0), now=timezone.now())


def page(shop: Shop, *, language: str = "zh-hans") -> str:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.force_login(make_member(shop, Role.MAIN, name="boss").account)
    answer = client.get(f"/s/{shop.slug}/penalties/")
    assert answer.status_code == 200
    return answer.content.decode()


def chart(html: str) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'<script id="timeline-rates" type="application/json">(.*?)</script>', html)
    assert found
    return dict(json.loads(found[1]))


def card(html: str, shop: Shop, kind: str) -> str:
    """The window's own section, as text and links."""
    [window] = [row for row in penalty_windows(shop) if row.kind == kind]
    found = re.search(rf'<section class="card penalty" id="penalty-{window.id}">.*?</section>', html, re.DOTALL)
    assert found
    return found[0]


def days_linked(html: str) -> list[str]:
    return re.findall(r"\?day=([\d-]+)&amp;show=failed#detail", html)


def test_the_rates_stand_under_the_windows_one_place_a_day_with_their_line_and_a_table(shop: Shop) -> None:
    ask(shop, day(shop, 2), answered=4)
    ask(shop, day(shop, 1), answered=1, missed=4)
    counted(shop)
    html = page(shop)
    drawn = chart(html)
    assert len(drawn["x"]) == 90
    assert [one["name"] for one in drawn["series"]] == ["5分钟回复率", "15分钟回复率", "1小时回复率", "当天"]
    assert drawn["series"][0]["data"][-3:-1] == [100.0, 55.6]  # type: ignore[index]
    assert drawn["series"][-1]["data"][-3:-1] == [100.0, 20.0]  # type: ignore[index]
    assert drawn["series"][0]["data"][:87] == [None] * 87  # type: ignore[index]
    assert [mark["value"] for mark in drawn["marks"]] == [50.0]
    table = html[html.index("timeline-table") : html.index("</table>", html.index("timeline-table"))]
    assert days_linked(table) == [day(shop, back).isoformat() for back in range(90)]
    assert '20.0% <span class="hint">1/5</span>' in table


def test_a_shop_without_a_penalty_sees_its_rates_too(shop: Shop) -> None:
    ask(shop, day(shop, 1), answered=4)
    counted(shop)
    html = page(shop)
    assert "这段时间没有处罚" in html
    assert chart(html)["series"][0]["data"][-2] == 100.0  # type: ignore[index]


def test_each_window_leads_to_the_buyers_of_every_day_that_failed_it(shop: Shop) -> None:
    ask(shop, day(shop, 4), missed=2)
    ask(shop, day(shop, 3), answered=2, missed=1)
    ask(shop, day(shop, 2), answered=3)
    ask(shop, day(shop, 1), missed=5)
    counted(shop)
    rows = {row.kind: row for row in penalty_windows(shop)}
    removal = rows["resource_slot_removal"]
    assert removal.opened_on == day(shop, 4)
    assert [one.day for one in removal.prolongations] == [day(shop, 1)]
    linked = days_linked(card(page(shop), shop, "resource_slot_removal"))
    assert linked == [day(shop, 4).isoformat(), day(shop, 1).isoformat()], (
        "the day that opened it, the one that prolonged"
    )


def test_the_days_before_count_where_they_made_the_rate_what_it_was(shop: Shop) -> None:
    ask(shop, day(shop, 3), answered=3, missed=2)
    ask(shop, day(shop, 2), answered=2)
    ask(shop, day(shop, 1), missed=4)
    counted(shop)
    linked = days_linked(card(page(shop), shop, "ad_removal"))
    assert linked == [day(shop, 1).isoformat(), day(shop, 3).isoformat()]


def test_what_is_missing_until_the_end_is_said_of_each_kind(shop: Shop) -> None:
    ask(shop, day(shop, 2), missed=4)
    ask(shop, day(shop, 1), answered=5)
    counted(shop)
    enter_black_room(shop=shop, day=day(shop, 1), by=None, now=timezone.now())
    html = page(shop)
    assert "到期自动结束。在此之前若有一天单日不达标，会延长" in card(html, shop, "ad_removal")
    assert "无，到期自动结束。" in card(html, shop, "black_room")
    ban = card(html, shop, "activity_ban")
    assert f"接下来 2 天每天单日都达标，则 {day(shop, -2):%m-%d} 00:00 结束" in ban
    assert ban.count('<i class="is-done"></i>') == 1
    assert ban.count("<i></i>") == 2


def test_what_was_told_before_the_fact_stands_among_the_rest_and_history_that_was_told_to_nobody_does_not(
    shop: Shop,
) -> None:
    ask(shop, day(shop, 40), missed=4)
    for back in (39, 38, 37):
        ask(shop, day(shop, back), answered=4)
    ask(shop, day(shop, 1), missed=4)
    counted(shop)
    Heading.objects.create(shop=shop, metric="reply_5m", date=day(shop, 0), at=datetime.now(shop.zone))
    html = page(shop)
    told = html[html.index("提醒记录") :]
    told = told[: told.index("</table>")]
    assert told.count("今天将不达标") == 1
    assert day(shop, 0).isoformat() in days_linked(told)
    assert told.count("预计处罚") == 4
    assert f"{day(shop, 40):%m-%d}" not in told
    [ban] = [row for row in penalty_windows(shop) if row.kind == "activity_ban" and row.state == "open"]
    assert f'href="#penalty-{ban.id}"' in told


def test_the_page_reads_the_same_in_english(shop: Shop) -> None:
    ask(shop, day(shop, 1), missed=4)
    counted(shop)
    html = page(shop, language="en")
    assert "if each of the next 3 days passes on its own." in html
    assert "Nothing: it ends by itself. A day before then that fails on its own prolongs it." in html


def test_no_penalty_is_not_called_well_while_a_rate_fails() -> None:
    shop = make_shop(platform="kuaishou")  # Its rate brings no penalty by itself.
    ask(shop, day(shop, 1), answered=1, missed=4)
    counted(shop)
    html = page(shop)
    assert "没有处罚" in html
    assert "3分钟人工回复率低于达标线。" in html
    assert "一切正常" not in html
