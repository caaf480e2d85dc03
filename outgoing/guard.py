"""Where a shop may make the server call: never into the network that the server itself stands in.

What counts is the address that is connected to, not the name: every address of a name is looked at, whatever way it
is written, and the connection is made to one that has been looked at, so that a name cannot be changed in between.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM, getaddrinfo
from urllib.parse import quote, urlsplit

from django.conf import settings

from core.http.allowlist import Allowlist

LONGEST = 1000
PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")
RESERVED = IPv4Network("192.0.0.0/24")
"""For protocols; Python's own list has but a part of it."""
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")

Address = IPv4Address | IPv6Address


class BadAddress(ValueError):
    """Its argument is a code of `outgoing.labels.ERRORS`."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: `path` with its query, `host` as it goes into the header and the certificate's check."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """What stands in the header Host."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def read_url(url: str) -> Target:
    """Raises BadAddress: long, scheme, credentials, host, port."""
    if len(url) > LONGEST:
        raise BadAddress("long")
    if any("\ud800" <= character <= "\udfff" for character in url):  # half a character is no text
        raise BadAddress("host")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadAddress("host") from None
    if parts.scheme not in PORTS:
        raise BadAddress("scheme")
    if "@" in parts.netloc:
        raise BadAddress("credentials")
    try:
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        raise BadAddress("port") from None
    if not port:
        raise BadAddress("port")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?[]')}" if parts.query else ""
    )
    return Target(parts.scheme, _host(parts.hostname or ""), port, path)


def _host(name: str) -> str:
    try:
        ascii_name = name if ":" in name else name.encode("idna").decode()
    except UnicodeError:
        raise BadAddress("host") from None
    if not ascii_name or any(character.isspace() or ord(character) < 33 for character in ascii_name):
        raise BadAddress("host")
    return ascii_name


def permitted_addresses(target: Target) -> list[Address]:
    """The addresses to connect to by the installation's settings. Raises BadAddress, as `addresses_of`."""
    return addresses_of(target, private=settings.ALLOW_PRIVATE_WEBHOOKS, allowed=settings.WEBHOOK_ALLOW)


def addresses_of(target: Target, *, private: bool, allowed: Allowlist | None = None) -> list[Address]:
    """The addresses to connect to, all looked at. `private`: whether those of a private network are allowed, all of
    them; `allowed`: which are besides.

    Raises BadAddress: unknown_host, private (also if only one of several is).
    """
    listed = allowed or Allowlist()
    try:
        found = getaddrinfo(target.host, target.port, type=SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress("unknown_host") from None
    addresses = list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))
    if not private and not all(is_public(one) or listed.permits(target.host, _plain(one)) for one in addresses):
        raise BadAddress("private")
    return addresses


def _plain(address: Address) -> Address:
    """The address that packets go to: of an IPv4 one written as IPv6, the IPv4 one."""
    return (_inner(address) or address) if isinstance(address, IPv6Address) else address


def is_public(address: Address) -> bool:
    """Whether it lies on the internet, in whatever disguise."""
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo or address in NAT64_LOCAL or address.is_site_local:
            return False
    elif address in RESERVED:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that such a one stands for: mapped, 6to4, NAT64."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour
