"""Search in messages and buyers' names, conversation by conversation, a bounded piece of the history at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Subquery

from agents.permissions import Actor
from conversations.models import Conversation, Message
from core.text_search import condition_of
from routing.selectors import visible_conversations

PAGE = 30
"""Conversations shown at a time."""

SLICE = 1_000
"""Conversations looked through by one query."""

MAX_SLICES = 5
"""Queries for one page: what a search costs is bounded, however rare the words are."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation with the words. `message`: its latest one with them, None where only the buyer's name has them;
    `count`: how many messages have them."""

    conversation: Conversation
    message: Message | None
    count: int

    @property
    def at(self) -> datetime:
        return self.message.sent_at if self.message else self.conversation.opened_at


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`hits`, the latest first. `before`: key of the conversation to go on from, None at the end of the history;
    `searched_to`: the opening of the last one looked at."""

    hits: list[Hit]
    before: int | None
    searched_to: datetime | None


def search_conversations(actor: Actor, words: str, before: int | None = None) -> SearchPage:
    """Conversations that the actor may see whose messages or buyer's name hold `words`, in any width and case.

    Goes back from the latest opened one, or from `before`, until PAGE are found or MAX_SLICES are looked through.
    """
    hits: list[Hit] = []
    last: int | None = None
    for _number in range(MAX_SLICES):
        keys = list(_slice(actor, before))
        found = _hits_in(keys, words)
        missing = PAGE - len(hits)
        hits += found[:missing]
        if keys:
            last = before = hits[-1].conversation.pk if len(found) > missing else keys[-1]
        if len(found) <= missing and len(keys) < SLICE:
            before = None
            break
        if len(hits) == PAGE:
            break
    hits.sort(key=lambda hit: (hit.at, hit.conversation.pk), reverse=True)
    return SearchPage(hits, before, _opened_at(last))


def _slice(actor: Actor, before: int | None) -> QuerySet[Conversation, int]:
    """Keys of the next conversations back, the latest opened first."""
    rows = visible_conversations(actor).select_related(None).order_by("-opened_at", "-pk")
    if before is not None:
        opened = Subquery(Conversation.objects.for_shop(actor.shop).filter(pk=before).values("opened_at"))
        rows = rows.filter(Q(opened_at__lt=opened) | Q(opened_at=opened, pk__lt=before))
    return rows.values_list("pk", flat=True)[:SLICE]


def _opened_at(conversation: int | None) -> datetime | None:
    if conversation is None:
        return None
    return Conversation.objects.filter(pk=conversation).values_list("opened_at", flat=True).first()


def _hits_in(keys: Sequence[int], words: str) -> list[Hit]:
    """In the order of `keys`."""
    messages = Message.objects.filter(condition_of("text", words), conversation__in=keys).order_by()
    counted = messages.values("conversation").annotate(count=Count("pk"), last=Max("pk"))
    by_text = {row["conversation"]: (row["count"], row["last"]) for row in counted}
    named = Conversation.objects.filter(condition_of("buyer__external_id", words), pk__in=keys)
    found = {*by_text, *named.values_list("pk", flat=True)}
    rows = Conversation.objects.select_related("buyer").in_bulk(found)
    latest = Message.objects.in_bulk([last for _count, last in by_text.values()])
    hits = []
    for key in keys:
        if key in rows:
            count, last = by_text.get(key, (0, None))
            hits.append(Hit(rows[key], latest.get(last) if last else None, count))
    return hits
