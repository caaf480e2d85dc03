"""What a buyer may know: their own conversations, and of the shop what its door says."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from chat.models import ChatSettings
from conversations.models import Conversation, Message
from conversations.states import State, Unwritten
from routing.models import Lane
from routing.selectors import current_document

PAGE = 30
"""Messages that are sent at once."""


def chat_of(slug: str) -> ChatSettings | None:
    """The shop's chat with its shop, None where there is none or it is switched off."""
    return ChatSettings.objects.select_related("shop").filter(shop__slug=slug, on=True).first()


def settings_of(shop: Shop) -> ChatSettings:
    """The settings of a shop, an unsaved row of defaults where nothing was ever set."""
    return ChatSettings.objects.filter(shop=shop).first() or ChatSettings(shop=shop)


def latest_conversation(shop: Shop, buyer: str) -> Conversation | None:
    """The buyer's open conversation, of which there is one at most (G18); else the last that was held here."""
    rows = Conversation.objects.for_shop(shop).filter(buyer__external_id=buyer, imported=False)
    rows = rows.select_related("shop", "holder__account", "rating", "buyer")
    return rows.exclude(state=State.CLOSED).first() or rows.order_by("-opened_at", "-pk").first()


def conversation_of(shop: Shop, buyer: str, external_id: str) -> Conversation | None:
    """One of the buyer's own."""
    rows = Conversation.objects.for_shop(shop).filter(buyer__external_id=buyer, external_id=external_id)
    return rows.select_related("shop").first()


def messages_of(shop: Shop, buyer: str) -> QuerySet[Message]:
    """Return the messages of the buyer's conversations, newest first, without the note that a person took over by
    hand."""
    rows = Message.objects.filter(shop=shop, conversation__shop=shop, conversation__buyer__external_id=buyer)
    rows = rows.exclude(automatic=Unwritten.TAKEN_OVER)
    return rows.select_related("author__account", "conversation__buyer").order_by("-sent_at", "-pk")


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages in order of time; `more`: there are earlier ones."""

    messages: list[Message]
    more: bool


def piece_of(shop: Shop, buyer: str, before: int | None = None) -> Piece | None:
    """The newest messages, or those before one of them; None where that one is not the buyer's."""
    rows = messages_of(shop, buyer)
    if before is not None:
        until = rows.filter(pk=before).first()
        if until is None:
            return None
        rows = rows.filter(Q(sent_at__lt=until.sent_at) | Q(sent_at=until.sent_at, pk__lt=until.pk))
    found = list(rows[: PAGE + 1])
    return Piece(found[:PAGE][::-1], more=len(found) > PAGE)


def news_of(shop: Shop, buyer: str, after: int) -> list[Message]:
    """What was said since the shop's event of this number. A message may come twice, none is left out."""
    return list(messages_of(shop, buyer).filter(seq__gt=after)[: PAGE * 4])[::-1]


def cursor_of(shop: Shop) -> int:
    """The number of the shop's last event: read before the messages, it stands for all that they hold."""
    return Lane.objects.filter(pk=shop.pk).values_list("seq", flat=True).first() or 0


def somebody_online(shop: Shop) -> bool:
    """Whether a participant is online (ROUTING 1)."""
    online = list(SubAccount.objects.for_shop(shop).filter(enabled=True, status=Status.ONLINE))
    if not any(row.is_agent for row in online):
        return False
    never = set(current_document(shop)["never_route"])
    return any(row.is_agent and row.name not in never for row in online)
