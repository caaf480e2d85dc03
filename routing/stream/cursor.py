"""How far a reader has read: the last event number of each of their shops, as one opaque word. Pure."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

SHAPE = re.compile(r"(?:\d{1,18}\.\d{1,18}(?:,\d{1,18}\.\d{1,18})*)?")
LONGEST = 20_000
"""Characters; a reader with a thousand shops needs fewer."""

Cursor = dict[int, int]
"""{shop's key: number of its last event that was read}."""


class MalformedCursor(ValueError):
    """Not a word that `written` has made."""


def written(cursor: Cursor) -> str:
    text = ",".join(f"{shop}.{seq}" for shop, seq in sorted(cursor.items()))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=") or "-"


def read(word: str) -> Cursor:
    """Raises MalformedCursor."""
    if word == "-":
        return {}
    try:
        if len(word) > LONGEST or not word.isascii():
            raise ValueError
        text = urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("ascii")
        if not SHAPE.fullmatch(text) or not text:
            raise ValueError
    except (ValueError, Error):
        raise MalformedCursor("not a cursor of this stream") from None
    return {int(shop): int(seq) for shop, seq in (pair.split(".") for pair in text.split(","))}
