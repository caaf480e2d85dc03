"""Who is acting, and from where: what the audit log asks without every service having to carry it along."""

from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from agents.models import Account, ShopKey
from agents.present import present

LONGEST_ADDRESS = 45


class Acting(NamedTuple):
    """`name` is an account's, or a key's; empty for the product itself (a job, a command)."""

    account: Account | None
    name: str
    address: str


class KnowsWhoActs:
    """Keeps the request while it is answered. Who signed in is asked only when something is recorded: the API finds
    that out later than any middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = present.set(request)
        try:
            return self.get_response(request)
        finally:
            present.reset(token)


def acting() -> Acting:
    """Who acts in this request; nobody outside of one."""
    request = present.get()
    if request is None:
        return Acting(None, "", "")
    address = str(request.META.get("REMOTE_ADDR", ""))[:LONGEST_ADDRESS]
    key = getattr(request, "auth", None)
    if isinstance(key, ShopKey):
        return Acting(None, str(key), address)
    account = getattr(request, "user", None)
    if not isinstance(account, Account):
        return Acting(None, "", address)
    return Acting(account, account.account, address)
