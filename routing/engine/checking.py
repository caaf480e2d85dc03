"""Small checks that name the place: every malformed document is refused through these."""

from collections.abc import Collection, Hashable, Iterable
from typing import Any

LONGEST = 300
"""Characters of a place or a problem that are shown."""


class Malformed(ValueError):
    """Something at `path` is wrong; `str()` is "path: problem"."""

    def __init__(self, path: str, problem: str) -> None:
        path, problem = shown(path), shown(problem)
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


def shown(text: str) -> str:
    """What somebody sent is repeated to them, but not at any length."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def mapping(value: Any, path: str, keys: Collection[str] | None = None) -> dict[str, Any]:
    """A JSON object, with none but `keys` if given."""
    if not isinstance(value, dict):
        raise Malformed(path, "must be an object")
    if keys is not None:
        for key in value:
            if key not in keys:
                raise Malformed(join(path, key), "unknown key")
    return value


def listing(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(path, "must be a list")
    return value


def text(value: Any, path: str, *, longest: int = 500, empty: bool = False) -> str:
    if not isinstance(value, str):
        raise Malformed(path, "must be a text")
    if not empty and not value.strip():
        raise Malformed(path, "must not be empty")
    if len(value) > longest:
        raise Malformed(path, f"is longer than {longest} characters")
    if "\x00" in value:
        raise Malformed(path, "holds a NUL character")
    return value


def flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(path, "must be true or false")
    return value


def whole(value: Any, path: str, *, least: int, most: int = 1_000_000) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(path, "must be a whole number")
    if not least <= value <= most:
        raise Malformed(path, f"must be from {least} to {most}")
    return value


def positive(value: Any, path: str, *, most: int = 1_000_000) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise Malformed(path, f"must be a number above 0, at most {most}")
    return value


def one_of(value: Any, path: str, options: Iterable[str]) -> str:
    known = list(options)
    if not isinstance(value, str) or value not in known:
        raise Malformed(path, f"must be one of {', '.join(known)}")
    return value


def unique(value: Hashable, path: str, seen: set[Any], problem: str) -> None:
    """Refuse what was `seen` before, and remember it."""
    if value in seen:
        raise Malformed(path, problem)
    seen.add(value)


def cap(value: Any, path: str, most: int | None) -> int | None:
    """最大接待人数: null, or from 1 to the platform's own limit."""
    return None if value is None else whole(value, path, least=1, most=most or 1_000_000)
