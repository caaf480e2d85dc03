"""Nobody makes the server call into its own network, however the address is written."""

import socket
from ipaddress import ip_address

import pytest

from agents.errors import Refused
from agents.models import Shop
from outgoing.guard import BadAddress, addresses_of, is_public, read_url
from outgoing.http import post
from outgoing.models import Outlet
from outgoing.services import create_outlet
from tests.outgoing.builders import make_webhook
from tests.outgoing.receiver import Receiver

PRIVATE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://localhost/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1:8080/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.0.2.1/",
    "http://192.0.0.168/",
    "http://198.18.0.1/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_in_any_disguise_is_refused(url: str) -> None:
    with pytest.raises(BadAddress) as refused:
        addresses_of(read_url(url), private=False)
    assert refused.value.code == "private"
    assert post(url, b"{}", {}).error == "private"


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_what_lies_on_the_internet_is_allowed(address: str) -> None:
    assert is_public(ip_address(address))


def resolve_to(monkeypatch, *addresses: str) -> list[str]:
    """Every name means these; the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_rest: object, **_more: object):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("outgoing.guard.getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("1.1.1.1", "10.0.0.1"), ("::ffff:192.168.0.1",)])
def test_a_name_is_refused_if_one_of_its_addresses_is_private(monkeypatch, addresses: tuple[str, ...]) -> None:
    resolve_to(monkeypatch, *addresses)
    assert post("https://evil.example/", b"{}", {}).error == "private"


def test_a_name_is_looked_up_once_and_that_very_address_is_called(receiver: Receiver, monkeypatch) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    asked = resolve_to(monkeypatch, "127.0.0.1")
    calls: list[tuple[str, int]] = []
    connect = socket.create_connection
    monkeypatch.setattr(
        "urllib3.util.connection.create_connection",
        lambda address, *rest, **more: calls.append(address) or connect(address, *rest[:1]),
    )
    assert post(f"http://shop.example:{port}/hook", b"{}", {}).accepted
    assert asked == ["shop.example"]
    assert calls == [("127.0.0.1", int(port))]
    assert receiver.got[0].headers["Host"] == f"shop.example:{port}"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("example.com/hook", "scheme"),
        ("http://", "host"),
        ("http:///path", "host"),
        ("http://a b/", "host"),
        ("http://ex\tample..com/", "host"),
        ("http://name:word@example.com/", "credentials"),
        ("http://name@example.com/", "credentials"),
        ("http://example.com:99999/", "port"),
        ("http://example.com:0/", "port"),
        ("http://example.com:x/", "port"),
        ("http://[::1/", "host"),
        (f"http://example.com/{'a' * 1000}", "long"),
    ],
)
def test_what_is_no_address_to_post_to(url: str, code: str) -> None:
    with pytest.raises(BadAddress) as refused:
        read_url(url)
    assert refused.value.code == code


def test_a_chinese_name_and_path_are_written_as_the_net_takes_them() -> None:
    target = read_url("https://例子.中国:8443/路/a?b=值&c=1#x")
    assert target.host == "xn--fsqu00a.xn--fiqs8s"
    assert target.path == "/%E8%B7%AF/a?b=%E5%80%BC&c=1"
    assert target.header == "xn--fsqu00a.xn--fiqs8s:8443"


def test_a_line_break_in_the_address_makes_no_header(receiver: Receiver) -> None:
    post(f"{receiver.url}?a=1%0d%0aX: 1\r\nEvil: 1", b"{}", {})
    assert all("Evil" not in one.headers for one in receiver.got)


@pytest.mark.django_db
def test_it_is_said_at_the_field_when_it_is_saved(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        make_webhook(shop, "http://169.254.169.254/")
    assert (refused.value.field, refused.value.code) == ("address", "bad_address")
    assert "内网" in str(refused.value.message)
    assert not Outlet.objects.exists()


@pytest.mark.django_db
def test_an_installation_may_allow_private_addresses(shop: Shop, receiver: Receiver) -> None:
    assert create_outlet(shop=shop, kind="webhook", name="内网", address=receiver.url, events=["message"]).on


def test_a_certificate_that_nobody_vouches_for_is_refused(receiver: Receiver, tls_url: str) -> None:
    answer = post(tls_url, b"{}", {})
    assert (answer.error, answer.status) == ("tls", None)
    assert receiver.got == []


def test_a_certificate_is_checked_against_the_name_and_not_the_address(
    receiver: Receiver, tls_url: str, trusted: None, monkeypatch
) -> None:
    port = tls_url.split(":")[2].split("/", maxsplit=1)[0]
    resolve_to(monkeypatch, "127.0.0.1")
    assert post(f"https://shop.example:{port}/hook", b"{}", {}).accepted
    assert post(f"https://other.example:{port}/hook", b"{}", {}).error == "tls"
