"""Entries, order statuses and pools."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.vocabulary import Platform
from routing.engine.vocabulary import Allocation
from routing.labels import ENTRIES, ORDER_STATUSES, TAOBAO_ORDER_STATUSES

PLACES: Mapping[str, str | Promise] = ENTRIES
"""Entries (pages) by code."""

ENTRIES_TOLD: Mapping[str, str | Promise] = {
    "goods_detail": _("asks on the page of a product"),
    "order_detail": _("asks on the page of an order"),
    "direct_message": _("writes from the list of messages"),
    "live": _("asks during a live stream"),
    "other": _("everywhere else"),
}
"""Douyin's entries, each in one line (S1: the question mark beside an entry)."""

ALLOCATIONS_TOLD: Mapping[str, str | Promise] = {
    Allocation.LEAST_SATURATED: _("Saturation = open conversations ÷ cap; the lowest is next. Nobody is flooded."),
    Allocation.EVEN_TODAY: _(
        "Whoever has received the fewest today is next, over the whole day: who starts at noon gets the afternoon."
    ),
    Allocation.PRIORITY: _("The recent agent first, then the least saturated."),
}

SHOP_LINE = _("the shop's line")


def status_words(status: str, platform: str) -> str:
    """An order status as its platform calls it; an unknown one as it is."""
    words = TAOBAO_ORDER_STATUSES if platform == Platform.TAOBAO else ORDER_STATUSES
    return str(words.get(status, status))


def order_words(status: str, platform: str, by_card: bool) -> str:
    """The order a conversation is about: its status, or that the buyer has sent one (`by_card`); empty for none."""
    if by_card:
        return now("Order sent in the chat")
    return status_words(status, platform) if status else ""


def pool_words(pool: str, platform: str) -> str:
    """A pool's name: `shop`, `order_status:<status>`, `entry:<entry>`, `entry:<entry>:<question>`."""
    kind, _colon, rest = pool.partition(":")
    if kind == "order_status":
        return now("the line of “%(status)s”") % {"status": status_words(rest, platform)}
    if kind == "entry":
        entry, _colon, question = rest.partition(":")
        words = str(PLACES.get(entry, entry))
        return now("the line of “%(entry)s”") % {"entry": f"{words} · {question}" if question else words}
    return str(SHOP_LINE)
