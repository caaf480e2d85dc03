"""Conversations older than they are to be kept are dropped, the figures counted of them are not (docs/operations.md).

First the shop's horizon moves: in one transaction with the row that every assessment locks, and only when nothing older
is still to be counted. Then what lies before it goes, in pieces; whoever is killed in between is followed by the next
night. A conversation goes as a whole, once everything in it is older: what a day counts may follow from all of its
conversation.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from agents.models import PresenceLog, Shop
from conversations.models import Block, Buyer, BuyerAddress, Conversation, Message, Rating
from conversations.services.files import forget_images
from conversations.states import State
from metrics.formulas.days import day_of
from metrics.models import BuyerDay, DirtyDay
from metrics.services.assessing import keep_up, locked_state
from metrics.services.following import follow
from metrics.services.horizon import pass_over_dropped
from metrics.services.rebuilding import counted_by
from routing.models import Decision, Lane

PIECE = 500
"""Conversations (or, ten times as many, smaller rows) of one transaction."""

log = logging.getLogger(__name__)


def keep_only_recent(*, shop: Shop, now: datetime) -> tuple[int, bool]:
    """Drop what the installation's settings no longer keep of `shop`; how many rows, and whether that is all of it."""
    dropped, done = 0, True
    if settings.KEEP_CONVERSATIONS_DAYS:
        keep = timedelta(days=settings.KEEP_CONVERSATIONS_DAYS)
        if not move_horizon(shop=shop, now=now, keep=keep):
            log.warning("shop %s: older days are still to be counted, nothing more is dropped tonight", shop.slug)
        dropped, done = drop_before_horizon(shop=shop)
    if settings.KEEP_BUYERS_DAYS and done:
        dropped += drop_buyers(shop=shop, before=now - timedelta(days=settings.KEEP_BUYERS_DAYS))
    if dropped:
        log.info("shop %s: dropped %s rows older than what is kept", shop.slug, dropped)
    return dropped, done


def move_horizon(*, shop: Shop, now: datetime, keep: timedelta) -> bool:
    """Let `shop` keep its conversations for `keep` from now on; whether the horizon stands where that wants it.

    False where something older is still to be counted: it is asked for again the next night. A horizon never goes back:
    what was dropped does not come again because a setting says so.
    """
    since = shop.midnight(day_of(now - keep, shop.zone))
    if shop.kept_since is not None and since <= shop.kept_since:
        return True
    keep_up(shop=shop, now=now)
    return _move(shop, since, now)


@transaction.atomic
def _move(shop: Shop, since: datetime, now: datetime) -> bool:
    state = locked_state(shop)
    follow(state)
    state.save(update_fields=["cursor"])
    # Imports hold this row while they write: what they bring before the horizon is marked by now, or refused.
    row = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    pass_over_dropped(row)
    row.kept_since = since
    first = row.kept_from
    owed = DirtyDay.objects.filter(shop=shop, date__lt=first).exists() or (
        BuyerDay.objects.filter(shop=shop, date__lt=first, changes_at__lte=now).exists()
    )
    if owed or state.counted_by != counted_by(row):
        return False
    row.save(update_fields=["kept_since"])
    shop.kept_since = since
    return True


def drop_before_horizon(*, shop: Shop, patience: float = 300) -> tuple[int, bool]:
    """Drop what lies before the shop's horizon, for `patience` seconds at most; how many rows, and whether all of it is
    gone."""
    if shop.kept_since is None:
        return 0, True
    until, dropped = time.monotonic() + patience, 0
    steps: tuple[Callable[[Shop], int], ...] = (_drop_buyers_days, _drop_conversations, _drop_statuses)
    for step in steps:
        while piece := step(shop):
            dropped += piece
            if time.monotonic() > until:
                return dropped, False
    return dropped, True


def _drop_buyers_days(shop: Shop) -> int:
    rows = BuyerDay.objects.filter(shop=shop, date__lt=shop.kept_from).order_by("date").values_list("pk", flat=True)
    return BuyerDay.objects.filter(pk__in=list(rows[: PIECE * 10])).delete()[0]


def _older(shop: Shop) -> QuerySet[Conversation]:
    """Conversations that are over and in which nothing is as young as the horizon."""
    since, of_it = shop.kept_since, OuterRef("pk")
    young = (
        Exists(Message.objects.filter(conversation=of_it, sent_at__gte=since)),
        Exists(Decision.objects.filter(shop=shop, conversation=of_it, at__gte=since)),
        Exists(Rating.objects.filter(conversation=of_it, at__gte=since)),
    )
    over = Q(closed_at=None) | Q(closed_at__lt=since)
    rows = Conversation.objects.for_shop(shop).filter(over, state=State.CLOSED, opened_at__lt=since)
    return rows.filter(*(~one for one in young))


@transaction.atomic
def _drop_conversations(shop: Shop) -> int:
    found = _older(shop).order_by("opened_at").values_list("pk", flat=True)[:PIECE]
    locked = Conversation.objects.filter(pk__in=list(found)).select_for_update().values_list("pk", flat=True)
    # Asked once more under the lock: a message may have come in meanwhile.
    keys = list(_older(shop).filter(pk__in=list(locked)).values_list("pk", flat=True))
    forget_images(Message.objects.filter(conversation__in=keys).exclude(image="").only("image"))
    return Conversation.objects.filter(pk__in=keys).delete()[0]


def _drop_statuses(shop: Shop) -> int:
    """The status log, but for each one's last entry before the horizon: it says how the first kept day began."""
    old = PresenceLog.objects.filter(shop=shop, at__lt=shop.kept_since)
    last = old.order_by().values("sub_account").annotate(last=Max("pk")).values("last")
    keys = list(old.exclude(pk__in=last).order_by().values_list("pk", flat=True)[: PIECE * 10])
    return PresenceLog.objects.filter(pk__in=keys).delete()[0]


def drop_buyers(*, shop: Shop, before: datetime) -> int:
    """Forget buyers of whom no conversation is left and who were last in contact before `before`; how many. Who comes
    back is a new buyer, for recent contact too."""
    dropped, after = 0, 0
    while keys := _gone_buyers(shop, before).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PIECE]:
        after = max(keys)
        dropped += _drop_these_buyers(shop, before, list(keys))
    return dropped


def _gone_buyers(shop: Shop, before: datetime) -> QuerySet[Buyer]:
    talks = Exists(Conversation.objects.filter(buyer=OuterRef("pk")))
    blocked = Exists(Block.objects.filter(buyer=OuterRef("pk")))
    return Buyer.objects.filter(~talks, ~blocked, Q(contact_at=None) | Q(contact_at__lt=before), shop=shop)


@transaction.atomic
def _drop_these_buyers(shop: Shop, before: datetime, keys: list[int]) -> int:
    """In the shop's lane, and while nothing is imported: nobody may be about to open a conversation."""
    list(Lane.objects.select_for_update().filter(pk=shop.pk))
    list(Shop.objects.select_for_update(no_key=True).filter(pk=shop.pk))
    rows: QuerySet[Any] = _gone_buyers(shop, before).filter(pk__in=keys)
    keys = list(rows.values_list("pk", flat=True))
    DirtyDay.objects.filter(buyer__in=keys).delete()
    BuyerAddress.objects.filter(buyer__in=keys).delete()
    # Not delete(): it would look for the buyers' days by buyer, for which they have no index. They are gone already.
    return Buyer.objects.filter(pk__in=keys)._raw_delete("default")
