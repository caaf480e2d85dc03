"""Codes of a second factor, within the limits on failures; for the pages and the API alike."""

from django.http import HttpRequest

from agents.devices import device_secret
from agents.models import Account, SignInFailure
from agents.services.second_factors import verify_code
from agents.services.sign_in_limits import clear_failures, make_attempt, record_failure, refuse_locked
from core.http.addresses import network_of


def code_is_right(request: HttpRequest, account: Account, code: str) -> bool:
    """Check a code within the limits on failures. Raises TooMany."""
    network = network_of(str(request.META.get("REMOTE_ADDR", "")))
    kind = SignInFailure.Kind.CODE
    attempt = make_attempt(name=account.account, network=network, device_secret=device_secret(request), kind=kind)
    refuse_locked(attempt)
    if not verify_code(account=account, code=code):
        record_failure(attempt)
        return False
    clear_failures(attempt)
    return True
