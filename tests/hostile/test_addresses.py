"""Addresses that a shop may have the server call, in every notation: none leads into a private network."""

import ipaddress
import socket
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from outgoing.guard import BadAddress, addresses_of, read_url
from outgoing.labels import ERRORS
from tests.hostile.amount import SEED, part
from tests.hostile.mutate import Memory, mutant

FULL = 10_000
CLOSED = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "2001:db8::/32",
    "100::/64",
    "64:ff9b:1::/48",
]
NETS = [ipaddress.ip_network(net) for net in CLOSED]
NAMES = [
    "hooks.example",
    "例子.公司",
    "faß.de",
    "xn--fiqs8s",
    "a" * 63 + ".example",
    "localhost.",
    "ⓛocalhost",
    "①②⑦.⓪.⓪.①",
]
PLACES = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "169.254.169.254",
    "172.31.0.9",
    "1.1.1.1",
    "223.5.5.5",
    "100.64.0.1",
    "0.0.0.0",
]


SCHEMES = ["http://"] * 6 + ["https://"] * 4 + ["HTTP://", "ftp://", "file://", "//", "http:/", "gopher://"]
BEFORE = ["", "", "", "", "a:b@", "@", "good.example@", "good.example%2f@", "\\@", " "]
PORTS = ["", "", "", ":80", ":443", ":22", ":0", ":-1", ":65536", ":８０", ":", ":80:80"]
TAILS = ["", "/", "/hook?x=1", "#@1.1.1.1", "?@1.1.1.1/", "/\r\nX: y", "\\@1.1.1.1", "/%00", "/..;/", "/路径"]


def closed(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """By a list of our own, not by the guard's: the address itself, and every IPv4 address that it may carry."""
    inside: list[Any] = [address]
    if address.version == 6:
        whole = int(address)
        carries = [("::/96", 0), ("::ffff:0:0/96", 0), ("64:ff9b::/96", 0), ("2002::/16", 80)]
        inside += [
            ipaddress.IPv4Address((whole >> shift) & 0xFFFFFFFF)
            for net, shift in carries
            if address in ipaddress.ip_network(net)
        ]
    return any(one in net for one in inside for net in NETS if one.version == net.version)


def hosts(luck: Random) -> str:
    """One address in one of the notations that programs take."""
    place = ipaddress.IPv4Address(luck.choice(PLACES) if luck.random() < 0.7 else luck.getrandbits(32))
    whole, parts = int(place), str(place).split(".")
    six = ipaddress.IPv6Address(luck.choice([0, 0xFFFF << 32, 0x64FF9B << 96]) | whole)
    ways = [
        str(place),
        str(whole),
        hex(whole),
        oct(whole).replace("0o", "0"),
        ".".join(hex(int(p)) for p in parts),
        ".".join("0" + oct(int(p))[2:] for p in parts),
        f"{parts[0]}.{whole & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{whole & 0xFFFF}",
        ".".join(p.zfill(6) for p in parts),
        str(place) + ".",
        f"[{six}]",
        f"[{six.exploded}]",
        f"[::ffff:{place}]",
        f"[::{place}]",
        f"[2002:{whole >> 16:x}:{whole & 0xFFFF:x}::1]",
        f"[64:ff9b::{place}]",
        f"[fe80::1%25{luck.choice(['eth0', '1', 'lo'])}]",
        "".join(chr(0xFF10 + int(c)) if c.isdigit() else "。" for c in str(place)),
        luck.choice(NAMES),
        f"[{ipaddress.IPv6Address(luck.getrandbits(128))}]",
        f"[fd00::{luck.getrandbits(16):x}]",
        f"[::{luck.getrandbits(20):x}]",
    ]
    return luck.choice(ways)


def urls() -> Iterator[str]:
    luck = Random(f"{SEED} addresses")
    for _ in range(part(FULL)):
        before = luck.choice(["", "", "", "", "a:b@", "@", "good.example@", "good.example%2f@", "\\@", " "])
        scheme = luck.choice(
            ["http://"] * 6 + ["https://"] * 4 + ["HTTP://", "ftp://", "file://", "//", "http:/", "gopher://"]
        )
        port = luck.choice(["", "", "", ":80", ":443", ":22", ":0", ":-1", ":65536", ":８０", ":", ":80:80"])
        tail = luck.choice(
            ["", "/", "/hook?x=1", "#@1.1.1.1", "?@1.1.1.1/", "/\r\nX: y", "\\@1.1.1.1", "/%00", "/..;/", "/路径"]
        )
        url = f"{scheme}{before}{hosts(luck)}{port}{tail}"
        yield mutant(url.encode(), luck).decode("utf-8", "surrogateescape") if luck.random() < 0.25 else url


@pytest.fixture
def _no_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system reads addresses in whatever notation; names, which only the world outside knows, are private."""
    real = socket.getaddrinfo

    def known(host: str, port: int, *_given: object, **_named: object) -> Any:
        try:
            return real(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except OSError:
            return real("10.0.0.7", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr("outgoing.guard.getaddrinfo", known)


@pytest.mark.slow
@pytest.mark.usefixtures("_no_questions")
def test_no_way_to_write_an_address_leads_into_a_private_network() -> None:
    memory, let, why = Memory(part(FULL)), 0, set()
    for url in urls():
        try:
            target = read_url(url)
            addresses = addresses_of(target, private=False)
        except BadAddress as bad:
            why.add(bad.code)
            assert bad.code in ERRORS
        else:
            let += 1
            assert addresses and not [one for one in addresses if closed(one)], url
            assert not {c for c in target.header + target.path if ord(c) <= 32 or ord(c) > 126}, url
            assert 0 < target.port < 65536
        memory.case()
    memory.check()
    assert let > part(FULL) // 100
    assert {"scheme", "credentials", "port", "private"} <= why
