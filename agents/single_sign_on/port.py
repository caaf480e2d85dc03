"""The interface of a provider of identities: the address to sign in at, and the identity that comes back."""

from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise


class SignOnFailed(Exception):
    """The provider did not say who it is: it is away, refused, or answered what cannot be trusted."""


@dataclass(frozen=True)
class Request:
    """One sign-in under way. `state` ties the answer to the browser, `nonce` the token to the sign-in, `verifier` the
    code to whoever asked for it (PKCE)."""

    state: str
    nonce: str
    verifier: str
    return_url: str


@dataclass(frozen=True)
class Identity:
    """`subject`: what the provider never gives to anybody else; `name`: for people."""

    subject: str
    name: str = ""


class Provider(Protocol):
    """Raises SignOnFailed from both of its calls."""

    @property
    def kind(self) -> str: ...

    @property
    def label(self) -> str | Promise: ...

    def authorization_url(self, request: Request) -> str: ...

    def identify(self, code: str, request: Request) -> Identity: ...
