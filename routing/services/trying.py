"""Try it: who would get a conversation now, under settings that need not be published. Reads, and writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from agents.models import Shop
from agents.vocabulary import Platform
from routing.engine.chances import Chances, foresee
from routing.engine.compile import compile_settings
from routing.engine.document import Document
from routing.engine.settings import Settings, Step
from routing.engine.telling import told_trace
from routing.engine.types import Contact, Conversation
from routing.models import Lane
from routing.snapshot import LaneState


@dataclass(frozen=True)
class Trial:
    """`trace` as a stored decision's, `shares` as in `Chances`; `contact`: the recent agent, None for a new buyer."""

    outcome: str
    rule: str
    kind: str
    pool: str | None
    shares: dict[str, float]
    drawn: bool
    push: bool
    trace: list[dict[str, Any]]
    steps: Sequence[Step]
    contact: Contact | None
    already: str | None
    """Who holds the conversation that the buyer has open: they would go on in it (G18). Empty: nobody yet."""


def try_decision(
    *,
    shop: Shop,
    document: Document,
    entry: str = "",
    order_status: str = "",
    question: str = "",
    buyer: str = "",
    now: datetime | None = None,
) -> Trial:
    """What the rules would say of a conversation opened now, the shop being as it is.

    `document` is whole (`checked_document`). Outside the lane: a live event may overtake it, nothing is locked.
    """
    at = now or timezone.now()
    # A lane that has not begun yet is one in which nothing has happened.
    lane = Lane.objects.filter(pk=shop.pk).first() or Lane(shop=shop)
    settings = compile_settings(document, Platform(shop.platform), lane.version + 1)
    state = LaneState(shop, lane, settings)
    at = at if lane.last_at is None else max(at, lane.last_at)
    state.advance(at)
    standing = state.open_of(buyer) if buyer else None
    asked = Conversation("", buyer, entry or None, question or None, order_status or "none")
    already = None if standing is None else standing.agent or ""
    return _trial(shop, state, settings, asked, foresee(state, asked, at), already)


def _trial(
    shop: Shop, state: LaneState, settings: Settings, asked: Conversation, found: Chances, already: str | None
) -> Trial:
    outcome, agent = found.settled.outcome, found.settled.agent
    return Trial(
        outcome=str(outcome),
        rule=found.settled.rule,
        kind=settings.steps[len(found.trace) - 1].kind,
        pool=found.settled.pool,
        shares=found.shares,
        drawn=found.drawn,
        push=outcome == "offline" and agent is not None and state.agents[agent].mobile_app,
        trace=told_trace(found.trace, shop.zone),
        steps=settings.steps,
        contact=state.contact_of(asked),
        already=already,
    )
