"""Search in messages and buyers' names, conversation by conversation, a bounded piece of the history at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Subquery

from agents.permissions import Actor
from conversations.models import Conversation, Message
from core.text_search import pattern_of
from routing.selectors import visible_conversations

PAGE = 30
"""Conversations shown at a time."""

SLICE = 1_000
"""Conversations looked through by one query."""

MAX_SLICES = 10
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
    pattern = pattern_of(words)
    hits: list[Hit] = []
    last: Conversation | None = None
    for _number in range(MAX_SLICES):
        rows = list(_slice(actor, before))
        found = _hits_in(rows, pattern)
        missing = PAGE - len(hits)
        hits += found[:missing]
        if rows:
            last = hits[-1].conversation if len(found) > missing else rows[-1]
            before = last.pk
        if len(found) <= missing and len(rows) < SLICE:
            before = None
            break
        if len(hits) == PAGE:
            break
    hits.sort(key=lambda hit: (hit.at, hit.conversation.pk), reverse=True)
    return SearchPage(hits, before, last.opened_at if last else None)


def _slice(actor: Actor, before: int | None) -> QuerySet[Conversation]:
    rows = visible_conversations(actor).order_by("-opened_at", "-pk")
    if before is not None:
        opened = Subquery(Conversation.objects.for_shop(actor.shop).filter(pk=before).values("opened_at"))
        rows = rows.filter(Q(opened_at__lt=opened) | Q(opened_at=opened, pk__lt=before))
    return rows[:SLICE]


def _hits_in(rows: Sequence[Conversation], pattern: str) -> list[Hit]:
    """In the order of `rows`."""
    messages = Message.objects.filter(conversation__in=[row.pk for row in rows], text__regex=pattern).order_by()
    counted = messages.values("conversation").annotate(count=Count("pk"), last=Max("pk"))
    found = {row["conversation"]: (row["count"], row["last"]) for row in counted}
    latest = Message.objects.in_bulk([last for _count, last in found.values()])
    named = set(
        Conversation.objects.filter(pk__in=[row.pk for row in rows], buyer__external_id__regex=pattern).values_list(
            "pk", flat=True
        )
    )
    return [
        Hit(row, latest.get(found[row.pk][1]) if row.pk in found else None, found[row.pk][0] if row.pk in found else 0)
        for row in rows
        if row.pk in found or row.pk in named
    ]
