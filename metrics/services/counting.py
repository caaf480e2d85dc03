"""Counting the units of a shop day from its messages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from agents.models import Shop
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Figures, count, count_by_agent
from metrics.selectors.day_threads import day_chunks, day_threads, day_waits


@dataclass(slots=True)
class Counts:
    """One metric on one day: the shop's figures and each agent's, None for nobody."""

    shop: Figures = field(default_factory=Figures)
    agents: dict[int | None, Figures] = field(default_factory=lambda: defaultdict(Figures))


def count_day(shop: Shop, day: date, definitions: Sequence[Definition], now: datetime) -> dict[str, Counts]:
    """The units of `day` per metric key as of `now`; later messages are not looked at.

    Memory grows with a chunk of conversations, not with the shop. Reads only.
    """
    counts = {definition.key: Counts() for definition in definitions}
    if not definitions:
        return counts
    for chunk in day_chunks(shop, day, now):
        threads = day_threads(shop, day, chunk, definitions, now)
        for definition in definitions:
            waits = list(day_waits(threads, day, definition, now, shop.zone))
            of_metric = counts[definition.key]
            of_metric.shop += count(waits, definition, now, shop.zone)
            for agent, figures in count_by_agent(waits, definition, now, shop.zone).items():
                of_metric.agents[agent] += figures
    return counts
