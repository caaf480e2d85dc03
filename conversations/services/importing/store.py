"""Writing a batch of judged rows: buyers, closed conversations, messages, recent contacts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min, OuterRef, Q, Subquery

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from conversations.identities import is_reserved
from conversations.models import Buyer, Conversation, ConversationName, Message
from conversations.services.erasing import erased_at
from conversations.services.importing.rows import Row
from conversations.services.messages import counted_time
from conversations.states import Sender, State


@dataclass(slots=True)
class Stored:
    """What became of a batch: messages written, rows seen before, rows refused with their reason, agents made, the
    keys of the conversations that got messages, and the earliest time among these messages."""

    imported: int = 0
    skipped: int = 0
    refused: list[tuple[Row, str]] = field(default_factory=list)
    new_agents: list[str] = field(default_factory=list)
    conversations: set[int] = field(default_factory=set)
    since: datetime | None = None


def store_batch(shop: Shop, rows: list[Row], now: datetime) -> Stored:
    """Write what is new of `rows`. Needs a transaction; imports of one shop take turns.

    Nothing but closed history is touched: no load, pool or counter (CONTRACT 4). A time after `now` counts as `now`,
    as with every message that is dated after its arrival; identities are those of the rows as they stand.
    """
    rows = [row if row.sent_at <= now else replace(row, sent_at=counted_time(row.sent_at, now)) for row in rows]
    # NO KEY: two imports of one shop wait for each other, live messages of the shop wait for neither.
    shop = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    stored = Stored()
    fresh = _unseen(shop, rows, stored)
    fresh = _kept(shop, fresh, stored)
    fresh = _not_erased(shop, fresh, stored)
    fresh = _allowed(shop, fresh, stored)
    if not fresh:
        return stored
    agents = _agents(shop, {row.agent for row in fresh if row.agent}, stored)
    conversations = _conversations(shop, fresh)
    fresh = [row for row in fresh if row.conversation in conversations]
    Message.objects.bulk_create(
        [_message(shop, row, conversations[row.conversation], agents, now) for row in fresh],
        ignore_conflicts=True,
        batch_size=500,
    )
    stored.imported = len(fresh)
    stored.conversations = set(conversations.values())
    stored.since = min(row.sent_at for row in fresh)
    _renew_conversations(shop, stored.conversations)
    return stored


def _unseen(shop: Shop, rows: list[Row], stored: Stored) -> list[Row]:
    """The rows whose id is new. One seen before is skipped if its message is the row's: of the same conversation and
    sender; else it is refused, for it would be lost."""
    found = Message.objects.filter(shop=shop, identity__in={row.identity for row in rows}).order_by()
    owners: dict[str, tuple[str, str, int | None]] = {
        identity: (name, sender, key)
        for identity, name, sender, key in found.values_list(
            "identity", "conversation__external_id", "sender", "conversation"
        )
    }
    aliases = _aliases(shop, rows, owners)
    fresh = []
    for row in rows:
        name, sender, key = owners.get(row.identity, (row.conversation, row.sender, None))
        same = row.conversation == name or (key is not None and aliases.get(row.conversation) == key)
        if not same or row.sender != sender:
            stored.refused.append((row, f"message_id: is that of a message in conversation {name!r} by {sender}"))
        elif row.identity in owners:
            stored.skipped += 1
        elif is_reserved(row.identity):
            stored.refused.append((row, "message_id: begins as the ids of people's own messages do"))
        else:
            owners[row.identity] = (row.conversation, row.sender, None)
            fresh.append(row)
    return fresh


def _aliases(shop: Shop, rows: list[Row], owners: Mapping[str, tuple[str, str, int | None]]) -> dict[str, int]:
    """The conversations by their other names (G18), of rows whose id is known under another name."""
    names = {row.conversation for row in rows if row.identity in owners and owners[row.identity][0] != row.conversation}
    if not names:
        return {}
    found = ConversationName.objects.filter(shop=shop, external_id__in=names)
    return dict(found.values_list("external_id", "conversation"))


def _kept(shop: Shop, rows: list[Row], stored: Stored) -> list[Row]:
    """The rows that are not older than what the shop keeps: those could not be counted any more."""
    since = shop.kept_since
    if since is None:
        return rows
    reason = f"sent_at: before {since.astimezone(shop.zone):%Y-%m-%d %H:%M}, of which nothing is kept any more"
    stored.refused += [(row, reason) for row in rows if row.sent_at < since]
    return [row for row in rows if row.sent_at >= since]


def _not_erased(shop: Shop, rows: list[Row], stored: Stored) -> list[Row]:
    """The rows but for what buyers said before their data was deleted."""
    erased = erased_at(shop, {row.buyer for row in rows})
    good = []
    for row in rows:
        if row.buyer in erased and row.sent_at <= erased[row.buyer]:
            stored.refused.append((row, "buyer: the data of this buyer has been deleted"))
        else:
            good.append(row)
    return good


def _allowed(shop: Shop, rows: list[Row], stored: Stored) -> list[Row]:
    """The rows but for those of live conversations, and those whose conversation is another buyer's."""
    names = {row.conversation for row in rows}
    there = Conversation.objects.filter(shop=shop, external_id__in=names)
    owners = dict(there.filter(imported=True).values_list("external_id", "buyer__external_id"))
    live = set(there.filter(imported=False).values_list("external_id", flat=True))
    live |= set(ConversationName.objects.filter(shop=shop, external_id__in=names).values_list("external_id", flat=True))
    good = []
    for row in rows:
        if row.conversation in live:
            stored.refused.append((row, f"conversation: {row.conversation!r} is a live conversation of this shop"))
        elif owners.setdefault(row.conversation, row.buyer) != row.buyer:
            reason = f"buyer: conversation {row.conversation!r} is with buyer {owners[row.conversation]!r}"
            stored.refused.append((row, reason))
        else:
            good.append(row)
    return good


