"""The source of a decision's one draw, seeded anew for each: most of what a decision by chance costs."""

from _random import Random as Plain
from hashlib import sha512
from random import Random


def seeded(source: Random, text: str) -> Random:
    """`source` as if it were `Random(text)`: the arithmetic of `random.seed` (version 2) without its other cases."""
    given = text.encode()
    Plain.seed(source, int.from_bytes(given + sha512(given).digest(), "big"))
    return source
