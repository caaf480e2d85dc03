"""Who a buyer is: a signed token, kept by the script on the page and never in a cookie."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.utils import timezone

from agents.models import Shop
from conversations.services.erasing import erased_at

SALT = "fenliu.chat.buyer"
LASTS = timedelta(days=180)
RENEWED_AFTER = timedelta(days=7)
"""A token that is older than this is answered with a new one, so that who comes back keeps their history."""

VISITOR = "访客-"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mixed up when it is read out."""
DRAWN = 12
"""Characters of a visitor's name: 59 bits, so that two are never the same."""


class BadToken(Exception):
    """Forged, expired, or of another shop."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A buyer of one shop. `old`: the token is worth a new one."""

    buyer: str
    old: bool = False


def new_visitor() -> str:
    """A name for a buyer of whom nothing is known; nobody else's."""
    return VISITOR + "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))


def make_token(shop: Shop, buyer: str) -> str:
    """The token of this buyer in this shop, issued now. It proves who they are and opens nothing else."""
    return signing.dumps([shop.pk, buyer], salt=SALT)


def read_token(shop: Shop, token: str) -> Identity:
    """Whose token it is. Raises BadToken, the same whatever is wrong with it."""
    try:
        pk, buyer = signing.loads(token, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadToken from None
    if pk != shop.pk or not isinstance(buyer, str) or _erased_since(shop, buyer, token):
        raise BadToken
    return Identity(buyer, old=_older(token, RENEWED_AFTER))


def _erased_since(shop: Shop, buyer: str, token: str) -> bool:
    """Whether the buyer's data has been deleted since it was issued: then it is nobody's any more."""
    at = erased_at(shop, [buyer]).get(buyer)
    return at is not None and _older(token, timezone.now() - at)


def _older(token: str, than: timedelta) -> bool:
    try:
        signing.loads(token, salt=SALT, max_age=than)
    except signing.SignatureExpired:
        return True
    return False
