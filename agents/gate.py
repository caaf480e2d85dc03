"""The step that the holder of an account has to finish before anything else."""

from django.conf import settings

from agents.models import Account


def next_step(account: Account) -> str:
    """The name of the page that the account's holder has to finish first; empty for none."""
    if account.must_change_password:
        return "password"
    if account.is_operator and settings.OPERATOR_SECOND_FACTOR and not account.has_second_factor:
        return "account_security"
    return ""
