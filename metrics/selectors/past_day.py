"""A past shop day as the replay takes it, and what really came of it, by the same measures."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Max, Q

from agents.models import PresenceLog, Shop, SubAccount
from agents.vocabulary import Status
from conversations.models import Conversation, Message
from conversations.states import ClosedBy, Sender, Unwritten
from metrics.formulas.days import day_end, day_start
from routing.engine.types import Agent, Contact
from routing.models import Decision
from routing.simulator.past import Day, Outcomes, Past, Spoken

Switch = tuple[datetime, str, Status]
CHUNK = 2000
HELD = ("assigned", "offline")
UNWRITTEN = frozenset(Unwritten)


class Presence:
    """Who was offline when."""

    def __init__(self, agents: Iterable[Agent], switches: Iterable[Switch], start: datetime) -> None:
        self.times = {agent.name: [start] for agent in agents}
        self.statuses = {agent.name: [agent.status] for agent in agents}
        for at, name, status in switches:
            self.times[name].append(at)
            self.statuses[name].append(status)

    def away(self, name: str, moment: datetime) -> bool:
        return self.statuses[name][bisect_right(self.times[name], moment) - 1] == Status.OFFLINE


class PastDay:
    """Everything of one shop day that the replay asks for, read in as many queries as there are kinds of it."""

    def __init__(self, shop: Shop, day: date) -> None:
        self.shop, self.day = shop, day
        self.start, self.end = day_start(day, shop.zone), day_end(day, shop.zone)
        self.people = {row.pk: row for row in SubAccount.objects.for_shop(shop)}
        self.rows = self._conversations()
        self.with_robot: set[int] = set()
        """Conversations that the robot had: somebody wrote to it, or was passed on by it."""
        self.messages = self._messages()
        self.decisions = self._decisions()
        self.unanswered = self._unanswered()

    def _conversations(self) -> dict[int, Conversation]:
        """Those opened on the day, and those that were open when it began."""
        of_shop = Conversation.objects.for_shop(self.shop).filter(opened_at__lt=self.end)
        opened = of_shop.filter(opened_at__gte=self.start)
        standing = of_shop.filter(opened_at__lt=self.start, imported=False).filter(
            Q(closed_at__isnull=True) | Q(closed_at__gt=self.start)
        )
        rows = (opened | standing).select_related("buyer").order_by("opened_at", "pk")
        return {row.pk: row for row in rows.iterator(chunk_size=CHUNK)}

    def _messages(self) -> dict[int, list[tuple[Spoken, int | None]]]:
        """Each conversation's messages of the day in order, with who wrote them."""
        found: dict[int, list[tuple[Spoken, int | None]]] = defaultdict(list)
        rows = Message.objects.filter(shop=self.shop, sent_at__gte=self.start, sent_at__lt=self.end)
        fields = ("conversation_id", "sent_at", "sender", "to_robot", "author_id", "automatic")
        ordered = rows.order_by("sent_at", "pk").values_list(*fields)
        for conversation, at, sender, robot, author, automatic in ordered.iterator():
            found[conversation].append((Spoken(at, Sender(sender), robot), author))
            if robot or automatic in UNWRITTEN:
                self.with_robot.add(conversation)
        return found

    def _decisions(self) -> dict[int, list[Decision]]:
        """Up to the end of the day, of the conversations that concern it."""
        found: dict[int, list[Decision]] = defaultdict(list)
        concerned = Q(at__gte=self.start) | Q(conversation__opened_at__gte=self.start - timedelta(days=7))
        rows = Decision.objects.filter(concerned, shop=self.shop, at__lt=self.end).order_by("conversation_id", "number")
        for row in rows.defer("trace").iterator(chunk_size=CHUNK):
            if row.conversation_id in self.rows:
                found[row.conversation_id].append(row)
        return found

    def _unanswered(self) -> dict[int, datetime]:
        """Since when a question waited in those that were open when the day began."""
        standing = [pk for pk, row in self.rows.items() if row.opened_at < self.start]
        rows = Message.objects.filter(shop=self.shop, conversation__in=standing, sent_at__lt=self.start)
        since: dict[int, datetime] = {}
        fields = rows.order_by("sent_at", "pk").values_list("conversation_id", "sent_at", "sender")
        for conversation, at, sender in fields.iterator(chunk_size=CHUNK):
            if sender == Sender.BUYER:
                since.setdefault(conversation, at)
            elif sender != Sender.AUTO:
                since.pop(conversation, None)
        return since

    # -- for the replay ----------------------------------------------------------------------

    def read(self) -> Day:
        presences, guessed = self._presences()
        agents = self._agents(guessed)
        there = None if guessed else Presence(agents, presences, self.start)
        return Day(
            start=self.start,
            end=self.end,
            zone=self.shop.zone,
            seed=self.shop.seed,
            agents=agents,
            presences=presences,
            pasts=[self._past(row, there) for row in self.rows.values()],
            contacts=self._contacts(),
            guessed_presence=guessed,
        )

    def _agents(self, guessed: bool) -> list[Agent]:
        """The people as they are today, with the status that they had when the day began."""
        log = PresenceLog.objects.filter(shop=self.shop, at__lt=self.start)
        newest = log.order_by().values("sub_account").annotate(last=Max("pk")).values("last")
        status = dict(PresenceLog.objects.filter(pk__in=newest).values_list("sub_account_id", "status"))
        return [
            Agent(
                name=row.name,
                roles=frozenset(row.roles),
                max_concurrent=row.max_concurrent,
                mobile_app=row.mobile_app,
                enabled=row.can_take_part,
                status=Status.OFFLINE if guessed else Status(status.get(row.pk, Status.OFFLINE)),
            )
            for row in self.people.values()
        ]

    def _presences(self) -> tuple[list[Switch], bool]:
        log = PresenceLog.objects.filter(shop=self.shop, at__lt=self.end)
        if not log.exists():
            return self._guessed(), True
        rows = log.filter(at__gte=self.start).order_by("pk").values_list("at", "sub_account_id", "status")
        return [(at, self.people[who].name, Status(status)) for at, who, status in rows], False

    def _guessed(self) -> list[Switch]:
        """Online from the first message to the last."""
        spans: dict[int, tuple[datetime, datetime]] = {}
        for said in self.messages.values():
            for spoken, author in said:
                if author is not None and spoken.sender == Sender.AGENT:
                    first, last = spans.get(author, (spoken.at, spoken.at))
                    spans[author] = min(first, spoken.at), max(last, spoken.at)
        switches: list[Switch] = []
        for who, (first, last) in spans.items():
            name = self.people[who].name
            switches += [(first, name, Status.ONLINE), (last + timedelta(seconds=1), name, Status.OFFLINE)]
        return sorted(switches, key=lambda switch: switch[0])

    def _past(self, row: Conversation, there: "Presence | None") -> Past:
        decisions = self.decisions.get(row.pk, [])
        said = self.messages.get(row.pk, [])
        held = [decision for decision in decisions if decision.outcome in HELD]
        assigned = [decision.at for decision in held] or [at for at in (self._first_answer(said),) if at is not None]
        robot = row.pk in self.with_robot
        return Past(
            id=row.external_id,
            buyer=row.buyer.external_id,
            opened_at=row.opened_at,
            entry=row.entry or None,
            question=row.question or None,
            order_status=row.order_status or None,
            robot=robot,
            asked_human_at=decisions[0].at if robot and decisions else None,
            assigned=assigned,
            held_by=self._holder_at_start(row, held),
            unanswered_since=self.unanswered.get(row.pk),
            messages=[self._spoken(spoken, author, there) for spoken, author in said],
            closed_at=row.closed_at,
            closed_by=ClosedBy(row.closed_by) if row.closed_by else None,
        )

    def _spoken(self, spoken: Spoken, author: int | None, there: "Presence | None") -> Spoken:
        if there is None or author is None or spoken.sender != Sender.AGENT:
            return spoken
        return spoken._replace(away=there.away(self.people[author].name, spoken.at))

    def _first_answer(self, said: Sequence[tuple[Spoken, int | None]]) -> datetime | None:
        """For imported history, which knows no decisions: as if given to who answered, when asked."""
        answered = any(spoken.sender == Sender.AGENT for spoken, _author in said)
        return said[0][0].at if answered else None

    def _holder_at_start(self, row: Conversation, held: Sequence[Decision]) -> str | None:
        if row.opened_at >= self.start:
            return None
        before = [decision for decision in held if decision.at < self.start and decision.agent_id is not None]
        who = before[-1].agent_id if before else row.holder_id
        return self.people[who].name if who in self.people else None

    def _contacts(self) -> dict[str, Contact]:
        """The recent agent of each buyer of the day, as it stood when the day began."""
        buyers = {row.buyer_id: row.buyer.external_id for row in self.rows.values()}
        of_shop = Conversation.objects.for_shop(self.shop)
        of_the_day = of_shop.filter(opened_at__gte=self.start, opened_at__lt=self.end).values("buyer")
        rows = (
            of_shop.filter(opened_at__lt=self.start, holder__isnull=False, buyer__in=of_the_day)
            .order_by("opened_at", "pk")
            .values_list("buyer_id", "holder_id", "assigned_at", "last_message_at", "opened_at")
        )
        found: dict[str, Contact] = {}
        for buyer, holder, assigned, last, opened in rows.iterator(chunk_size=CHUNK):
            at = max(time for time in (assigned, last, opened) if time is not None)
            found[buyers[buyer]] = Contact(self.people[holder].name, min(at, self.start))
        return found

    # -- what really happened ----------------------------------------------------------------

    def happened(self) -> Outcomes:
        """By the measures of `replay`."""
        real = Outcomes(most_at_once=dict.fromkeys((row.name for row in self.people.values()), 0))
        changes: list[tuple[datetime, int, str]] = []
        for pk, row in self.rows.items():
            name = row.external_id
            real.buyers[name] = row.buyer.external_id
            real.said[name] = [spoken for spoken, _author in self.messages.get(pk, [])]
            decisions = self.decisions.get(pk, [])
            if decisions:
                self._count(real, name, decisions, row)
            else:
                self._count_imported(real, name, pk)
            changes += self._holdings(row, pk, decisions)
        self._most_at_once(real, changes)
        return real

    def _count(self, real: Outcomes, name: str, decisions: Iterable[Decision], row: Conversation) -> None:
        since: datetime | None = None
        for decision in decisions:
            if decision.outcome not in HELD:
                since = since or decision.at
                continue
            if since is not None and decision.at >= self.start:
                real.waits.append(decision.at - max(since, self.start))
            since = None
            who = self._named(decision.agent_id)
            if decision.at >= self.start and decision.trigger != "transferred":
                (real.offline if decision.outcome == "offline" else real.received)[who] += 1
            if row.opened_at >= self.start:
                real.first.setdefault(name, who)
        if since is not None:
            ended = row.closed_at if row.closed_at is not None and row.closed_at < self.end else None
            real.waits.append((ended or self.end) - max(since, self.start))
            real.unassigned += ended is None

    def _count_imported(self, real: Outcomes, name: str, pk: int) -> None:
        writers = [author for spoken, author in self.messages.get(pk, []) if spoken.sender == Sender.AGENT and author]
        if writers:
            real.received[self._named(writers[0])] += 1
            real.first[name] = self._named(writers[0])

    def _holdings(self, row: Conversation, pk: int, decisions: Sequence[Decision]) -> list[tuple[datetime, int, str]]:
        """(when, +1 or −1, who) each time that somebody got or gave up the conversation."""
        changes: list[tuple[datetime, int, str]] = []
        holder = ""
        for decision in decisions:
            if decision.outcome in HELD:
                if holder:
                    changes.append((decision.at, -1, holder))
                holder = self._named(decision.agent_id)
                changes.append((decision.at, 1, holder))
        if holder and row.closed_at is not None:
            changes.append((row.closed_at, -1, holder))
        return changes

    def _most_at_once(self, real: Outcomes, changes: list[tuple[datetime, int, str]]) -> None:
        load: Counter[str] = Counter()
        for at, step, who in sorted(changes, key=lambda change: (change[0], change[1])):
            load[who] += step
            if self.start <= at < self.end:
                real.most_at_once[who] = max(real.most_at_once.get(who, 0), load[who])

    def _named(self, pk: int | None) -> str:
        return self.people[pk].name if pk in self.people else ""
