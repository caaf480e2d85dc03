"""Valid samples made wrong, from a seed: what stays almost right gets further than noise."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from tests.hostile.amount import SEED, part

PIECES = [
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\r",
    b"\n",
    b"\r\n",
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[" * 3000,
    b'{"a":' * 2000,
    b"null",
    b"true",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b"\\u0000",
    b"\\ud800",
    b"=cmd|' /C calc'!A1",
    b"=1+1",
    b"@SUM(1)",
    b"<script>alert(1)</script>",
    b"../../etc/passwd",
    b"%00",
    b"%2e%2e",
    b"\xe2\x80\xae",
    b"\xe4\xb8",
    b"A" * 70_000,
    b"-1",
    b"0",
    b"9223372036854775808",
    b"1900-02-29",
    b"9999-12-31T23:59:59-23:59",
    b"0001-01-01T00:00:00+23:59",
    b"2026-02-30 10:00:00",
    b"' OR 1=1 --",
    b"${7*7}",
    b"{{7*7}}",
]


def cases(kind: str, samples: Sequence[bytes], full: int = 10_000) -> Iterator[bytes]:
    """So many mutants of the samples, or `part` of as many: the same ones each time."""
    luck = Random(f"{SEED} {kind}")
    for _ in range(part(full)):
        yield mutant(luck.choice(samples), luck)


def mutant(content: bytes, luck: Random) -> bytes:
    for _ in range(luck.choice([1, 1, 2, 3, 8])):
        content = luck.choice(WAYS)(content, luck)
    return content


def flipped(content: bytes, luck: Random) -> bytes:
    place = luck.randrange(len(content) + 1)
    return content[:place] + bytes([luck.randrange(256)]) + content[place + 1 :]


def cut(content: bytes, luck: Random) -> bytes:
    return content[: luck.randrange(len(content) + 1)]


def left_out(content: bytes, luck: Random) -> bytes:
    start = luck.randrange(len(content) + 1)
    return content[:start] + content[start + luck.randrange(1, 30) :]


def doubled(content: bytes, luck: Random) -> bytes:
    start = luck.randrange(len(content) + 1)
    piece = content[start : start + luck.randrange(1, 200)]
    return content[:start] + piece * luck.choice([2, 2, 3, 50]) + content[start:]


def put_in(content: bytes, luck: Random) -> bytes:
    start = luck.randrange(len(content) + 1)
    return content[:start] + luck.choice(PIECES) + content[start + luck.choice([0, 0, 1, 4, 10]) :]


WAYS: list[Callable[[bytes, Random], bytes]] = [flipped, flipped, cut, left_out, doubled, put_in, put_in, put_in]


class Memory:
    """How much this process holds. After a fifth of the cases everything that is kept once has been made."""

    def __init__(self, number: int, most: int = 40 << 20) -> None:
        self.begin, self.most, self.seen, self.start = number // 5, most, 0, 0

    def case(self) -> None:
        self.seen += 1
        if self.seen == self.begin:
            self.start = resident()

    def check(self) -> None:
        grown = resident() - self.start
        assert grown < self.most, f"{grown >> 20} MB more after {self.seen} cases"


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
