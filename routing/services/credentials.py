"""Changes of a login's credentials, with what follows from them in the lanes of other shops."""

import logging

from django.db import DatabaseError

from agents.models import SubAccount
from agents.permissions import Actor
from agents.services import reset_password as reset_row
from agents.services.second_factors import reset_second_factors as reset_factors
from routing.services.ending import Ended, end_account_presence
from routing.services.leases import lapse_leases

logger = logging.getLogger(__name__)


def reset_password(*, actor: Actor, sub_account: SubAccount, password: str) -> None:
    """Reset somebody's password; their places in other shops are suspended. Refusals as `agents.services`."""
    suspended = reset_row(actor=actor, sub_account=sub_account, password=password)
    _end_presence(sub_account)
    end_suspended_presence(suspended)


def reset_second_factors(*, actor: Actor, sub_account: SubAccount) -> None:
    """Remove somebody's second factors; their places in other shops are suspended. Refusals as `agents.services`."""
    if sub_account.account is not None:
        removed = reset_factors(account=sub_account.account, actor=actor, sub_account=sub_account)
        _end_presence(sub_account)
        end_suspended_presence(removed)


def _end_presence(sub_account: SubAccount) -> None:
    """All sessions and tokens have ended: nobody is there any more."""
    if sub_account.account is not None:
        end_account_presence(account=sub_account.account, reason=Ended.CREDENTIALS_RESET)


def end_suspended_presence(places: list[SubAccount]) -> None:
    """Set suspended places offline, so that whoever waits for them goes on to others at once.

    Another shop's lane that is held makes nobody here wait for a refusal: the sweep of leases does the same.
    """
    for place in places:
        try:
            lapse_leases(shop=place.shop)
        except DatabaseError as error:
            logger.warning("A suspended place is set offline by the sweep: %s", error)
