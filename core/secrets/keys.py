"""Keys of the installation's secrets, and what they encrypt: Fernet (AES-128-CBC with HMAC-SHA256), newest key first.

A stored secret is `fsec1:` and the Fernet token; the number is the version of this format.
"""

from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PREFIX = "fsec1:"


class BadSecretsKey(ValueError):
    """FENLIU_SECRETS_KEY, or the file beside the secret key, holds something that is no Fernet key."""


class Unreadable(Exception):
    """None of the keys has encrypted this."""


def read_keys(given: Sequence[str]) -> tuple[Fernet, ...]:
    """The keys as ciphers, in their order. Raises BadSecretsKey, which never quotes a key."""
    ciphers = []
    for number, key in enumerate(given, 1):
        try:
            ciphers.append(Fernet(key))
        except ValueError:
            raise BadSecretsKey(
                f"FENLIU_SECRETS_KEY, key {number}: no Fernet key (32 bytes as URL-safe base64)"
            ) from None
    if not ciphers:
        raise BadSecretsKey("FENLIU_SECRETS_KEY: no key is set")
    return tuple(ciphers)


@lru_cache(maxsize=8)
def _ciphers(given: tuple[str, ...]) -> tuple[Fernet, ...]:
    return read_keys(given)


def _keys() -> tuple[Fernet, ...]:
    return _ciphers(tuple(settings.SECRETS_KEYS))


def encrypt(text: str) -> str:
    """The text as it is stored, by the newest key. The empty text stays empty."""
    return f"{PREFIX}{_keys()[0].encrypt(text.encode()).decode()}" if text else ""


def decrypt(stored: str) -> str:
    """The text of a stored secret; one from before there was encryption is its own text. Raises Unreadable."""
    if not stored.startswith(PREFIX):
        return stored
    try:
        return MultiFernet(_keys()).decrypt(stored.removeprefix(PREFIX)).decode()
    except (InvalidToken, BadSecretsKey):
        raise Unreadable from None


def is_newest(stored: str) -> bool:
    """Tell if the newest key has encrypted it; an empty text needs no key."""
    if not stored:
        return True
    try:
        _keys()[0].decrypt(stored.removeprefix(PREFIX))
    except InvalidToken:
        return False
    return stored.startswith(PREFIX)
