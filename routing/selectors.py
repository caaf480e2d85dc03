"""Reading conversations, decisions, pools and settings, for screens and API."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Count, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents.models import Account, AuthToken, Shop, SubAccount
from agents.permissions import Actor, Permission, may
from agents.vocabulary import Platform, Status
from config.statements import Rows
from conversations.models import Conversation, Message
from conversations.states import State
from routing.engine.document import Document, read_document
from routing.engine.settings import queue_notice, shows_count
from routing.engine.telling import told_time
from routing.engine.vocabulary import RECEIVED, Outcome
from routing.models import Decision, Lane, RoutingSettings, RoutingVersion


def visible_conversations(actor: Actor) -> QuerySet[Conversation]:
    """All of the shop for leaders and keys; an agent's own and the waiting ones (DESIGN 8)."""
    rows = Conversation.objects.for_shop(actor.shop).select_related("buyer", "holder__account")
    if _sees_all(actor):
        return rows
    return rows.filter(Q(holder=actor.sub_account) | Q(state=State.QUEUED))


def visible_conversation(actor: Actor, pk: int) -> Conversation | None:
    """One of them, with its shop."""
    if _sees_all(actor):
        return _conversation.first(actor.shop.pk, pk)
    return visible_conversations(actor).select_related("shop").filter(pk=pk).first()


def _sees_all(actor: Actor) -> bool:
    return actor.key is not None or may(actor, Permission.CONVERSATIONS_ALL)


_conversation = Rows(
    Conversation,
    lambda shop, pk: Conversation.objects.filter(shop=shop, pk=pk).order_by(),
    *("shop", "buyer", "holder", "holder__account"),
)


@dataclass(frozen=True)
class Filters:
    """What a list of conversations is asked for; days are shop days, both included.

    `routed`: those that routing gave to `agent` (G16), on these days, whoever holds them now.
    """

    state: str = ""
    agent: str = ""
    buyer: str = ""
    unanswered: bool = False
    routed: bool = False
    date_from: date | None = None
    date_to: date | None = None


def filtered(rows: QuerySet[Conversation], shop: Shop, asked: Filters) -> QuerySet[Conversation]:
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.routed:
        rows = rows.filter(pk__in=_routed(shop, asked))
    elif asked.agent:
        rows = rows.filter(holder__name=asked.agent)
    if asked.unanswered:
        rows = rows.filter(unanswered_since__isnull=False).exclude(state=State.CLOSED)
    if asked.buyer:
        rows = rows.filter(buyer__external_id=asked.buyer)
    return rows if asked.routed else rows.filter(_within("opened_at", shop, asked))


def _routed(shop: Shop, asked: Filters) -> QuerySet[Decision, int]:
    """Keys of the conversations."""
    rows = Decision.objects.filter(shop=shop, outcome=Outcome.ASSIGNED, trigger__in=RECEIVED)
    if asked.agent:
        rows = rows.filter(agent__name=asked.agent)
    return rows.filter(_within("at", shop, asked)).order_by().values_list("conversation_id", flat=True)


def _within(field: str, shop: Shop, asked: Filters) -> Q:
    days = Q()
    if asked.date_from:
        days &= Q(**{f"{field}__gte": shop.midnight(asked.date_from)})
    if asked.date_to:
        days &= Q(**{f"{field}__lt": shop.midnight(asked.date_to + timedelta(days=1))})
    return days


def decisions_of(conversation: Conversation) -> QuerySet[Decision]:
    """The conversation's decisions, the first one first."""
    rows = Decision.objects.filter(shop=conversation.shop_id, conversation=conversation)
    return rows.select_related("agent__account", "by__account", "conversation__buyer").order_by("number")


def last_decision(conversation: Conversation) -> Decision | None:
    return _last_decision.first(conversation.shop_id, conversation.pk)


_last_decision = Rows(
    Decision,
    lambda shop, conversation: Decision.objects.filter(shop=shop, conversation=conversation).order_by("-number")[:1],
    *("agent", "agent__account", "by", "by__account", "conversation", "conversation__buyer"),
)


def thread(conversation: Conversation) -> QuerySet[Message]:
    """The conversation's messages in order of time."""
    return Message.objects.filter(conversation=conversation).select_related("author__account").order_by("sent_at", "pk")


