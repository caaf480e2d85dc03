"""The cursor of a stream: what was written is read back, everything else is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.stream.cursor import LONGEST, MalformedCursor, read, written

NUMBER = st.integers(min_value=0, max_value=10**18 - 1)


@given(st.dictionaries(NUMBER, NUMBER, max_size=30))
def test_what_was_written_is_read_back(cursor: dict[int, int]) -> None:
    word = written(cursor)
    assert read(word) == cursor
    assert word.isascii()
    assert "\n" not in word


@given(st.text(max_size=60))
def test_nonsense_is_refused_or_is_a_cursor(word: str) -> None:
    try:
        cursor = read(word)
    except MalformedCursor:
        return
    assert read(written(cursor)) == cursor


@pytest.mark.parametrize(
    "word",
    [
        "",
        "%%%",
        base64.urlsafe_b64encode("１.２".encode()).decode(),
        base64.urlsafe_b64encode(b"1.2,").decode(),
        base64.urlsafe_b64encode(b"-1.2").decode(),
        base64.urlsafe_b64encode(b"1.1234567890123456789").decode(),
        "A" * (LONGEST + 1),
    ],
)
def test_no_cursor(word: str) -> None:
    with pytest.raises(MalformedCursor):
        read(word)