def _agents(shop: Shop, names: set[str], stored: Stored) -> dict[str, int]:
    """Sub-accounts by name; who is unknown becomes a disabled one without a login."""
    known = dict(SubAccount.objects.filter(shop=shop, name__in=names).values_list("name", "pk"))
    stored.new_agents = sorted(names - known.keys())
    if stored.new_agents:
        SubAccount.objects.bulk_create(
            [SubAccount(shop=shop, name=name, roles=[Role.AGENT.value], enabled=False) for name in stored.new_agents],
            ignore_conflicts=True,
        )
        known = dict(SubAccount.objects.filter(shop=shop, name__in=names).values_list("name", "pk"))
    return known


def _conversations(shop: Shop, rows: list[Row]) -> dict[str, int]:
    """Keys of the rows' conversations by name; missing ones are made closed and imported, with their buyers."""
    names = {row.conversation for row in rows}
    known = _keys(shop, names)
    missing = {row.conversation: row for row in reversed(rows) if row.conversation not in known}
    if missing:
        buyers = _buyers(shop, {row.buyer for row in missing.values()})
        made = [_conversation(shop, row, buyers[row.buyer]) for row in reversed(missing.values())]
        Conversation.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
        known = _keys(shop, names)
    return known


def _keys(shop: Shop, names: Iterable[str]) -> dict[str, int]:
    found = Conversation.objects.filter(shop=shop, external_id__in=names, imported=True)
    return dict(found.order_by().values_list("external_id", "pk"))


def _buyers(shop: Shop, names: set[str]) -> dict[str, int]:
    wanted = [Buyer(shop=shop, external_id=name) for name in sorted(names)]
    Buyer.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=500)
    return dict(Buyer.objects.filter(shop=shop, external_id__in=names).values_list("external_id", "pk"))


def _conversation(shop: Shop, row: Row, buyer: int) -> Conversation:
    return Conversation(
        shop=shop,
        external_id=row.conversation,
        buyer_id=buyer,
        entry=row.entry,
        order_status=row.order_status,
        state=State.CLOSED,
        imported=True,
        opened_at=row.sent_at,
        last_message_at=row.sent_at,
        closed_at=row.sent_at,
    )


def _message(shop: Shop, row: Row, conversation: int, agents: dict[str, int], now: datetime) -> Message:
    return Message(
        shop=shop,
        conversation_id=conversation,
        identity=row.identity,
        sender=row.sender,
        author_id=agents.get(row.agent),
        kind=row.kind,
        text=row.text,
        to_robot=row.to_robot,
        sent_at=row.sent_at,
        received_at=now,
    )


class Renewed(NamedTuple):
    """What a conversation's messages, all of them, say about it."""

    name: str
    buyer: int
    first: datetime
    last: datetime
    contact: datetime | None
    holder: int | None


def _renewed(keys: set[int]) -> list[Renewed]:
    known_writers = Message.objects.filter(conversation=OuterRef("pk"), sender=Sender.AGENT, author__isnull=False)
    talk = Q(messages__sender__in=[Sender.BUYER, Sender.AGENT])
    rows = (
        Conversation.objects.filter(pk__in=keys)
        .order_by()
        .values_list("external_id", "buyer_id")
        .annotate(
            Min("messages__sent_at"),
            Max("messages__sent_at"),
            contact=Max("messages__sent_at", filter=talk),
            writer=Subquery(known_writers.order_by("-sent_at", "-identity").values("author")[:1]),
        )
    )
    return [Renewed(*row) for row in rows]


def _renew_conversations(shop: Shop, keys: set[int]) -> None:
    """Times and last holder of the conversations from all their messages; then the buyers' recent contacts.

    The last agent who wrote is the holder. The contact is the last buyer's or agent's message, for none of them is
    older than the holder's own last one (ROUTING 1; robot and automatic ones are no contact, G20).
    """
    contacts: dict[int, tuple[datetime, int]] = {}
    renewed = _renewed(keys)
    for found in renewed:
        if found.holder is not None and found.contact is not None:
            contact = (found.contact, found.holder)
            contacts[found.buyer] = max(contact, contacts.get(found.buyer, contact))
    # An upsert of rows that are there: bulk_update takes four times as long.
    Conversation.objects.bulk_create(
        [_renewed_row(shop, found) for found in renewed],
        update_conflicts=True,
        unique_fields=["shop", "external_id"],
        update_fields=["opened_at", "last_message_at", "closed_at", "holder"],
    )
    _renew_contacts(contacts)


def _renewed_row(shop: Shop, found: Renewed) -> Conversation:
    return Conversation(
        shop=shop,
        external_id=found.name,
        buyer_id=found.buyer,
        state=State.CLOSED,
        imported=True,
        opened_at=found.first,
        last_message_at=found.last,
        closed_at=found.last,
        holder_id=found.holder,
    )


def _renew_contacts(contacts: dict[int, tuple[datetime, int]]) -> None:
    for buyer in Buyer.objects.filter(pk__in=contacts):
        at, agent = contacts[buyer.pk]
        if buyer.contact_at is None or buyer.contact_at < at:
            # Asked once more while writing: a live assignment may have come in between.
            newer = Q(contact_at=None) | Q(contact_at__lt=at)
            Buyer.objects.filter(newer, pk=buyer.pk).update(recent_agent=agent, contact_at=at)
