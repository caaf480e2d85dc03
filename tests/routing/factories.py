"""Conversations, images and versions for tests, made through the live services."""

from io import BytesIO
from itertools import count

from PIL import Image

from agents.models import Shop
from conversations.models import Block, Buyer, Conversation, Message, QuickAnswer
from conversations.services.blocks import block_buyer
from conversations.states import ClosedBy, Sender
from routing import services
from routing.models import RoutingVersion, Simulation
from routing.selectors import current_version
from tests.agents.factories import make_account

_numbers = count(1)


def make_waiting(shop: Shop, buyer: str = "") -> Conversation:
    """A conversation that waits: nobody is online in a fresh shop, and no offline list is set."""
    buyer = buyer or f"buyer-{next(_numbers)}"
    return services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail").conversation


def make_gone_buyer(shop: Shop) -> Buyer:
    """A buyer whose conversation is over."""
    row = make_waiting(shop)
    services.close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.BUYER)
    return row.buyer


def make_block(shop: Shop, buyer: str = "") -> Block:
    """A buyer with an open conversation, blocked for good."""
    return block_buyer(shop=shop, buyer=make_waiting(shop, buyer).buyer, by=None, until=None)


def png(side: int = 8) -> bytes:
    """A small image that is one."""
    out = BytesIO()
    Image.new("RGB", (side, side), "red").save(out, "PNG")
    return out.getvalue()


def make_image(shop: Shop) -> Message:
    """An image in the shop's newest conversation."""
    conversation = Conversation.objects.for_shop(shop).order_by("-pk").first() or make_waiting(shop)
    message, _ = services.post_message(
        shop=shop, conversation=conversation.external_id, sender=Sender.BUYER, kind="image", image=png()
    )
    return message


def make_quick_answer(shop: Shop, title: str = "发货时间", text: str = "今天 18 点前付款，当天发出。") -> QuickAnswer:
    """One of the shop's."""
    return QuickAnswer.objects.create(shop=shop, title=f"{title}{next(_numbers)}", text=text)


def make_version(shop: Shop, number: int) -> RoutingVersion:
    """Publish until version `number` is there."""
    while current_version(shop).number < number:
        services.publish(shop=shop, document={})
    return current_version(shop)


def make_simulation() -> Simulation:
    """A scenario that an account of its own has left for the job."""
    return Simulation.objects.create(account=make_account(), scenario=b"")
