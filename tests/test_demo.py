"""The demo: four shops worth looking at, once; two weeks of traffic that agrees with itself."""

import io
import re
from datetime import datetime

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from agents.models import Account, Shop
from agents.shifts import keeps_plan, on_duty
from conversations.models import Conversation, Message
from conversations.selectors import answers_overview
from conversations.states import State
from metrics.models import PenaltyWindow
from metrics.selectors.shops import shop_lines
from routing.models import RoutingVersion
from routing.services import compare_counters

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def demo(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_the_demo_is_made_once_and_holds_together(client: Client) -> None:
    said = demo("--password", "demo")
    assert "password: demo" in said
    slugs = {"pdd-demo", "ks-demo", "dy-demo", "tb-demo"}
    assert set(Shop.objects.values_list("slug", flat=True)) == slugs
    for slug in slugs:
        names = ["main", "mg", "op", *(f"a{n}" for n in range(1, 7))]
        assert {f"{slug}-{name}" for name in names} <= set(Account.objects.values_list("account", flat=True))
    for shop in Shop.objects.all():
        assert compare_counters(shop=shop) == []
        conversations = Conversation.objects.for_shop(shop)
        assert conversations.count() > 500
        assert conversations.exclude(state=State.CLOSED).exists()
        assert len({m.sent_at.astimezone(shop.zone).date() for m in Message.objects.filter(shop=shop)}) >= 14
        assert RoutingVersion.objects.filter(shop=shop).count() == 3
        assert keeps_plan(shop)
        assert on_duty(shop, afternoon_of(shop))
    in_force = PenaltyWindow.objects.filter(shop__slug="pdd-demo", state="open")
    assert set(in_force.values_list("kind", flat=True)) >= {"resource_slot_removal", "activity_ban"}
    standing = {line.shop.slug: line for line in shop_lines(list(Shop.objects.all()), timezone.now())}
    assert standing["tb-demo"].meets and not standing["tb-demo"].penalties, "well"
    assert not standing["ks-demo"].penalties, "at risk"
    assert abs((standing["ks-demo"].window.rate or 0) - 0.7) < 0.1
    (ban,) = PenaltyWindow.objects.filter(shop__slug="dy-demo", kind="activity_ban")
    assert (ban.state, ban.run) == ("open", 1), "recovering"
    assert [state.on for state in answers_overview(Shop.objects.get(slug="pdd-demo"))] == [True, True, True, False]
    assert not any(state.on for state in answers_overview(Shop.objects.get(slug="ks-demo")))
    client.post("/sign-in/", {"username": "pdd-demo-main", "password": "demo"})
    for name in ("overview", "wall", "reply-rates", "reports", "shares", "penalties"):
        answer = client.get(f"/s/pdd-demo/{name}/", headers={"Accept-Language": "zh-CN"})
        assert answer.status_code == 200
        assert re.findall(r".*[。，、] +[^<\s].*", answer.content.decode()) == [], "joined as English is"
    assert_believable(Shop.objects.get(slug="pdd-demo"))

    before = (Account.objects.count(), Message.objects.count())
    hashes = set(Account.objects.values_list("password", flat=True))
    assert "nothing was changed" in demo("--password", "another")
    assert (Account.objects.count(), Message.objects.count()) == before
    assert set(Account.objects.values_list("password", flat=True)) == hashes


def afternoon_of(shop: Shop) -> datetime:
    return timezone.now().astimezone(shop.zone).replace(hour=15)


def assert_believable(shop: Shop) -> None:
    """The peak is in the evening (S3), and some get many, some few."""
    opened = [c.opened_at.astimezone(shop.zone) for c in Conversation.objects.for_shop(shop)]
    today = timezone.now().astimezone(shop.zone).date()
    hours = [at.hour for at in opened if at.date() < today]  # today's evening may be still to come
    assert max(range(24), key=hours.count) in (20, 21)
    held = [c.holder_id for c in Conversation.objects.for_shop(shop) if c.holder_id]
    counts = sorted(held.count(holder) for holder in set(held))
    assert counts[-1] > 1.5 * counts[0]
