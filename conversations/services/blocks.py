"""Blocks of buyers and addresses: set, ended, and looked up before a conversation costs anything. Each is recorded,
without the buyer's name and the address: the audit log is kept longer than these."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Forbidden, Refused
from agents.models import Account, Shop
from agents.services import record
from agents.vocabulary import AuditAction
from config.statements import Ahead, Question, Rows
from conversations.models import Block, Buyer, BuyerAddress, Conversation
from conversations.selectors import in_force

MAX_BLOCKS = 5000
MAX_REASON = 200
KEEP_ENDED = timedelta(days=30)
"""For so long a block that has run out is still listed."""


def block_buyer(*, shop: Shop, buyer: Buyer, by: Account | None, reason: str = "", until: datetime | None) -> Block:
    """Take no more messages from this buyer until `until` (None: for good); a block that is there is changed."""
    return _block(shop, by, reason, until, buyer=buyer)


def block_address(*, shop: Shop, network: str, by: Account | None, reason: str = "", until: datetime | None) -> Block:
    """Take no more messages in the chat from this network; buyers of other systems have no address here."""
    return _block(shop, by, reason, until, network=network)


@transaction.atomic
def _block(shop: Shop, by: Account | None, reason: str, until: datetime | None, **target: Any) -> Block:
    """Raises Refused: `too_long`, `too_many`."""
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON:
        raise Refused("too_long", _("Longer than %(most)s characters.") % {"most": MAX_REASON}, field="reason")
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    if Block.objects.filter(shop=shop).count() >= MAX_BLOCKS and not Block.objects.filter(shop=shop, **target).exists():
        raise Refused("too_many", _("At most %(most)s.") % {"most": MAX_BLOCKS}, status=422)
    values = {"reason": reason, "until": until, "by": by, "created_at": timezone.now()}
    block, _made = Block.objects.update_or_create(shop=shop, **target, defaults=values)
    record(shop=shop, action=AuditAction.BLOCK_SET, subject=_subject(block), after=_recorded(block))
    return block


@transaction.atomic
def unblock(*, block: Block) -> None:
    """End a block at once."""
    record(shop=block.shop, action=AuditAction.BLOCK_ENDED, subject=_subject(block), before=_recorded(block))
    block.delete()


def _subject(block: Block) -> str:
    return f"#{block.pk}"


def _recorded(block: Block) -> dict[str, str | None]:
    return {
        "of": "buyer" if block.buyer_id else "address",
        "until": block.until.isoformat() if block.until else None,
    }


def is_blocked(*, shop: Shop, buyer: str, network: str, now: datetime) -> bool:
    """Tell if the buyer or the network is blocked now; either may be empty."""
    return in_force(now).filter(_target(buyer, network), shop=shop).exists()


def blocked_among(*, pairs: set[tuple[int, str, str]], now: datetime) -> set[tuple[int, str, str]]:
    """Those of (shop's key, buyer, network) that are blocked now, with one query."""
    rows = in_force(now).filter(shop__in={shop for shop, _buyer, _network in pairs})
    found = set(rows.values_list("shop", "buyer__external_id", "network"))
    buyers = {(shop, buyer) for shop, buyer, _network in found if buyer}
    networks = {(shop, network) for shop, _buyer, network in found if network}
    return {one for one in pairs if (one[0], one[1]) in buyers or (one[0], one[2]) in networks}


def _target(buyer: str, network: str) -> Q:
    of_buyer = Q(buyer__external_id=buyer) if buyer else Q(pk=None)
    return of_buyer | Q(network=network) if network else of_buyer


_of_buyer = Rows(Block, lambda shop, name: Block.objects.filter(shop=shop, buyer__external_id=name).order_by())


def asks_for_block(shop: Shop, buyer: str) -> Question:
    """Return the question of `refuse_blocked_buyer`, to be asked together with the caller's own."""
    return _of_buyer, shop.pk, buyer


def refuse_blocked_buyer(shop: Shop, buyer: str, now: datetime, ahead: Ahead) -> None:
    """Raise Forbidden `buyer_blocked` for a buyer whom the shop has blocked, whichever program brings them."""
    _refuse(ahead.first(_of_buyer, shop.pk, buyer), now)


_of_shop = Rows(Block, lambda shop: Block.objects.filter(shop=shop, buyer__isnull=False).order_by()[:1])
_of_buyer_key = Rows(Block, lambda buyer: Block.objects.filter(buyer=buyer).order_by())


def asks_for_blocks(shop: Shop) -> Question:
    """Return the first question of `refuse_blocked_writer`: most shops have no blocks."""
    return _of_shop, shop.pk


def refuse_blocked_writer(conversation: Conversation, now: datetime, ahead: Ahead) -> None:
    """Raise Forbidden `buyer_blocked` for a message of a blocked buyer in a conversation that is open already."""
    if ahead.first(_of_shop, conversation.shop_id) is not None:
        _refuse(_of_buyer_key.first(conversation.buyer_id), now)


def _refuse(block: Block | None, now: datetime) -> None:
    if block is not None and (block.until is None or block.until > now):
        raise Forbidden("buyer_blocked", _("The shop has blocked this buyer."), field="buyer")


def note_address(*, buyer: int, network: str, now: datetime) -> None:
    """Keep the network from which a buyer has just opened a conversation."""
    if network:
        BuyerAddress.objects.update_or_create(buyer_id=buyer, defaults={"network": network, "seen_at": now})


def forget_addresses(*, now: datetime) -> int:
    """Drop addresses older than KEEP_ADDRESSES_DAYS, and blocks that ran out long ago; how many rows."""
    old = now - timedelta(days=settings.KEEP_ADDRESSES_DAYS)
    addresses = BuyerAddress.objects.filter(seen_at__lt=old).delete()[0]
    return addresses + Block.objects.filter(until__lt=now - KEEP_ENDED).delete()[0]
