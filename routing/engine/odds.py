"""What a past decision left to chance, told from its trace alone by the scopes and weights that decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from routing.engine.crews import Scope
from routing.engine.look import Look
from routing.engine.picks import Drawn, Pick
from routing.engine.scopes import ScopeOf
from routing.engine.settings import Odds
from routing.engine.types import Recent
from routing.engine.vocabulary import DEFAULT_WEIGHT


@dataclass(frozen=True, slots=True)
class _Past:
    """As much of a `Look` as the scopes with weights read: they are groups, which go by the order status."""

    order_status: str
    recent: Recent = Recent.NONE

    @property
    def conversation(self) -> "_Past":
        return self


def odds_of(scope_of: ScopeOf, pick: Pick) -> Odds:
    """Of the busyness factor (TB5) the trace knows nothing: where somebody was busy these are the weights alone."""

    def odds(free: Sequence[str], order_status: str) -> Mapping[str, float]:
        if pick.drawn is Drawn.NOT or len(free) < 2:
            return {}
        weights: list[int] = []
        if pick.drawn is not Drawn.EVENLY:
            scope = scope_of(cast(Look, _Past(order_status)))
            known = scope.weights if isinstance(scope, Scope) else {}
            weights = [known.get(name, DEFAULT_WEIGHT) for name in free]
        if not any(weights):
            return dict.fromkeys(free, 1 / len(free))
        whole = sum(weights)
        return {name: weight / whole for name, weight in zip(free, weights, strict=True)}

    return odds
