"""Whether what somebody got lies within what the draws of the rules bring by chance."""

from collections.abc import Sequence
from math import erfc, sqrt
from statistics import NormalDist

MOST_EXACT = 200
"""Up to so many draws the chances are added up exactly; beyond, the normal distribution is as good."""

LEVEL = 0.05
"""How often a shop in which all is as it should be is told of somebody beyond chance."""


def likely(got: int, odds: Sequence[float], mean: float, variance: float) -> float:
    """The two-sided p-value: how often draws with these odds come out as far off as `got`, or further.

    `odds` may be cut off after MOST_EXACT + 1; `mean` and `variance` are those of all.
    """
    if variance <= 0:
        return 1.0
    if len(odds) > MOST_EXACT:
        return erfc(abs(got - mean) / sqrt(2 * variance))
    chances = distribution(odds)
    seen = chances[got] * (1 + 1e-9)
    return min(1.0, sum(chance for chance in chances if chance <= seen))


def distribution(odds: Sequence[float]) -> list[float]:
    """How likely each number of hits is, of independent draws with these odds (Poisson's binomial distribution)."""
    chances = [1.0]
    for p in odds:
        missed = [chance * (1 - p) for chance in chances]
        hit = [chance * p for chance in chances]
        chances = [a + b for a, b in zip([*missed, 0.0], [0.0, *hit], strict=True)]
    return chances


def usual(variance: float, tested: int) -> float:
    """How far off chance puts somebody, all but LEVEL of the time with so many looked at."""
    return NormalDist().inv_cdf(1 - LEVEL / tested / 2) * sqrt(variance) if tested else 0.0
