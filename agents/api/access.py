"""The door of every API view: who calls, in which shop, and may they (CONTRACT 5: 401, 404, 403)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.errors import Forbidden
from agents.models import Account, Shop
from agents.permissions import Actor, Permission, may_any
from agents.proofs import is_proved
from agents.selectors import KeyPrincipal, actor_in


class IsPerson(BasePermission):
    """Signed in, and not with a program's key. Answers 401 to nobody, 403 to a key."""

    message = _("A key may not do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, Account)


class ShopView(APIView):
    """A view under `shops/<slug:shop>/`. `permissions` names per method what the caller needs one of.

    A method without a row is refused to everybody: forgetting one locks, it does not open.
    `self.actor` and `self.shop` are set before the handler runs.
    """

    permissions: ClassVar[Mapping[str, tuple[Permission, ...]]] = {}
    proofs: ClassVar[frozenset[str]] = frozenset()
    """Methods that ask a session for a recent proof of the password; a token is one."""
    actor: Actor
    shop: Shop

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        actor = actor_in(request.user, kwargs["shop"])
        if actor is None:
            raise Http404
        self.actor, self.shop = actor, actor.shop
        method = request.method or ""
        if method.lower() not in self.http_method_names or not hasattr(self, method.lower()) or method == "OPTIONS":
            return  # DRF's own answer: 405, or what the view offers
        if not may_any(actor, self.permissions.get(method, ())):
            raise PermissionDenied(self._why(actor))
        account = actor.account
        if account is not None and actor.shop.requires_second_factor and not account.has_second_factor:
            raise Forbidden("second_factor_required", _("This shop demands a second factor: set one up first."))
        if method in self.proofs and request.auth is None and not is_proved(request._request):
            raise Forbidden("proof_required", _("Prove who you are first: your last proof is too old."))

    @staticmethod
    def _why(actor: Actor) -> str:
        return str(_("A key may not do this.") if actor.key else _("Your role in this shop does not allow this."))


def person(request: Request) -> Account:
    """The account that calls; for views that IsPerson guards."""
    if not isinstance(request.user, Account):
        raise PermissionDenied
    return request.user


__all__ = ["IsPerson", "KeyPrincipal", "ShopView", "person"]
