"""Hosts and networks inside that an installation lets its shops call: these, and nothing beside them."""

import socket
from ipaddress import ip_address

import pytest

from agents.errors import Refused
from agents.models import Shop
from core.http.allowlist import parse_allowlist
from outgoing.guard import BadAddress, permitted_addresses, read_url
from outgoing.http import post
from outgoing.services import create_outlet
from tests.outgoing.receiver import Receiver
from tests.outgoing.test_guard import resolve_to


@pytest.fixture
def inside(settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    settings.WEBHOOK_ALLOW = parse_allowlist(["hooks.intern", " 10.1.0.0/16", "192.168.7.7", "fd00:1::/32", "钩子.内"])


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("http://hooks.intern:8080/a", "172.16.3.4"),
        ("http://HOOKS.Intern./a", "192.168.1.1"),
        ("http://hooks.intern/a", "fd12::1"),
        ("http://钩子.内/a", "10.200.0.1"),
        ("http://any.example/", "10.1.2.3"),
        ("http://any.example/", "::ffff:10.1.2.3"),
        ("http://192.168.7.7/", "192.168.7.7"),
        ("http://[fd00:1::5]/", "fd00:1::5"),
        ("http://any.example/", "1.1.1.1"),
    ],
)
def test_what_is_listed_may_be_called(monkeypatch, url: str, leads_to: str) -> None:
    resolve_to(monkeypatch, leads_to)
    assert permitted_addresses(read_url(url)) == [ip_address(leads_to)]


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("http://hooks.intern/", ("127.0.0.1",)),
        ("http://hooks.intern/", ("169.254.169.254",)),
        ("http://hooks.intern/", ("::ffff:169.254.169.254",)),
        ("http://hooks.intern/", ("::1",)),
        ("http://hooks.intern/", ("10.9.9.9", "127.0.0.1")),
        ("http://other.intern/", ("10.2.0.1",)),
        ("http://x.hooks.intern/", ("10.2.0.1",)),
        ("http://hooks.intern.evil.example/", ("10.2.0.1",)),
        ("http://any.example/", ("10.1.2.3", "10.2.0.1")),
        ("http://192.168.7.8/", ("192.168.7.8",)),
    ],
)
def test_what_is_not_listed_is_refused_as_before(monkeypatch, url: str, leads_to: tuple[str, ...]) -> None:
    resolve_to(monkeypatch, *leads_to)
    with pytest.raises(BadAddress) as refused:
        permitted_addresses(read_url(url))
    assert refused.value.code == "private"
    assert post(url, b"{}", {}).error == "private"


def test_a_name_that_is_pointed_elsewhere_meanwhile_leads_nowhere(receiver: Receiver, settings, monkeypatch) -> None:
    """Saved while it led into the list, called when it leads beside it; and never looked up between check and call."""
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    settings.WEBHOOK_ALLOW = parse_allowlist(["127.0.0.1"])
    answers = iter(["127.0.0.1", "127.0.0.2", "127.0.0.2"])
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_rest: object, **_more: object):
        asked.append(next(answers))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (asked[-1], port))]

    monkeypatch.setattr("outgoing.guard.getaddrinfo", getaddrinfo)
    url = receiver.url.replace("127.0.0.1", "hooks.example")
    assert post(url, b"{}", {}).accepted
    assert asked == ["127.0.0.1"]
    assert post(url, b"{}", {}).error == "private"
    assert len(receiver.got) == 1


@pytest.mark.django_db
def test_the_list_holds_when_a_webhook_is_saved(shop: Shop, receiver: Receiver, settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    settings.WEBHOOK_ALLOW = parse_allowlist(["127.0.0.0/8"])
    assert create_outlet(shop=shop, kind="webhook", name="内网", address=receiver.url, events=["message"]).on
    with pytest.raises(Refused):
        create_outlet(shop=shop, kind="webhook", name="别处", address="http://10.0.0.1/", events=["message"])


@pytest.mark.parametrize(
    "entry",
    [
        "http://hooks.intern/",
        "hooks.intern:8080",
        "*.intern",
        "10.1.0.0/33",
        "10.1.2.3/16",
        "10.1",
        "a b",
        "hooks..intern",
        "localhost",
        "a.localhost",
        "-x.intern",
    ],
)
def test_an_entry_that_is_neither_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"^allowlist: ") as bad:
        parse_allowlist(["hooks.intern", entry])
    assert f'"{entry}"' in str(bad.value)
