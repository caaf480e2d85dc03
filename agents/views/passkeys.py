"""Passkeys over JSON, for static/js/passkey.js: options first, then the browser's answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from agents.errors import Refused
from agents.models import Account
from agents.proofs import mark_proved
from agents.services.passkeys import (
    Website,
    add_passkey,
    authentication_options,
    registration_options,
    verify_passkey,
)
from agents.services.sign_in_limits import CHALLENGES, locked_out
from agents.views.access import proved_page, signed_in
from agents.views.sign_in import complete_sign_in, pending_account, pending_place, safe_place
from core.http.addresses import network_of
from core.json_text import parse_json

CHALLENGE = "passkey_challenge"
NEW_CODES = "new_recovery_codes"
"""Keys of the session."""
MAX_BYTES = 32 * 1024


def website_of(request: HttpRequest) -> Website:
    host = request.get_host()
    return Website(host=host.rsplit(":", 1)[0], origin=f"{request.scheme}://{host}")


@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """To prove with a passkey: who is signed in, whose second factor is awaited, or whoever it may be; for these last
    with a limit, as each challenge is kept in a session."""
    account = signed_in(request) or pending_account(request)
    if account is None:
        wait = CHALLENGES.spend(network_of(str(request.META.get("REMOTE_ADDR", ""))))
        if wait:
            raise locked_out(wait)
    options, request.session[CHALLENGE] = authentication_options(website=website_of(request), account=account)
    return HttpResponse(options, content_type="application/json")


@require_POST
def passkey_verify(request: HttpRequest) -> HttpResponse:
    """Signs in, or renews the proof of who is signed in already; answers with the place to go to."""
    account, pending = signed_in(request), pending_account(request)
    try:
        body = _body(request)
        proved = verify_passkey(
            credential=_credential(body),
            challenge=str(request.session.pop(CHALLENGE, "")),
            website=website_of(request),
            account=account or pending,
            now=timezone.now(),
        )
    except Refused as refused:
        return _refusal(refused)
    if account is not None:
        mark_proved(request)
        return JsonResponse({"location": safe_place(request, str(body.get("next", "")))})
    place = pending_place(request) if pending is not None else safe_place(request, str(body.get("next", "")))
    response = JsonResponse({"location": place})
    response.cookies = complete_sign_in(request, proved, place).cookies
    return response


@require_POST
@proved_page
def passkey_add_options(request: HttpRequest, account: Account) -> HttpResponse:
    options, request.session[CHALLENGE] = registration_options(account=account, website=website_of(request))
    return HttpResponse(options, content_type="application/json")


@require_POST
@proved_page
def passkey_add(request: HttpRequest, account: Account) -> HttpResponse:
    """Keep a new passkey. The first second factor's recovery codes are shown by the page that comes next."""
    try:
        body = _body(request)
        codes = add_passkey(
            account=account,
            credential=_credential(body),
            challenge=str(request.session.pop(CHALLENGE, "")),
            website=website_of(request),
            name=str(body.get("name", ""))[:50],
            session_key=request.session.session_key or "",
        )
    except Refused as refused:
        return _refusal(refused)
    if codes:
        request.session[NEW_CODES] = codes
    return JsonResponse({"location": reverse("recovery_codes" if codes else "account_security")})


def _body(request: HttpRequest) -> dict[str, Any]:
    """The request's JSON object. Raises Refused."""
    try:
        body = parse_json(request.body) if len(request.body) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused("malformed", "a JSON object is needed")
    return body


def _credential(body: dict[str, Any]) -> dict[str, Any]:
    credential = body.get("credential")
    if not isinstance(credential, dict):
        raise Refused("malformed", "an object is needed", field="credential")
    return credential


def _refusal(refused: Refused) -> JsonResponse:
    fields = {refused.field: [str(refused.message)]} if refused.field else {}
    return JsonResponse(
        {"code": refused.code, "message": str(refused.message), "fields": fields}, status=refused.status
    )
