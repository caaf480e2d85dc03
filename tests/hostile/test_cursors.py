"""Last-Event-ID and the pages' cursors: words that we have not written are refused at their place, or are harmless."""

from base64 import urlsafe_b64encode

import pytest
from django.test import Client

from agents.services import create_token
from agents.vocabulary import Role
from routing.stream.cursor import MalformedCursor, read, written
from tests.agents.factories import make_member, make_shop
from tests.hostile.amount import part
from tests.hostile.mutate import Memory, cases
from tests.routing.factories import make_waiting

FULL = 9_000
SAMPLES = [
    written({1: 5}),
    written({}),
    written({n: n * 7 for n in range(1, 40)}),
    written({10**17: 10**17}),
    "MS4x,Mi4y",
    "-",
]


def words(kind: str, full: int) -> list[str]:
    """Half of them spoilt as they are sent, half inside their base 64."""
    inside = [b"1.5", b"1.5,2.6", b"999999999999999999.1", b"1.-1", b"0.0", b"1.1,1.2", "١.٢".encode()]
    spoilt = [word.decode("latin-1") for word in cases(kind, [s.encode() for s in SAMPLES], full // 2)]
    return spoilt + [
        urlsafe_b64encode(word).decode().rstrip("=") for word in cases(f"{kind} inside", inside, full - full // 2)
    ]


@pytest.mark.slow
def test_a_spoilt_cursor_is_refused_or_is_one() -> None:
    memory, taken = Memory(part(FULL)), 0
    for word in words("cursors", FULL):
        try:
            cursor = read(word)
        except MalformedCursor:
            continue
        finally:
            memory.case()
        taken += 1
        assert read(written(cursor)) == cursor
        assert all(0 <= number < 10**18 for pair in cursor.items() for number in pair)
    memory.check()
    assert taken


@pytest.mark.slow
@pytest.mark.django_db
def test_the_stream_and_the_lists_answer_each_of_them_clearly() -> None:
    shop, other = make_shop("mine"), make_shop("other")
    member = make_member(shop, Role.MAIN)
    make_waiting(shop, "ours")
    make_waiting(other, "QZSECRETZQ")
    assert member.account is not None
    client = Client(headers={"Authorization": f"Token {create_token(account=member.account)}"})
    paths = ["/api/v1/stream/", "/api/v1/shops/mine/conversations/", "/api/v1/shops/mine/routing/versions/"]
    for number, word in enumerate(words("sent", 1_000)):
        path = paths[number % 3]
        given = {"last_event_id" if "stream" in path else "cursor": word[:5_000]}
        answer = client.get(path, given)
        assert answer.status_code in (200, 400), (word, answer.content)
        body = b"".join(answer) if answer.streaming else answer.content
        assert b"QZSECRETZQ" not in body
        assert answer.status_code == 200 or answer.json()["code"] in ("invalid_cursor", "malformed"), body
