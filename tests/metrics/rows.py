"""A shop's rows for tests: conversations, messages, decisions, straight into the tables."""

from datetime import date
from itertools import count

from django.utils import timezone

from agents.models import Shop, SubAccount
from conversations.models import Buyer, Conversation, Message
from metrics.models import DayRate, PenaltyWindow, Replay
from metrics.services import enter_black_room
from metrics.services.following import mark_dirty
from routing.models import Decision
from tests.agents.factories import make_agent as make_place
from tests.metrics.builders import DAY, at

_numbers = count(1)


def make_shop(platform: str = "pinduoduo", timezone: str = "Asia/Shanghai") -> Shop:
    number = next(_numbers)
    return Shop.objects.create(slug=f"s{number}", name=f"店{number}", platform=platform, timezone=timezone, seed=7)


def make_agent(shop: Shop, name: str) -> SubAccount:
    return make_place(shop, name)


def make_conversation(
    shop: Shop, buyer: str = "b", *, imported: bool = True, name: str = "", **given: str
) -> Conversation:
    who, _ = Buyer.objects.get_or_create(shop=shop, external_id=buyer)
    name = name or f"c{next(_numbers)}"
    return Conversation.objects.create(
        shop=shop, external_id=name, buyer=who, state="closed", imported=imported, opened_at=at("00:00"), **given
    )


def say(
    conversation: Conversation,
    sender: str,
    clock: str,
    day: date = DAY,
    *,
    who: SubAccount | None = None,
    seq: int = 0,
    dirty: bool = False,
    **more: object,
) -> Message:
    """One message; `dirty` marks its day, as an import does."""
    sent_at = at(clock, day, conversation.shop.zone)
    if dirty:
        mark_dirty(conversation.shop, [day])
    return Message.objects.create(
        shop=conversation.shop,
        conversation=conversation,
        identity=f"m{next(_numbers)}",
        sender=sender,
        author=who,
        kind="text",
        sent_at=sent_at,
        received_at=sent_at,
        seq=seq,
        **more,
    )


def decide(conversation: Conversation, clock: str, agent: SubAccount | None, day: date = DAY) -> Decision:
    number = conversation.decisions.count() + 1
    return Decision.objects.create(
        shop=conversation.shop,
        conversation=conversation,
        number=number,
        seq=next(_numbers),
        at=at(clock, day, conversation.shop.zone),
        trigger="opened",
        outcome="assigned" if agent else "queued",
        agent=agent,
        rule="PDD3",
        version=1,
    )


def ask(shop: Shop, day: date, *, answered: int = 0, missed: int = 0) -> None:
    """So many buyers at 10:00 who were answered after a minute, and so many who never were."""
    for number in range(answered + missed):
        talk = make_conversation(shop, f"b{next(_numbers)}")
        say(talk, "buyer", "10:00", day, dirty=True)
        if number < answered:
            say(talk, "agent", "10:01", day, dirty=True)


def rates(shop: Shop, day: date = DAY, metric: str = "reply_5m") -> DayRate:
    return DayRate.objects.get(shop=shop, date=day, metric=metric)


def make_penalty(shop: Shop) -> PenaltyWindow:
    """A window in force that a person entered (P4)."""
    now = timezone.now()
    known = PenaltyWindow.objects.filter(shop=shop).first()
    return known or enter_black_room(shop=shop, day=now.astimezone(shop.zone).date(), by=None, now=now)


def make_replay(shop: Shop) -> Replay:
    return Replay.objects.create(shop=shop, day=DAY, document={})
