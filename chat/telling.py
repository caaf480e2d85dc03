"""What a buyer is told: public shapes, with nothing of accounts, decisions, rules or other buyers in them."""

from typing import Any

from django.utils import timezone

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from chat.opening import questions_of
from chat.selectors import cursor_of, latest_conversation, news_of, piece_of, somebody_online
from conversations.answering import Answers, Part
from conversations.identities import buyer_namespace
from conversations.models import Conversation, Message, Rating
from conversations.selectors import answers_of
from conversations.states import Sender, State
from routing.selectors import current_document, place_of

LINE = "· "
"""How `menu_text` begins a line of the self-service menu."""

Told = dict[str, Any]


def shown_name(row: SubAccount | None) -> str:
    """What an agent is called before buyers: the display name; never the account that they sign in with."""
    return row.account.display_name if row is not None and row.account is not None else ""


def told_message(row: Message, labels: frozenset[str] = frozenset()) -> Told:
    """`labels`: those of the shop's menu, which are there to be tapped."""
    text, choices = _with_choices(row, labels)
    prefix = buyer_namespace(row.conversation.buyer_id)
    return {
        "id": row.pk,
        "message_id": row.identity.removeprefix(prefix) if row.identity.startswith(prefix) else None,
        "conversation": row.conversation.external_id,
        "from": row.sender,
        "name": shown_name(row.author) if row.sender == Sender.AGENT else "",
        "kind": row.kind,
        "text": text,
        "choices": choices,
        "image": bool(row.image),
        "at": row.sent_at.isoformat(),
    }


def _with_choices(row: Message, labels: frozenset[str]) -> tuple[str, list[str]]:
    if row.automatic != Part.MENU or not labels:
        return row.text, []
    lines = row.text.split("\n")
    choices = [line.removeprefix(LINE) for line in lines if line.startswith(LINE) and line.removeprefix(LINE) in labels]
    rest = [line for line in lines if line.removeprefix(LINE) not in choices or not line.startswith(LINE)]
    return "\n".join(rest), choices


def menu_labels(answers: Answers) -> frozenset[str]:
    menu = answers[Part.MENU]
    return frozenset(item.ask for item in menu.items) if menu.on else frozenset()


def told_conversation(row: Conversation) -> Told:
    """Its state, who answers, the place in the line."""
    place = place_of(row)
    rating: Rating | None = getattr(row, "rating", None)
    return {
        "id": row.external_id,
        "state": row.state,
        "agent": {"name": shown_name(row.holder)} if row.holder is not None else None,
        "agent_away": row.holder is not None and row.holder.status == Status.OFFLINE,
        "queue": None
        if place is None
        else {"position": place.position if place.counted else None, "notice": place.notice},
        "may_ask_human": row.state == State.ROBOT,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "closed_by": row.closed_by or None,
        "rating": None if rating is None else {"satisfied": rating.satisfied, "word": rating.word},
    }


def told_state(shop: Shop, buyer: str) -> Told:
    """Where the buyer stands; `cursor` stands before everything that is read with it."""
    cursor = cursor_of(shop)
    row = latest_conversation(shop, buyer)
    return {
        "cursor": cursor,
        "now": timezone.now().isoformat(),
        "anybody_online": somebody_online(shop),
        "conversation": None if row is None else told_conversation(row),
    }


def told_updates(shop: Shop, buyer: str, after: int) -> Told:
    """The state, and what was said since `after`."""
    state = told_state(shop, buyer)
    rows = news_of(shop, buyer, after) if state["cursor"] > after else []
    labels = menu_labels(answers_of(shop)) if any(row.automatic for row in rows) else frozenset()
    return state | {"messages": [told_message(row, labels) for row in rows]}


def told_history(shop: Shop, buyer: str, before: int | None = None) -> Told | None:
    """A piece of everything that was said; None where `before` is not the buyer's."""
    piece = piece_of(shop, buyer, before)
    if piece is None:
        return None
    labels = menu_labels(answers_of(shop))
    return {"messages": [told_message(row, labels) for row in piece.messages], "more": piece.more}


def told_start(shop: Shop, buyer: str, entry: str) -> Told:
    """Everything that the screen begins with."""
    state = told_state(shop, buyer)
    answers = answers_of(shop)
    hot = answers[Part.HOT_QUESTIONS]
    history = told_history(shop, buyer) or {}
    return (
        state
        | history
        | {
            "greeting": answers.greeting.text if answers.greeting else "",
            "questions": questions_of(current_document(shop), entry),
            "hot_questions": [{"id": item.pk, "question": item.ask} for item in hot.items] if hot.on else [],
        }
    )
