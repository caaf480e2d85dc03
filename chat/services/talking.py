"""What a buyer does in the chat. They name no conversation: it is always their own open one (G18)."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Shop
from chat.opening import order_status_of, questions_of
from chat.selectors import conversation_of, latest_conversation
from conversations.errors import MessageRefused
from conversations.identities import buyer_namespace
from conversations.images import check_image
from conversations.models import Buyer, Conversation, Message, Rating
from conversations.selectors import hot_questions
from conversations.services.blocks import note_address
from conversations.services.messages import check_message, find_message
from conversations.states import ClosedBy, Kind, Sender, State
from routing import services as routing
from routing.selectors import current_document

TRIES = 3
"""Once more, if somebody else ends the conversation in the moment between finding it and writing in it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the buyer comes from, for a conversation that opens now; one that is open goes on as it is."""

    entry: str = ""
    question: str = ""
    order_status: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """An order, as the page around the chat names it."""

    number: str
    title: str = ""
    price: str = ""

    @property
    def text(self) -> str:
        return "\n".join(filter(None, (self.number, self.title, self.price)))


def say(
    *,
    shop: Shop,
    buyer: str,
    message_id: str,
    opening: Opening,
    text: str = "",
    card: Card | None = None,
    image: bytes | None = None,
    hot_question: int | None = None,
) -> tuple[Message, bool]:
    """The buyer's message; (message, whether it is new). Without an open conversation one opens with it.

    The same `message_id` of the same buyer again gives the message that is there, also when its conversation has
    been closed since. Nothing opens for a message that is refused: `text_missing`, `not_an_image`,
    `unknown_hot_question`, ….
    """
    there = _find_repeat(shop, buyer, message_id)
    if there is not None:
        return there, False
    kind = Kind.IMAGE if image is not None else Kind.ORDER_CARD if card is not None else Kind.TEXT
    text = card.text if card is not None else text
    if hot_question is not None and all(item.pk != hot_question for item in hot_questions(shop)):
        raise MessageRefused("unknown_hot_question", _("This question is no longer there."), field="hot_question")
    if hot_question is None:
        check_message(kind=kind, text=text, has_image=image is not None)
    clean = None if image is None else check_image(image)
    for last in (False,) * (TRIES - 1) + (True,):
        conversation = _open(shop, buyer, opening)
        try:
            return routing.post_message(
                shop=shop,
                conversation=conversation.external_id,
                sender=Sender.BUYER,
                kind=kind,
                text=text,
                image=clean,
                message_id=message_id,
                namespace=buyer_namespace(conversation.buyer_id),
                hot_question=hot_question,
            )
        except Refused as refused:
            there = _find_repeat(shop, buyer, message_id) if refused.code == "message_id_taken" else None
            if there is not None:
                # The same message went in meanwhile, into a conversation that has been closed since.
                return there, False
            if refused.code != "conversation_closed" or last:
                raise
    raise AssertionError("the last try returns or raises")


def _find_repeat(shop: Shop, buyer: str, message_id: str) -> Message | None:
    """Return the buyer's message of this id from any conversation of theirs, if there is one."""
    known = Buyer.objects.filter(shop=shop, external_id=buyer).first()
    if known is None:
        return None
    return find_message(shop_id=shop.pk, message_id=message_id, namespace=buyer_namespace(known.pk))


def _open(shop: Shop, buyer: str, opening: Opening) -> Conversation:
    """The open conversation, or a new one: routed, greeted, with the robot where the shop has set it."""
    found = latest_conversation(shop, buyer)
    if found is not None and found.state != State.CLOSED:
        return found
    question = opening.question if opening.question in questions_of(current_document(shop), opening.entry) else ""
    opened = routing.open_conversation(
        shop=shop,
        buyer=buyer,
        entry=opening.entry or None,
        question=question or None,
        order_status=order_status_of(opening.order_status),
        message=False,
    )
    note_address(buyer=opened.conversation.buyer_id, network=opening.network, now=timezone.now())
    return opened.conversation


def ask_human(*, shop: Shop, buyer: str) -> None:
    """From the robot to a person. Refused: `no_conversation`, `not_with_robot`."""
    routing.ask_human(shop=shop, conversation=_present(shop, buyer).external_id)


def close(*, shop: Shop, buyer: str) -> None:
    """The buyer ends it. Refused: `no_conversation`."""
    routing.close_conversation(shop=shop, conversation=_present(shop, buyer).external_id, by=ClosedBy.BUYER)


def _present(shop: Shop, buyer: str) -> Conversation:
    found = latest_conversation(shop, buyer)
    if found is None or found.state == State.CLOSED:
        raise Refused("no_conversation", _("There is no open conversation."), status=409)
    return found


def rate(*, shop: Shop, buyer: str, conversation: str, satisfied: bool, word: str = "") -> Rating:
    """What the buyer thought of one of their own conversations. Refused: `unknown_conversation` and what
    `rate_conversation` says."""
    row = conversation_of(shop, buyer, conversation)
    if row is None:
        raise Refused("unknown_conversation", _("There is no such conversation."), status=404)
    return routing.rate_conversation(conversation=row, satisfied=satisfied, word=word)
