"""How many cases are run, and from which seed: the same ones each time, on every machine."""

import os

SEED = 20261128
PERCENT = int(os.environ.get("FENLIU_HOSTILE_PERCENT", "10"))
"""Of the full number. `.ci/run` sets 100."""


def part(full: int) -> int:
    return max(1, full * PERCENT // 100)