def told_decision_row(row: Decision, shop: Shop, *, trace: bool = True) -> dict[str, Any]:
    """A stored decision as CONTRACT section 2, "Result"; without `trace` that column is not read."""
    told = {
        "at": told_time(row.at, shop.zone),
        "conversation": row.conversation.external_id,
        "buyer": row.conversation.buyer.external_id,
        "trigger": row.trigger,
        "outcome": row.outcome,
        "agent": None if row.agent is None else row.agent.name,
        "rule": row.rule,
        "pool": row.pool or None,
        "labels": row.labels,
        "push": row.push,
        "version": row.version,
    }
    if trace:
        told["trace"] = row.trace
    if row.by is not None:
        told |= {"by": row.by.name, "reason": row.reason or None}
    return told


@dataclass(frozen=True)
class Place:
    """A waiting conversation's place in its pool, from 1, and what its buyer is told (DY9). `counted`: whether that
    is a number, and not the busy text."""

    conversation: Conversation
    position: int
    notice: str
    counted: bool = True


def waiting_conversations(shop: Shop) -> QuerySet[Conversation]:
    """The waiting conversations in order."""
    return _waiting(shop).select_related("buyer").order_by("waiting_seq", "pk")


def places_of(shop: Shop, rows: Sequence[Conversation]) -> list[Place]:
    """The places of consecutive waiting conversations: two queries, however long the queue is."""
    if not rows:
        return []
    texts = current_document(shop)["queue"]
    ahead = Count("pk", filter=Q(waiting_seq__lt=rows[0].waiting_seq))
    pools = _waiting(shop).filter(pool__in={row.pool for row in rows}).order_by()
    rows_by_pool = pools.values_list("pool").annotate(size=Count("pk"), before=ahead)
    counted = {pool: (size, before) for pool, size, before in rows_by_pool}
    places: Counter[str] = Counter({pool: before for pool, (_size, before) in counted.items()})
    found = []
    for row in rows:
        places[row.pool] += 1
        size = counted.get(row.pool, (places[row.pool], 0))[0]
        found.append(_place(row, places[row.pool], texts, size))
    return found


def place_of(conversation: Conversation) -> Place | None:
    """The conversation's place, None unless it waits."""
    if conversation.state != State.QUEUED:
        return None
    pool = _waiting(conversation.shop).filter(pool=conversation.pool)
    earlier = pool.filter(waiting_seq__lt=conversation.waiting_seq).count()
    return _place(conversation, earlier + 1, current_document(conversation.shop)["queue"], pool.count())


def _place(row: Conversation, position: int, texts: Mapping[str, Any], size: int) -> Place:
    return Place(row, position, queue_notice(texts, size), shows_count(texts, size))


def _waiting(shop: Shop) -> QuerySet[Conversation]:
    return Conversation.objects.for_shop(shop).filter(state=State.QUEUED)


def current_version(shop: Shop) -> RoutingVersion:
    """The version in force; an unsaved first one, all defaults, for a shop where nothing has happened yet."""
    number = Coalesce(Subquery(Lane.objects.filter(pk=shop.pk).values("version")), 1)
    row = RoutingVersion.objects.filter(shop=shop, number=number).select_related("created_by").first()
    return row or RoutingVersion(shop=shop, number=1, document=read_document({}, Platform(shop.platform), ()))


def current_document(shop: Shop) -> Document:
    document: Document = current_version(shop).document
    return document


def hidden_pages(shop: Shop) -> list[str]:
    """Pages that the shop does not want to see among its settings."""
    return RoutingSettings.objects.filter(shop=shop).values_list("hidden_pages", flat=True).first() or []


def versions(shop: Shop) -> QuerySet[RoutingVersion]:
    return RoutingVersion.objects.filter(shop=shop).select_related("created_by").order_by("-number")


def presence_of_session(account: Account, session_key: str) -> list[SubAccount]:
    """The places whose presence ends when this session is signed out of.

    A lease of another session that goes on keeps its own; a status that nobody's page holds stands while a program of
    the account is signed in.
    """
    now = timezone.now()
    rows = SubAccount.objects.filter(account=account).exclude(status=Status.OFFLINE)
    places = list(rows.select_related("shop", "account", "lease").order_by("shop__slug"))
    leases = {row.pk: row.lease.session_key for row in places if hasattr(row, "lease")}
    others = Session.objects.filter(session_key__in=set(leases.values()) - {session_key, ""}, expire_date__gt=now)
    going_on = set(others.values_list("session_key", flat=True))
    program = AuthToken.objects.filter(account=account, expires_at__gt=now).exists()
    return [row for row in places if (leases[row.pk] not in going_on if row.pk in leases else not program)]
