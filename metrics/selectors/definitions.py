"""The metric definitions of a shop, day by day: the platform's presets with the shop's overrides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta

from agents.models import Shop
from metrics.formulas.definitions import Definition, Override, definitions_on
from metrics.formulas.kinds import Kind
from metrics.models import DefinitionOverride


class ShopDefinitions:
    """Definitions of one shop, kept per day: a long stretch of days asks for few different ones."""

    def __init__(self, platform: str, overrides: list[Override]) -> None:
        self.platform = platform
        self.overrides = overrides
        self._days: dict[date, tuple[Definition, ...]] = {}

    def on(self, day: date) -> tuple[Definition, ...]:
        """The definitions valid on `day`, in the presets' order (METRICS 3)."""
        if day not in self._days:
            self._days[day] = definitions_on(self.platform, day, self.overrides)
        return self._days[day]

    def find(self, metric: str, day: date) -> Definition | None:
        return next((d for d in self.on(day) if d.key == metric), None)

    def penalties_of(self, metric: str, day: date) -> tuple[Kind, ...]:
        found = self.find(metric, day)
        return found.penalties if found else ()

    def before(self, day: date) -> list[date]:
        """The earlier days that the windows ending with `day` take in."""
        reach = max((d.window_days for d in self.on(day)), default=1)
        return [day - timedelta(days=n) for n in range(1, reach)]


_kept: ContextVar[dict[int, ShopDefinitions] | None] = ContextVar("definitions", default=None)


@contextmanager
def definitions_kept() -> Iterator[None]:
    """Within this, a shop's definitions are read once: for a page that only reads, and asks in many places."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def shop_definitions(shop: Shop) -> ShopDefinitions:
    """The shop's definitions as they stand in the tables now."""
    kept = _kept.get()
    if kept is not None and shop.pk in kept:
        return kept[shop.pk]
    rows = DefinitionOverride.objects.filter(shop=shop)
    found = ShopDefinitions(shop.platform, [override_of(row) for row in rows])
    if kept is not None:
        kept[shop.pk] = found
    return found


def definitions_of(shops: Sequence[Shop], day: date) -> dict[int, tuple[Definition, ...]]:
    """Those of each shop on one day, by its key; one query for all of them."""
    overrides: dict[int, list[Override]] = {}
    for row in DefinitionOverride.objects.filter(shop__in=shops):
        overrides.setdefault(row.shop_id, []).append(override_of(row))
    return {shop.pk: definitions_on(shop.platform, day, overrides.get(shop.pk, [])) for shop in shops}


def override_of(row: DefinitionOverride) -> Override:
    kinds = None if row.penalties is None else tuple(Kind(kind) for kind in row.penalties)
    return Override(row.metric, row.valid_from, row.valid_to, row.counts_robot, kinds)
