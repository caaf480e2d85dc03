"""A shop's day through the live services, by the clock on the wall: who is there, and buyers one after another."""

from datetime import date, datetime, timedelta
from itertools import count
from uuid import uuid4

from agents.models import Shop
from conversations.models import Conversation
from conversations.states import ClosedBy, Sender
from metrics.selectors.shares import AgentShare, Shares, shares
from metrics.telling_shares import Reason, reasons
from routing import services
from tests.agents.factories import make_agent, make_shop
from tests.metrics.builders import DAY, at

NIGHT = at("23:59:59", DAY + timedelta(days=5))


class ShareDay:
    """`agents`: account names with their caps."""

    def __init__(self, platform: str, agents: dict[str, int | None], document: dict | None = None) -> None:
        self.shop: Shop = make_shop(f"share-{uuid4().hex[:8]}", platform)
        self.people = {
            name: make_agent(self.shop, name, max_concurrent=cap, created_at=at("00:00"))
            for name, cap in agents.items()
        }
        self._closing: list[tuple[datetime, str]] = []
        self._numbers = count(1)
        if document is not None:
            services.publish(shop=self.shop, document=document, now=at("00:01"))

    def set(self, status: str, clock: str, *names: str, day: date = DAY) -> None:
        self._close_until(at(clock, day))
        for name in names or self.people:
            services.set_presence(shop=self.shop, agent=name, status=status, now=at(clock, day))

    def online(self, clock: str, *names: str, day: date = DAY) -> None:
        self.set("online", clock, *names, day=day)

    def buyers(
        self,
        number: int,
        clock: str,
        until: str,
        *,
        day: date = DAY,
        lasting: float = 0,
        never: str = "",
        names: list[str] | None = None,
        **more: str,
    ) -> list[str]:
        """So many, evenly over the time. Each conversation is answered and closed after `lasting` minutes; those that
        `never` gets stay open."""
        begin = at(clock, day)
        pause = (at(until, day) - begin) / number
        came = []
        for n in range(number):
            moment = begin + n * pause
            self._close_until(moment)
            number = next(self._numbers)
            buyer = names[n] if names else f"buyer-{number}"
            row = self.open(f"share-{number}", buyer, moment, **more)
            came.append(buyer)
            if row.holder_id is not None:
                services.post_message(
                    shop=self.shop, conversation=row.external_id, sender=Sender.AGENT, author=row.holder, text="好",
                    now=moment,
                )  # fmt: skip
            if row.holder is None or row.holder.name != never:
                self._closing.append((moment + timedelta(minutes=lasting), row.external_id))
        self._close_until(at(until, day))
        return came

    def open(self, name: str, buyer: str, moment: datetime, **more: str) -> Conversation:
        """Under a name of its own: with the shop's seed it decides what is drawn, so that each run is the same."""
        more = {"entry": "goods_detail"} | more
        return services.open_conversation(
            shop=self.shop, buyer=buyer, external_id=name, now=moment, **more
        ).conversation

    def _close_until(self, moment: datetime) -> None:
        self._closing.sort()
        while self._closing and self._closing[0][0] <= moment:
            due, name = self._closing.pop(0)
            services.close_conversation(shop=self.shop, conversation=name, by=ClosedBy.AGENT, now=due)

    def found(self, first: date = DAY, last: date | None = None, now: datetime = NIGHT) -> Shares:
        return shares(self.shop, first, last or first, now)

    def row(self, name: str, **days: date) -> AgentShare:
        return next(row for row in self.found(**days).rows if row.share.name == name)

    def why(self, name: str, **days: date) -> list[Reason]:
        found = self.found(**days)
        return reasons(next(row for row in found.rows if row.share.name == name), found)
