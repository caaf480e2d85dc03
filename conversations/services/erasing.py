"""Taking what is personal out of one buyer's conversations. Times, senders, lengths stay: figures follow from them."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from agents.models import Shop
from conversations.models import (
    Block,
    Buyer,
    BuyerAddress,
    Conversation,
    ConversationName,
    ErasedBuyer,
    Message,
    Rating,
)
from conversations.services.files import forget_images
from conversations.states import Sender

SALT = "fenliu.erased.buyer"
PIECE = 500


def digest_of(shop: Shop, buyer: str) -> str:
    """What stands for a deleted buyer's name."""
    return salted_hmac(SALT, f"{shop.pk}:{buyer}", algorithm="sha256").hexdigest()


def erased_at(shop: Shop, buyers: Collection[str]) -> dict[str, datetime]:
    """When the data of these was deleted, of those of whom it was."""
    rows = ErasedBuyer.objects.filter(shop=shop)
    if not rows.exists():
        return {}
    names = {digest_of(shop, buyer): buyer for buyer in buyers}
    return {names[digest]: at for digest, at in rows.filter(digest__in=names).values_list("digest", "at")}


def erase_conversations(*, buyer: Buyer, now: datetime) -> tuple[list[int], int]:
    """Blank the buyer's messages, images, ratings' words and all names; the conversations' keys, and how many messages
    that were. The row of the buyer stays, under a drawn name, so that figures have whom to count.

    Needs a transaction, with the shop's lane locked and no import running.
    """
    shop = buyer.shop
    ErasedBuyer.objects.update_or_create(shop=shop, digest=digest_of(shop, buyer.external_id), defaults={"at": now})
    keys = list(Conversation.objects.filter(buyer=buyer).values_list("pk", flat=True))
    count = _blank_messages(buyer, Message.objects.filter(conversation__in=keys))
    Rating.objects.filter(conversation__in=keys).update(word="")
    ConversationName.objects.filter(conversation__in=keys).delete()
    for key in keys:
        Conversation.objects.filter(pk=key).update(external_id=_drawn(), question="")
    BuyerAddress.objects.filter(buyer=buyer).delete()
    Block.objects.filter(buyer=buyer).update(reason="")
    buyer.external_id, buyer.recent_agent, buyer.contact_at = _drawn(), None, None
    buyer.save()
    return keys, count


def _drawn() -> str:
    return f"erased:{uuid4().hex}"


def _blank_messages(buyer: Buyer, messages: QuerySet[Message]) -> int:
    """Messages of the same time are counted in the order of their ids, so the new ids keep the order of the old."""
    rows = sorted(messages.only("identity", "sender", "text", "image"), key=lambda row: row.identity)
    forget_images(row for row in rows if row.image)
    for number, row in enumerate(rows):
        row.identity = f"erased:{buyer.pk}:{number:09}"
        # How much agents write is a figure of theirs: so much stays to be seen of it.
        row.text = "＊" * len(row.text) if row.sender == Sender.AGENT else ""
        row.image = ""
    Message.objects.bulk_update(rows, ["identity", "text", "image"], batch_size=PIECE)
    return len(rows)
