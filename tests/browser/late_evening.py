"""A shop whose yesterday went wrong: at 9 one agent answers four in time, at 20 another answers eight late."""

from datetime import date, timedelta

from django.utils import timezone

from agents.models import Shop, SubAccount
from metrics.services import assess
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import make_conversation, say


def late_evening() -> Shop:
    """小满-售前01 in time, 小满-售后02 late."""
    shop = make_shop("xiaoman")
    fast, slow = named(shop, "a1", "小满-售前01"), named(shop, "a2", "小满-售后02")
    day = yesterday(shop)
    for n in range(4):
        row = make_conversation(shop, f"按时{n}")
        say(row, "buyer", f"09:{10 + n}", day)
        say(row, "agent", f"09:{12 + n}", day, who=fast)
    for n in range(8):
        row = make_conversation(shop, f"超时{n}")
        say(row, "buyer", f"20:{10 + n}", day)
        say(row, "agent", f"20:{20 + 3 * n}", day, who=slow)
    assess(shop=shop, date_from=day, date_to=day + timedelta(days=1), now=timezone.now())
    return shop


def named(shop: Shop, account: str, label: str) -> SubAccount:
    member = make_member(shop, "agent", name=account)
    assert member.account is not None
    member.account.display_name = label
    member.account.save()
    return member


def yesterday(shop: Shop) -> date:
    return timezone.now().astimezone(shop.zone).date() - timedelta(days=1)
