"""JSON from outside is parsed to a bounded depth, whatever stack there is."""

import json

import pytest

from core.json_text import MAX_DEPTH, TooDeep, parse_json


def nested(depth: int, kind: str = "[]") -> str:
    opening = "[" if kind == "[]" else '{"a":'
    return opening * depth + "1" + kind[1] * depth


@pytest.mark.parametrize("kind", ["[]", "{}"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 900, 100_000])
def test_deep_json_is_refused(depth: int, kind: str) -> None:
    with pytest.raises(TooDeep):
        parse_json(nested(depth, kind))


@pytest.mark.parametrize("kind", ["[]", "{}"])
def test_json_of_the_greatest_depth_is_read(kind: str) -> None:
    assert parse_json(nested(MAX_DEPTH, kind)) == json.loads(nested(MAX_DEPTH, kind))


@pytest.mark.parametrize("text", ["", "{", "nan", "9" * 5000])
def test_anything_else_that_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_constants_that_json_does_not_know_can_be_refused() -> None:
    assert parse_json("Infinity") == float("inf")
    with pytest.raises(ValueError, match="NaN"):
        parse_json("[NaN]", allow_constants=False)
