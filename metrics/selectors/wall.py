"""What a manager's wall shows: everybody with load and today's figures, the pools with what each waits for."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agents.models import Shop
from conversations.models import Conversation
from conversations.states import State
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Figures
from metrics.selectors.overview import Hand
from metrics.selectors.rates import agents_on
from routing.engine.vocabulary import Excluded
from routing.models import Decision

OWN_REASONS = frozenset({Excluded.OFFLINE, Excluded.BREAK, Excluded.FULL})
"""Why somebody who belongs to a pool is no candidate; everything else says that they do not belong to it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One line of the wall: a person, the groups they stand in, and today's figures of the strictest metric."""

    hand: Hand
    groups: tuple[str, ...]
    figures: Figures
    below: bool
    """Whether their own rate is below the shop's line."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Who waits together: how many, since when, by which rule, and the names that the rules looked at in vain."""

    key: str
    count: int
    since: datetime
    first: int
    """The conversation that has waited longest."""
    rule: str
    waits_for: tuple[str, ...]


def seats(
    shop: Shop, hands: list[Hand], groups: Mapping[str, tuple[str, ...]], definition: Definition | None, now: datetime
) -> list[Seat]:
    """`hands` in their order, each with the day's figures as last counted; one query."""
    found = agents_on(shop, day_of(now, shop.zone), definition.key) if definition else {}
    line = definition.pass_line if definition else None
    return [_seat(hand, groups.get(hand.name, ()), found.get(hand.pk, Figures()), line) for hand in hands]


def _seat(hand: Hand, groups: tuple[str, ...], figures: Figures, line: object) -> Seat:
    below = line is not None and figures.rate is not None and figures.rate < line  # type: ignore[operator]
    return Seat(hand, groups, figures, below)


def pools(shop: Shop) -> list[Pool]:
    """The waiting, by pool, the longest wait first; two queries, however many wait.

    What a pool waits for is in the trace of the decision by which its first one waits (G12): while anybody whom the
    rules looked at there could take it, it would not wait (G6).
    """
    lines: dict[str, list[Conversation]] = defaultdict(list)
    waiting = Conversation.objects.for_shop(shop).filter(state=State.QUEUED).order_by("waiting_seq")
    for row in waiting.only("pk", "pool", "waiting_since", "waiting_seq", "shop_id"):
        lines[row.pool].append(row)
    first = {pool: rows[0] for pool, rows in lines.items()}
    decisions: dict[int, Decision] = {}
    for decision in Decision.objects.filter(shop=shop, conversation__in=first.values()).order_by("number"):
        decisions[decision.conversation_id] = decision
    found = [_pool(pool, rows, decisions.get(rows[0].pk)) for pool, rows in lines.items()]
    return sorted(found, key=lambda pool: pool.since)


def _pool(key: str, rows: list[Conversation], decision: Decision | None) -> Pool:
    since = rows[0].waiting_since
    assert since is not None
    rule = decision.rule if decision else ""
    return Pool(key, len(rows), since, rows[0].pk, rule, looked_at(decision.trace) if decision else ())


def looked_at(trace: list[dict[str, object]]) -> tuple[str, ...]:
    """The people of the last rule that looked at anybody and found nobody free."""
    for finding in reversed(trace):
        excluded = finding.get("excluded")
        if isinstance(excluded, dict):
            names = tuple(name for name, why in excluded.items() if why in OWN_REASONS)
            if names:
                return names
    return ()
