"""Hosts and networks of a setting, to which the server may connect although they lie inside its own network."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network

from core.http.addresses import Network

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
PRIVATE_USE = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""The networks that a listed host may lie in (RFC 1918, 6598, 4193)."""


@dataclass(frozen=True, slots=True)
class Allowlist:
    """`hosts`: names as a URL has them, in ASCII; `networks`: whatever name leads there."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def permits(self, host: str, address: IPv4Address | IPv6Address) -> bool:
        """Tell if the list lets `host` lead to `address`.

        A host is let into networks for private use alone. This machine itself (127.0.0.1) and the link
        (169.254.169.254, where clouds hand out credentials) must be listed as networks: a listed name that is made to
        point there gains nothing.
        """
        if any(address in network for network in self.networks):
            return True
        return _plain(host) in self.hosts and any(address in network for network in PRIVATE_USE)


def parse_allowlist(texts: Iterable[str], setting: str = "allowlist") -> Allowlist:
    """Read hosts, networks (`10.1.0.0/16`) and single addresses. Raises ValueError, which names setting and entry."""
    hosts: set[str] = set()
    networks: list[Network] = []
    for text in filter(None, (text.strip() for text in texts)):
        try:
            if "/" in text or ":" in text or text.replace(".", "").isdigit():
                networks.append(_network(text))
            else:
                hosts.add(_host(text))
        except ValueError as error:
            raise ValueError(f"{setting}: {error}") from error
    return Allowlist(frozenset(hosts), tuple(networks))


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is no network; write 10.1.0.0/16, or a host without scheme and port') from error


def _host(text: str) -> str:
    try:
        name = _plain(text.encode("idna").decode())
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit() or len(name) > 253:
        raise ValueError(f'"{text}" is neither a host (hooks.intern) nor a network (10.1.0.0/16)')
    if labels[-1] == "localhost":
        raise ValueError(f'"{text}": list 127.0.0.1 or ::1 for the machine itself')
    return name


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")
