"""The door of every page under /s/<shop>/: sign in, 404 for another's shop, 403 for what the role does not allow."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from agents.models import Account, Shop
from agents.permissions import Permission, may_any
from agents.proofs import is_proved
from agents.selectors import LAST_SHOP, actor_among, my_sub_accounts
from agents.services import touch_sub_account

View = Callable[..., HttpResponseBase]


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send nobody to the sign-in page and back; htmx is told to load it whole, not into a part of the page."""
    partial = bool(getattr(request, "htmx", False))
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path or resolve_url("home")
    back = page if partial else request.get_full_path()
    url = f"{resolve_url('sign_in')}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(url) if partial else redirect(url)


def signed_in(request: HttpRequest) -> Account | None:
    return request.user if isinstance(request.user, Account) else None


def unproved(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks for a proof, if the last one is too old; from there it leads back."""
    if is_proved(request):
        return None
    partial = bool(getattr(request, "htmx", False))
    here = request.get_full_path() if request.method == "GET" else urlsplit(request.headers.get("Referer", "")).path
    back = urlsplit(request.headers.get("HX-Current-URL", "")).path if partial else here
    url = f"{resolve_url('account_confirm')}?{urlencode({'next': back or resolve_url('home')})}"
    return HttpResponseClientRedirect(url) if partial else redirect(url)


def shop_page(*permissions: Permission, proof: bool = False) -> Callable[[View], View]:
    """For a page at `/s/<slug:shop>/…`: the view is called as `view(request, shop, actor, **rest)`.

    `permissions`: the actor needs one of them. Nobody signed in: to the sign-in page. Not a member: 404, as if the
    shop did not exist. Member without the permission: 403. The actor is kept on the request for the shell.
    So are all places of the account (`request.my_places`). Times on the page are the shop's, and whoever comes has been
    seen. `proof`: the password or second factor must have been proved lately. A shop that demands second factors sends
    whoever has none to set one up.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, shop: str, **kwargs: Any) -> HttpResponseBase:
            account = signed_in(request)
            if account is None:
                return to_sign_in(request)
            places = list(my_sub_accounts(account))
            request.my_places = places  # type: ignore[attr-defined]
            actor = actor_among(places, account, shop)
            if actor is None:
                raise Http404
            if request.session.get(LAST_SHOP) != shop:
                request.session[LAST_SHOP] = shop
            if actor.sub_account:
                touch_sub_account(sub_account=actor.sub_account, now=timezone.now())
            request.shop_actor = actor  # type: ignore[attr-defined]
            if not may_any(actor, permissions):
                raise PermissionDenied
            blocked = lacks_second_factor(request, account, actor.shop) or (unproved(request) if proof else None)
            if blocked is not None:
                return blocked
            with timezone.override(actor.shop.zone):
                return view(request, actor.shop, actor, **kwargs)

        return guarded

    return decorate


def account_page(view: View) -> View:
    """For a page of whoever is signed in, outside any shop: the view is called as `view(request, account, **rest)`."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        account = signed_in(request)
        if account is None:
            return to_sign_in(request)
        return view(request, account, **kwargs)

    return guarded


def lacks_second_factor(request: HttpRequest, account: Account, shop: Shop) -> HttpResponse | None:
    """The way to the page where a second factor is set up, if the shop demands one and the account has none."""
    if not shop.requires_second_factor or account.has_second_factor:
        return None
    url = resolve_url("account_security")
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)


def proved_page(view: View) -> View:
    """As `account_page`, for what changes the account's own security: the last proof must be recent."""

    @account_page
    @wraps(view)
    def guarded(request: HttpRequest, account: Account, **kwargs: Any) -> HttpResponseBase:
        return unproved(request) or view(request, account, **kwargs)

    return guarded


def operator_page(view: View) -> View:
    """For a page of who runs the installation: called as `view(request, account, **rest)`; 403 for everybody else."""

    @account_page
    @wraps(view)
    def guarded(request: HttpRequest, account: Account, **kwargs: Any) -> HttpResponseBase:
        if not account.is_operator:
            raise PermissionDenied
        return view(request, account, **kwargs)

    return guarded
