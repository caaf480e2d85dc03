"""Presence ends in the request that ends the session which held it: agents' pages know nothing of presence."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from agents.models import Account
from routing import services
from routing.services import Ended

ENDING = frozenset(
    {"session_end", "sessions_end", "password", "password_by_mail", "totp_add", "passkey_add"}
    | {"sub_account_password", "sub_account_second_factor"}
)
"""Pages that end sessions but the one that they are asked from."""
ACCOUNT_IN_ADMIN = "admin:agents_account_change"


class PresenceEnds:
    """End presence in the request that has ended sessions or closed an account.

    Sessions that end otherwise (a command, an expired one) are found by the sweep of leases.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if request.method != "POST" or match is None:
            return response
        if match.view_name in ENDING:
            services.end_lost_presence()
        elif match.view_name == ACCOUNT_IN_ADMIN:
            closed = Account.objects.filter(pk=match.kwargs["object_id"], is_active=False).first()
            if closed is not None:
                services.end_account_presence(account=closed, reason=Ended.ACCOUNT_CLOSED)
        return response
