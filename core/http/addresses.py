"""Addresses of callers: which one is believed, and which network counts as one caller.

`X-Forwarded-For` is read from trusted proxies alone (FENLIU_TRUSTED_PROXIES); anybody else could write what they like
into it. Limits count an IPv6 address by its /64: one customer of a provider has 2^64 of them.
"""

from collections.abc import Iterable, MutableMapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
IPV6_PREFIX = 64
MAX_HOPS = 20


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks and single addresses of a setting. Raises ValueError for what is neither."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip())


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, an IPv4 one written as IPv6 (`::ffff:…`) as itself; None for anything else."""
    try:
        address = ip_address(text.strip().split("%", 1)[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


def network_of(text: str) -> str:
    """Return the network that limits count by: the IPv4 address, or the /64 of an IPv6 one; other texts unchanged."""
    address = parse_address(text)
    if address is None:
        return text[:45]
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, IPV6_PREFIX), strict=False))


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The caller's address: the peer's own, or what trusted proxies say, read from the nearest one on.

    An entry that is no address ends the search: the last trusted hop is then all that is known.
    """
    known = peer
    for hop in [peer, *reversed(forwarded.split(",")[-MAX_HOPS:])]:
        address = parse_address(hop)
        if address is None:
            return known
        known = str(address)
        if not any(address in network for network in trusted):
            return known
    return known


def believe_proxies(scope: MutableMapping[str, Any], trusted: Sequence[Network]) -> None:
    """Put the caller's address into an ASGI scope, in place of a trusted proxy's."""
    client = scope.get("client")
    if not trusted or not client:
        return
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    if forwarded:
        scope["client"] = (client_address(client[0], ",".join(forwarded), trusted), 0)
