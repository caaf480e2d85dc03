"""Ids that clients choose, kept apart by namespace.

Programs with a key and imported files share the shop's bare ids: they are the platform's. Whatever a person or a buyer
names carries their own key in front, so nobody can take an id before the platform's program comes with it.
"""

import re
from hashlib import sha256

from django.utils.translation import gettext as _

from conversations.errors import MessageRefused

MAX_ID_LENGTH = 100
RESERVED = re.compile(r"(?:person|chat|erased):\d+:")


def person_namespace(sub_account_pk: int) -> str:
    """Return the namespace of the ids that the holder of this sub-account chooses."""
    return f"person:{sub_account_pk}:"


def buyer_namespace(buyer_pk: int) -> str:
    """Return the namespace of the ids that this buyer's browser chooses."""
    return f"chat:{buyer_pk}:"


def qualify_id(given: str, namespace: str = "") -> str:
    """Return the stored form of a client's id, a digest in place of an overlong one."""
    name = namespace + given
    if len(name) <= MAX_ID_LENGTH:
        return name
    return f"{namespace}sha256:{sha256(given.encode()).hexdigest()}"


def is_reserved(given: str) -> bool:
    """Return whether a program's id looks like one of somebody else's namespace."""
    return RESERVED.match(given) is not None


def refuse_reserved(given: str | None, *, field: str) -> None:
    """Raise MessageRefused `id_reserved` for a program's id in somebody else's namespace."""
    if given and is_reserved(given):
        words = _("Ids that begin with “%(start)s” are reserved.") % {"start": given.split(":")[0] + ":"}
        raise MessageRefused("id_reserved", words, field=field)
