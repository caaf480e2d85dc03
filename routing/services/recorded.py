"""Traffic that the simulator has run, written as if it had come in live: for the demo and the benchmarks."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from agents.models import PresenceLog, Shop, SubAccount
from conversations.models import Buyer, Conversation, Message, Rating
from conversations.states import Kind
from routing.engine.telling import told_trace
from routing.engine.types import Conversation as Seen
from routing.models import AgentCounter, Decision, Lane
from routing.simulator.traffic import Said, Traffic
from routing.snapshot import columns_of

BATCH = 2000


@transaction.atomic
def record_traffic(*, shop: Shop, traffic: Traffic, text_of: Callable[[Said], str]) -> None:
    """Write a run: conversations, messages, decisions, ratings, statuses, counters. The shop's lane must be empty."""
    recorder = _Recorder(shop, traffic)
    recorder.write_people()
    recorder.write_conversations()
    recorder.write_messages(text_of)
    recorder.write_decisions()
    recorder.write_ratings()
    recorder.write_lane()


class _Recorder:
    def __init__(self, shop: Shop, traffic: Traffic) -> None:
        self.shop, self.traffic, self.state = shop, traffic, traffic.state
        self.people = {row.name: row for row in SubAccount.objects.for_shop(shop)}
        self.conversations: dict[str, Conversation] = {}

    def write_people(self) -> None:
        """Statuses with their log, and what the rules count."""
        for switched in self.traffic.switched:
            row = self.people[switched.agent]
            row.status, row.status_since = switched.after, switched.at
        SubAccount.objects.bulk_update(self.people.values(), ["status", "status_since"])
        PresenceLog.objects.bulk_create(
            (
                PresenceLog(
                    shop=self.shop,
                    sub_account=self.people[s.agent],
                    status=s.after,
                    previous=s.before,
                    at=s.at,
                    by_id=self.people[s.agent].account_id,
                )
                for s in self.traffic.switched
            ),
            batch_size=BATCH,
        )
        AgentCounter.objects.bulk_create(
            AgentCounter(
                shop=self.shop,
                sub_account=self.people[agent.name],
                open=agent.open,
                waiting_replies=agent.waiting_replies,
                received_today=agent.received_today,
                offline_today=agent.offline_today,
                counted_on=self.state.today,
                last_assigned=agent.last_assigned,
            )
            for agent in self.state.agents.values()
        )

    def write_conversations(self) -> None:
        seen = list(self.state.conversations.values())
        contacts = self.state.contacts
        Buyer.objects.bulk_create(
            (
                Buyer(
                    shop=self.shop,
                    external_id=name,
                    recent_agent=self.people[contacts[name].agent] if name in contacts else None,
                    contact_at=contacts[name].at if name in contacts else None,
                )
                for name in {conversation.buyer for conversation in seen}
            ),
            batch_size=BATCH,
        )
        buyers = dict(Buyer.objects.filter(shop=self.shop).values_list("external_id", "pk"))
        last = {said.conversation: said.at for said in self.traffic.said}
        rows = [self._row(conversation, buyers, last) for conversation in seen]
        Conversation.objects.bulk_create(rows, batch_size=BATCH)
        self.conversations = {row.external_id: row for row in Conversation.objects.for_shop(self.shop)}

    def _row(self, seen: Seen, buyers: dict[str, int], last: dict[str, datetime]) -> Conversation:
        row = Conversation(
            shop=self.shop,
            external_id=seen.id,
            buyer_id=buyers[seen.buyer],
            entry=seen.entry or "",
            question=seen.question or "",
            order_status=seen.order_status,
            opened_at=seen.opened_at,  # type: ignore[misc]
            opened_seq=seen.opened_seq,
            last_message_at=last.get(seen.id),
        )
        holder = None if seen.agent is None else self.people[seen.agent].pk
        for name, value in columns_of(seen, holder).items():
            setattr(row, name, value)
        return row

    def write_messages(self, text_of: Callable[[Said], str]) -> None:
        Message.objects.bulk_create(
            (
                Message(
                    shop=self.shop,
                    conversation=self.conversations[said.conversation],
                    identity=f"demo:{n}",
                    sender=said.sender.value,
                    author=None if said.author is None else self.people[said.author],
                    kind=Kind.TEXT.value,
                    text=text_of(said),
                    sent_at=said.at,
                    received_at=said.at,
                    seq=self.state.event,
                )
                for n, said in enumerate(self.traffic.said)
            ),
            batch_size=BATCH,
        )

    def write_decisions(self) -> None:
        Decision.objects.bulk_create(
            (
                Decision(
                    shop=self.shop,
                    conversation=self.conversations[d.conversation],
                    number=d.number,
                    seq=self.state.event,
                    at=d.at,
                    trigger=d.trigger.value,
                    outcome=d.outcome.value,
                    agent=None if d.agent is None else self.people[d.agent],
                    rule=d.rule,
                    pool=d.pool or "",
                    labels=list(d.labels),
                    push=d.push,
                    version=d.version,
                    trace=told_trace(d.trace, self.state.zone),
                )
                for d in self.traffic.decisions
            ),
            batch_size=BATCH,
        )

    def write_ratings(self) -> None:
        Rating.objects.bulk_create(
            (
                Rating(
                    conversation=self.conversations[rated.conversation],
                    shop=self.shop,
                    satisfied=rated.satisfied,
                    at=rated.at,
                )
                for rated in self.traffic.rated
            ),
            batch_size=BATCH,
        )

    def write_lane(self) -> None:
        last_at = max((said.at for said in self.traffic.said), default=None)
        Lane.objects.filter(shop=self.shop).update(
            seq=self.state.event, assignments=self.state.assignments, last_at=last_at
        )
