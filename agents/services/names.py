"""Limits on asking for account names: they are the installation's, and a shop needs few of another's."""

from django.utils.translation import gettext as _

from agents.errors import TooMany
from agents.models import Shop
from core.limits import Limit

NAMES = Limit("SIGN_IN_LIMITS", "names")
NAMES_TAKEN = Limit("SIGN_IN_LIMITS", "names_taken")
INVITATIONS = Limit("SIGN_IN_LIMITS", "invitations")


def count_name(shop: Shop) -> None:
    """The shop asks for a name. Raises TooMany at `account`."""
    _count(NAMES, shop, 1)


def count_taken_names(shop: Shop, names: int) -> None:
    """The shop is told that `names` names are another's. Raises TooMany at `account`."""
    if names:
        _count(NAMES_TAKEN, shop, names)


def count_invitation(shop: Shop) -> None:
    """The shop invites an account. Raises TooMany at `account`."""
    _count(INVITATIONS, shop, 1)


def _count(limit: Limit, shop: Shop, cost: int) -> None:
    wait = limit.spend(str(shop.pk), cost)
    if wait:
        words = _("Too many account names have been tried. Try again in %(minutes)s minutes.")
        raise TooMany(words % {"minutes": -(-wait // 60)}, wait, field="account")
