"""Small questions about people that routing's screens and API share."""

from agents.models import SubAccount
from agents.permissions import Actor, Permission, may


def keeps_a_status(row: SubAccount) -> bool:
    """Whether the sub-account has a status of its own to set (DESIGN 8)."""
    return may(Actor(row.shop, account=row.account, sub_account=row), Permission.STATUS_OWN)
