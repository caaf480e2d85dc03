"""JSON from outside: parsed with bounded depth, so that nothing behind it can run out of stack. Pure."""

import json
from typing import Any

MAX_DEPTH = 64
"""Lists and objects inside each other; ours need eight."""


class TooDeep(ValueError):
    """More lists and objects inside each other than MAX_DEPTH."""

    def __init__(self) -> None:
        super().__init__("nested too deeply")


def parse_json(text: str | bytes, *, allow_constants: bool = True) -> Any:
    """Parse a JSON text. Raises ValueError: TooDeep, json.JSONDecodeError, or for a number of too many digits.

    `allow_constants`: NaN and Infinity, which Python writes and JSON does not know.
    """
    try:
        value = json.loads(text) if allow_constants else json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise TooDeep from None
    check_depth(value)
    return value


def check_depth(value: Any) -> None:
    """Raise TooDeep for a value nested deeper than MAX_DEPTH. Walks level by level, without recursion."""
    level: list[Any] = [[value]]
    for _depth in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise TooDeep


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
