"""Priority and parties of a request: the input of core.http.admission."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.http.admission import Priority

SHOP = re.compile(r"/(?:s|chat|api/v1/shops)/([-a-zA-Z0-9_]+)/")
URGENT_PATHS = re.compile(
    r"/chat/[^/]+/"
    r"|/api/v1/(?:shops/[^/]+/(?:conversations/|sub-accounts/[^/]+/presence/)|me/presence/|auth/token/)"
    r"|/s/[^/]+/(?:conversations/|presence/)"
    r"|/sign-in/|/sign-out/|/presence/"
)
"""Paths whose POST, PUT, PATCH and DELETE a buyer or an agent waits for."""
NORMAL_PATHS = re.compile(r"/api/|/chat/|/static/|/s/[^/]+/conversations/")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def priority_of(scope: Mapping[str, Any]) -> Priority:
    """The priority of a request by its method and path."""
    path = scope["path"]
    if scope["method"] in WRITES and URGENT_PATHS.match(path):
        return Priority.URGENT
    return Priority.NORMAL if NORMAL_PATHS.match(path) else Priority.PAGE


def parties_of(scope: Mapping[str, Any]) -> Iterator[str]:
    """The shop that a request is about and the key that it is sent with, where it has them."""
    shop = SHOP.match(scope["path"])
    if shop is not None:
        yield f"shop:{shop[1]}"
    for name, value in scope["headers"]:
        if name == b"authorization":
            yield f"key:{hashlib.blake2b(value, digest_size=8).hexdigest()}"
