"""A shop with days of everything that counts: live and imported conversations, images, ratings, statuses, penalties."""

import io
from datetime import date, datetime, timedelta

from PIL import Image

from agents.models import Shop
from conversations.models import Conversation
from conversations.states import ClosedBy, Sender
from metrics.formulas.measures import MEASURES
from metrics.models import Attendance, DayRate, PenaltyWindow, RateRollup, Rollup
from metrics.services import sweep_shop
from metrics.services.following import mark_dirty
from routing import services
from tests.agents.factories import make_agent
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_conversation, make_shop, say

DAYS = [DAY + timedelta(days=n) for n in range(4)]
HORIZON = DAYS[2]
NOW = at("12:00", DAYS[-1] + timedelta(days=1))


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (2, 2)).save(held, "PNG")
    return held.getvalue()


def furnished() -> Shop:
    """Counted up to NOW."""
    shop = make_shop()
    make_agent(shop, "a1")
    for day in DAYS:
        _live_day(shop, day)
        _imported_day(shop, day)
    _spanning(shop)
    sweep_shop(shop=shop, now=NOW)
    return shop


def _live_day(shop: Shop, day: date) -> None:
    """One buyer answered in time with an image and a rating, one answered late, both closed the same day."""
    services.set_presence(shop=shop, agent="a1", status="online", now=at("09:00", day))
    for name, asked, answered, closed in (("quick", "10:00", "10:02", "10:40"), ("late", "12:00", "13:30", "13:40")):
        talk, sent = f"{name}-{day}", at(asked, day)
        services.open_conversation(shop=shop, external_id=talk, buyer=f"b-{talk}", entry="goods_detail", now=sent)
        _say(shop, talk, Sender.BUYER, sent)
        _say(shop, talk, Sender.AGENT, at(answered, day))
        services.close_conversation(shop=shop, conversation=talk, by=ClosedBy.AGENT, now=at(closed, day))
    row = Conversation.objects.get(shop=shop, external_id=f"quick-{day}")
    services.rate_conversation(conversation=row, satisfied=True, word="好", now=at("13:41", day))
    services.set_presence(shop=shop, agent="a1", status="offline", now=at("18:00", day))


def _say(shop: Shop, talk: str, sender: Sender, now: datetime) -> None:
    image = {"kind": "image", "image": picture()} if sender == Sender.AGENT else {"text": "在吗"}
    services.post_message(shop=shop, conversation=talk, sender=sender, now=now, **image)


def _imported_day(shop: Shop, day: date) -> None:
    """Two buyers of history whom nobody answered: with them the day fails."""
    for number in range(2):
        talk = make_conversation(shop, f"h{number}-{day}", name=f"history{number}-{day}")
        say(talk, "buyer", "10:00", day)
    mark_dirty(shop, [day])


def _spanning(shop: Shop) -> None:
    """A conversation of history that began before the horizon and was answered after it, by who held it before."""
    talk = make_conversation(shop, "spanning", name="spanning")
    agent = shop.sub_accounts.get(name="a1")
    say(talk, "agent", "22:00", HORIZON - timedelta(days=1), who=agent)
    say(talk, "buyer", "08:30", HORIZON)
    say(talk, "agent", "08:31", HORIZON, who=agent)
    mark_dirty(shop, [HORIZON - timedelta(days=1), HORIZON])


def figures(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """All that pages and files tell of the shop's past."""
    line = ("date", "hour", "dimension", "key")
    wanted = {
        Rollup: (*line, *MEASURES),
        RateRollup: (*line, "metric", "passed", "failed", "pending"),
        Attendance: ("agent", "date", "hour", "online_seconds", "break_seconds", "most_open"),
        DayRate: ("metric", "date", "passed", "failed", "window_passed", "window_failed", "assessed", "passes"),
        PenaltyWindow: ("kind", "opened_on", "starts_at", "ends_at", "state", "reasons"),
    }
    found = {
        model.__name__: sorted(model.objects.filter(shop=shop).values_list(*names), key=repr)
        for model, names in wanted.items()
    }
    # Lines that were counted down to nothing say the same as none.
    return {
        name: [row for row in rows if name not in ("Rollup", "RateRollup") or any(_amounts(row))]
        for name, rows in found.items()
    }


def _amounts(row: tuple[object, ...]) -> list[int]:
    return [amount for amount in row[4:] if isinstance(amount, int)]
