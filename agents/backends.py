"""Sign-in by account and password, within the limits on failures; for the pages, the admin and the API alike."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from agents.devices import device_secret
from agents.models import Account
from agents.services.sign_in_limits import clear_failures, make_attempt, record_failure, refuse_locked
from core.hashing import hashing_line
from core.http.addresses import network_of


class GuardedBackend(ModelBackend):
    """Raises TooMany where a limit is reached, also at the failure that reaches it, and HashingBusy."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Account | None:
        name = username if username is not None else kwargs.get(Account.USERNAME_FIELD)
        if request is None or name is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        network = network_of(str(request.META.get("REMOTE_ADDR", "")))
        attempt = make_attempt(name=name, network=network, device_secret=device_secret(request))
        refuse_locked(attempt, password)
        # Once more within the turn: of many guesses at once no more are tried than hash at once.
        with hashing_line().turn():
            refuse_locked(attempt, password)
            account = super().authenticate(request, username=name, password=password)
            if account is None:
                record_failure(attempt, password)
        if account is not None:
            clear_failures(attempt)
        return account
