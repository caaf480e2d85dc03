"""What the rows of a shop's events say, read once for all who follow it, and cut to what each may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.models import Shop, SubAccount
from config.statements import Rows
from conversations.models import Conversation, Message
from conversations.states import State
from routing.api.serializers import ConversationSerializer, MessageSerializer
from routing.models import AgentCounter, Decision, ShopEvent
from routing.selectors import told_decision_row

KINDS = {
    "askhuman": "ask_human",
    "handback": "hand_back",
    "applogin": "app_login",
    "agentchange": "agent",
    "settingschange": "settings",
}
"""Names of the contract for the kinds that are kept otherwise."""

LINKS = ("conversations", "message", "agents")
"""Keys of an event's data that name rows; what else there is, is told as it stands."""

Standing = tuple[str, int | None]
"""A conversation's state and its holder's key."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A conversation that an event touched: how it stood before (None: it was not there) and after, and its row as
    it is now."""

    pk: int
    was: Standing | None
    now: Standing
    row: Conversation | None


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `message` belongs to one of `changed`; `public` are the shapes of CONTRACT 5, worked out once."""

    shop: Shop
    seq: int
    kind: str
    at: str
    changed: tuple[Changed, ...]
    message: Message | None
    decisions: tuple[tuple[int, dict[str, Any]], ...]
    agents: Mapping[int, dict[str, Any]]
    extra: dict[str, Any]
    public: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def conversation(self, row: Conversation) -> dict[str, Any]:
        key = ("conversation", row.pk)
        if key not in self.public:
            self.public[key] = dict(ConversationSerializer(row).data)
        return self.public[key]

    def words(self, message: Message) -> dict[str, Any]:
        key = ("message", message.pk)
        if key not in self.public:
            self.public[key] = {"conversation": message.conversation_id, **MessageSerializer(message).data}
        return self.public[key]


class View(Protocol):
    """What a subscriber may see of a shop."""

    def see(self, told: Told) -> dict[str, Any] | None:
        """The event as this one sees it, by a `kind` of its own if it names one; None where it is nothing to them."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A sub-account's: leaders all, an agent their own conversations and the waiting ones (DESIGN 8)."""

    sub_account: int
    everything: bool
    conversations: bool
    settings: bool

    def see(self, told: Told) -> dict[str, Any] | None:
        changes = [change for change in told.changed if self._saw(change) or self._sees(change)]
        seen = {change.pk for change in changes if self._sees(change)}
        message = told.message if told.message is not None and told.message.conversation_id in seen else None
        agents = [one for pk, one in told.agents.items() if self.everything or pk == self.sub_account]
        extra = told.extra if self._concerned(told) else {}
        if not (changes or agents or extra):
            return None
        return {
            "conversations": [
                told.conversation(change.row) if self._sees(change) and change.row else {"id": change.pk, "gone": True}
                for change in changes
            ],
            "message": None if message is None else told.words(message),
            "decisions": [one for pk, one in told.decisions if pk in seen],
            "agents": agents,
            **extra,
        }

    def _sees(self, change: Changed) -> bool:
        return self._may(change.now)

    def _saw(self, change: Changed) -> bool:
        return change.was is not None and self._may(change.was)

    def _may(self, standing: Standing) -> bool:
        state, holder = standing
        return self.conversations and (self.everything or state == State.QUEUED or holder == self.sub_account)

    def _concerned(self, told: Told) -> bool:
        """Settings for who may see them, somebody's presence for leaders and themselves."""
        if told.kind == "settings":
            return self.settings
        return self.everything or self.sub_account in told.agents


def tell(shop: Shop, events: Sequence[ShopEvent]) -> list[Told]:
    """The events of one shop with what they are about; five queries, however many events."""
    changes = [change for event in events for change in event.data.get("conversations", ())]
    rows = _conversations(shop, {change["id"] for change in changes})
    messages = _messages(shop, {event.data["message"] for event in events if event.data.get("message")})
    decisions = _decisions(shop, [event.seq for event in events])
    agents = _agents(shop, {pk for event in events for pk in event.data.get("agents", ())})
    public: dict[tuple[str, int], dict[str, Any]] = {}
    return [
        Told(
            shop=shop,
            seq=event.seq,
            kind=KINDS.get(event.kind, event.kind),
            at=event.at.astimezone(shop.zone).isoformat(),
            changed=tuple(_changed(one, rows) for one in event.data.get("conversations", ())),
            message=messages.get(event.data.get("message") or 0),
            decisions=tuple(decisions.get(event.seq, ())),
            agents={pk: agents[pk] for pk in event.data.get("agents", ()) if pk in agents},
            extra={key: value for key, value in event.data.items() if key not in LINKS},
            public=public,
        )
        for event in events
    ]


_conversation_rows = Rows(
    Conversation,
    lambda shop, keys: Conversation.objects.filter(shop=shop, pk__in=keys),
    *("buyer", "holder", "holder__account"),
)
_message_rows = Rows(
    Message, lambda shop, keys: Message.objects.filter(shop=shop, pk__in=keys), "author", "author__account"
)
_decision_rows = Rows(
    Decision,
    lambda shop, numbers: Decision.objects.filter(shop=shop, seq__in=numbers).order_by("pk"),
    *("conversation", "conversation__buyer", "agent", "by"),
    without=("trace",),
)
_agent_rows = Rows(SubAccount, lambda shop, keys: SubAccount.objects.filter(shop=shop, pk__in=keys).order_by())
_counter_rows = Rows(AgentCounter, lambda shop, keys: AgentCounter.objects.filter(shop=shop, pk__in=keys))


def _changed(one: dict[str, Any], rows: Mapping[int, Conversation]) -> Changed:
    was = None if one["was"] is None else (one["was"][0], one["was"][1])
    return Changed(one["id"], was, (one["now"][0], one["now"][1]), rows.get(one["id"]))


def _conversations(shop: Shop, keys: set[int]) -> dict[int, Conversation]:
    found = {row.pk: row for row in _conversation_rows(shop.pk, sorted(keys))}
    for row in found.values():
        row.shop = shop
    return found


def _messages(shop: Shop, keys: set[int]) -> dict[int, Message]:
    return {row.pk: row for row in _message_rows(shop.pk, sorted(keys))}


def _decisions(shop: Shop, numbers: Sequence[int]) -> dict[int, list[tuple[int, dict[str, Any]]]]:
    """By event number; without the trace, which is the longest part and is read where somebody asks why."""
    found: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    for row in _decision_rows(shop.pk, numbers):
        told = told_decision_row(row, shop, trace=False)
        found.setdefault(row.seq, []).append((row.conversation_id, {"id": row.conversation_id, **told}))
    return found


def _agents(shop: Shop, keys: set[int]) -> dict[int, dict[str, Any]]:
    wanted = sorted(keys)
    counted = {row.pk: row for row in _counter_rows(shop.pk, wanted)}
    return {row.pk: _agent(row, counted.get(row.pk)) for row in _agent_rows(shop.pk, wanted)}


def _agent(row: SubAccount, counter: AgentCounter | None) -> dict[str, Any]:
    return {
        "account": row.name,
        "status": row.status,
        "status_since": None if row.status_since is None else row.status_since.isoformat(),
        "open": counter.open if counter else 0,
        "waiting_replies": counter.waiting_replies if counter else 0,
        "received_today": counter.received_today if counter else 0,
    }
