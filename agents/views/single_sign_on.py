"""Single sign-on: out to the provider, back with a code, then as after a right password."""

import logging
import secrets
from time import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Account
from agents.services.identities import account_of_identity, link_identity, unlink_identity
from agents.services.sign_in_limits import CHALLENGES, locked_out
from agents.single_sign_on import Identity, Provider, Request, SignOnFailed, providers
from agents.views.access import proved_page, signed_in
from agents.views.sign_in import after_password, safe_place
from core.http.addresses import network_of
from core.http.parameters import query

MAX_CODE = 2048
logger = logging.getLogger(__name__)
UNDER_WAY, SECONDS = "single_sign_on", 600
"""Key of the session, and how long somebody may take at the provider."""


def provider_of(kind: str) -> Provider:
    found = providers().get(kind)
    if found is None:
        raise Http404
    return found


def begin(request: HttpRequest, provider: Provider, *, place: str, link: int | None) -> HttpResponse:
    """Send the browser to the provider; what the answer must fit stays in the session."""
    path = reverse("sign_on_done", args=[provider.kind])
    ours = Request(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        return_url=f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path),
    )
    try:
        url = provider.authorization_url(ours)
    except SignOnFailed as failed:
        return failure(request, provider, failed, link)
    request.session[UNDER_WAY] = {
        "kind": provider.kind,
        "at": int(time()),
        "place": place,
        "link": link,
        "request": [ours.state, ours.nonce, ours.verifier, ours.return_url],
    }
    return redirect(url)


@require_GET
def sign_on(request: HttpRequest, kind: str) -> HttpResponse:
    """Sign in by a provider."""
    provider = provider_of(kind)
    if signed_in(request) is not None:
        return redirect("home")
    wait = CHALLENGES.spend(network_of(str(request.META.get("REMOTE_ADDR", ""))))
    if wait:
        raise locked_out(wait)
    return begin(request, provider, place=safe_place(request, query(request).text("next")), link=None)


@require_GET
@proved_page
def sign_on_link(request: HttpRequest, account: Account, kind: str) -> HttpResponse:
    """Link what a provider says with the account that is signed in."""
    return begin(request, provider_of(kind), place=reverse("account_security"), link=account.pk)


@require_GET
def sign_on_done(request: HttpRequest, kind: str) -> HttpResponse:
    """Back from the provider."""
    provider = provider_of(kind)
    given: Any = request.session.pop(UNDER_WAY, None)
    link = given.get("link") if isinstance(given, dict) else None
    try:
        identity = _identity(request, provider, given)
    except SignOnFailed as failed:
        return failure(request, provider, failed, link)
    if link is not None:
        return _link(request, provider, identity, link)
    account = account_of_identity(provider=kind, identity=identity)
    if account is None:
        words = _("This %(provider)s account is linked with none here. Sign in with your password, then link it.")
        messages.error(request, words % {"provider": provider.label})
        return redirect("sign_in")
    return after_password(request, account, given["place"])


@require_POST
@proved_page
def identity_unlink(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    if unlink_identity(account=account, pk=pk):
        messages.success(request, _("The link is removed."))
    return redirect("account_security")


def _identity(request: HttpRequest, provider: Provider, given: Any) -> Identity:
    """Raises SignOnFailed for an answer to no question of this browser."""
    if not isinstance(given, dict) or given["kind"] != provider.kind or not 0 <= time() - given["at"] < SECONDS:
        raise SignOnFailed("no sign-in is under way")
    ours = Request(*given["request"])
    if not constant_time_compare(query(request).text("state"), ours.state):
        raise SignOnFailed("the state is another one")
    code = query(request).text("code", most=MAX_CODE) or query(request).text("authCode", most=MAX_CODE)
    if not code or len(code) > 2000:
        raise SignOnFailed(f"no code: {query(request).text('error')[:50]}")
    return provider.identify(code, ours)


def _link(request: HttpRequest, provider: Provider, identity: Identity, link: int) -> HttpResponse:
    account = signed_in(request)
    if account is None or account.pk != link:
        return failure(request, provider, SignOnFailed("another account is signed in"), None)
    try:
        link_identity(account=account, provider=provider.kind, identity=identity)
        messages.success(request, _("%(provider)s is linked.") % {"provider": provider.label})
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("account_security")


def failure(request: HttpRequest, provider: Provider, failed: SignOnFailed, link: int | None) -> HttpResponse:
    logger.warning("single sign-on failed", extra={"provider": provider.kind, "why": str(failed)[:200]})
    words = _("Signing in with %(provider)s did not work. Try again, or sign in with your password.")
    messages.error(request, words % {"provider": provider.label})
    return redirect("sign_in" if link is None else "account_security")
