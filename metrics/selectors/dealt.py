"""The conversations that routing gave to somebody in a range, told from the decisions' traces (G12) in one pass."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Mod

from agents.models import Shop
from agents.vocabulary import Platform
from metrics.formulas.shares import Cause, Dealt, Tally
from metrics.formulas.taking_part import Span, count_within, moment_shares
from routing.engine.compile import compile_settings
from routing.engine.document import Document
from routing.engine.settings import Step
from routing.engine.vocabulary import RECEIVED, Allocation, Outcome
from routing.models import Decision, RoutingVersion
from routing.words.explaining import by_rules

MOST_READ = 50_000
"""So many traces are read; of more, an even sample."""

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    """By sub-account key, exactly, however few traces were read."""

    received: Counter[int] = field(default_factory=Counter)
    offline: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class DealtRange:
    """`every`: of how many conversations one was looked at; 1 is all. `arrived`: when buyers came, in order.
    `busy`: how often somebody could be drawn with more open than the busy threshold: no trace keeps the factor."""

    counted: Counted
    tally: Tally = field(default_factory=Tally)
    every: int = 1
    documents: dict[int, Document] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)
    arrived: list[datetime] = field(default_factory=list)
    given: defaultdict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    """By version of the settings, when conversations were given out under it, in order."""

    @property
    def total(self) -> int:
        return self.counted.received.total()

    def took_part(self, spans: Mapping[str, Sequence[Span]]) -> tuple[Counter[str], dict[str, float]]:
        """In how many of the conversations each took part (G1), and how many are theirs if each is divided among those.

        `spans`: when each was there, enabled and an agent.
        """
        times: Counter[str] = Counter()
        fair: defaultdict[str, float] = defaultdict(float)
        for version, moments in self.given.items():
            never = set(self.documents[version]["never_route"])
            there = {name: own for name, own in spans.items() if own and name not in never}
            for name, own in there.items():
                times[name] += count_within(own, moments)
            for name, part in moment_shares(there, moments).items():
                fair[name] += part
        return +times, dict(fair)

    @property
    def factor(self) -> float:
        """What one that was looked at stands for."""
        return self.total / self.tally.total if self.tally.total else 1.0


@dataclass(frozen=True, slots=True)
class Version:
    """Settings as traces made under them are read."""

    steps: tuple[Step, ...]
    way: Cause
    busy_above: int | None


def dealt_between(shop: Shop, start: datetime, end: datetime, names: Mapping[int, str]) -> DealtRange:
    """Three queries, however many. `names`: account names by sub-account key."""
    rows = Decision.objects.filter(shop=shop, at__gte=start, at__lt=end, trigger__in=RECEIVED)
    found = DealtRange(_counted(rows))
    if not found.total:
        return found
    numbers = rows.order_by().values("version")
    found.documents = dict(
        RoutingVersion.objects.filter(shop=shop, number__in=numbers)
        .order_by("number")
        .values_list("number", "document")
    )
    versions = {number: version_of(document, shop.platform) for number, document in found.documents.items()}
    found.every = -(-found.total // MOST_READ)
    read = rows.filter(Q(outcome=Outcome.ASSIGNED) | Q(number=1))
    if found.every > 1:
        read = read.annotate(place=Mod("pk", found.every)).filter(place=0)
    fields = ("at", "number", "outcome", "agent_id", "version", "trace", "conversation__order_status")
    for at, number, outcome, agent, version, trace, status in (
        read.order_by("at", "pk").values_list(*fields).iterator(chunk_size=CHUNK)
    ):
        if number == 1:
            found.arrived.append(at)
        if outcome == Outcome.ASSIGNED:
            dealt = dealt_of(names[agent], versions[version], trace, status)
            found.tally.add(dealt)
            found.given[version].append(at)
            above = versions[version].busy_above
            if above is not None and dealt.odds:
                found.busy.update(_busy(trace, above))
    return found


def _counted(rows: QuerySet[Decision]) -> Counted:
    counted = Counted()
    of_outcome = {Outcome.ASSIGNED.value: counted.received, Outcome.OFFLINE.value: counted.offline}
    held = rows.filter(outcome__in=of_outcome).order_by()
    for agent, outcome, count in held.values_list("agent_id", "outcome").annotate(Count("pk")):
        of_outcome[outcome][agent] += count
    return counted


def version_of(document: Document, platform: str) -> Version:
    even = platform != Platform.DOUYIN or document["allocation"] == Allocation.EVEN_TODAY
    return Version(
        steps=compile_settings(document, Platform(platform), 1).steps,
        way=Cause.EVEN if even else Cause.SATURATED,
        busy_above=document.get("busy_threshold"),
    )


def dealt_of(agent: str, version: Version, trace: Sequence[Mapping[str, Any]], order_status: str) -> Dealt:
    """A decision that assigned, as the formulas take it. The last step of the trace is the one that decided."""
    tried = by_rules(trace)
    step, finding = version.steps[len(tried) - 1], tried[-1]
    if step.kind == "recent_contact":
        return Dealt(agent, recent=True)
    free = tuple(finding["candidates"])
    odds = step.odds(free, order_status or "none") if step.odds else {}
    return Dealt(agent, free=free, left_out=finding["excluded"], odds=odds, way=version.way)


def _busy(trace: Sequence[Mapping[str, Any]], above: int) -> list[str]:
    return [name for name, load in trace[-1]["candidates"].items() if load["load"] > above]


def weights_of(document: Document) -> dict[str, int]:
    """{account: the largest weight that a group gives it}, where weights steer: Pinduoduo's advanced mode, Taobao."""
    if document.get("mode", "advanced") != "advanced":
        return {}
    largest: defaultdict[str, int] = defaultdict(int)
    for group in document.get("groups", ()):
        for member in group["members"]:
            largest[member["account"]] = max(largest[member["account"]], member["weight"])
    return dict(largest)
