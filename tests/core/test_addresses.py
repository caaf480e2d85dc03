"""The address of a caller behind proxies, and the network that limits count by."""

import pytest

from core.http.addresses import believe_proxies, client_address, network_of, parse_networks

PROXIES = parse_networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_address_counts_by_its_64(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("peer", "forwarded", "believed"),
    [
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # not from a proxy: what it says is nothing
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the first part the caller wrote itself
        ("127.0.0.1", "1.2.3.4, 203.0.113.9, 10.1.1.1", "203.0.113.9"),  # two proxies
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", ",".join(["10.0.0.1"] * 5000), "10.0.0.1"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_alone(peer: str, forwarded: str, believed: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == believed


def test_without_trusted_proxies_a_header_changes_nothing() -> None:
    scope = {"client": ("127.0.0.1", 5000), "headers": [(b"x-forwarded-for", b"203.0.113.9")]}
    believe_proxies(scope, ())
    assert scope["client"] == ("127.0.0.1", 5000)
    believe_proxies(scope, PROXIES)
    assert scope["client"] == ("203.0.113.9", 0)


def test_a_setting_that_is_no_network_is_an_error() -> None:
    assert parse_networks(["10.0.0.1/8", " ", "::1"])[0].prefixlen == 8
    with pytest.raises(ValueError, match="localhost"):
        parse_networks(["localhost"])
