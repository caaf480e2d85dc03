from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from agents.errors import TooMany
from agents.gate import next_step
from agents.models import Account
from agents.services.sessions import open_session

SEEN_SECONDS = 60
ALWAYS = frozenset({"sign_out", "sign_in", "set_language", "manifest", "service_worker", "offline"})
STEPS = {
    "password": frozenset({"password"}),
    "account_security": frozenset(
        {"account_security", "account_confirm", "password", "totp_add", "passkey_add", "passkey_add_options"}
        | {"passkey_options", "passkey_verify", "recovery_codes"}
    ),
}
"""Pages by the step that they belong to."""
WORDS = {
    "password": gettext_lazy("Choose a password of your own first."),
    "account_security": gettext_lazy("Set up a second factor first."),
}


class ChosenLanguage(LocaleMiddleware):
    """Chinese until somebody chooses otherwise (DESIGN 7), whatever the browser asks for.

    The API goes by its caller's Accept-Language: a program has no switch to press.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith("/api/"):
            super().process_request(request)
            return
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


class RefuseNul:
    """A NUL in an address means nothing to us, and PostgreSQL takes none in a text: 400 before anything looks it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" not in request.path_info and "%00" not in query and "\x00" not in query:
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            message = _("The address holds a NUL character.")
            return JsonResponse({"code": "malformed", "message": message, "fields": {}}, status=400)
        raise BadRequest("NUL in the address")


class NotKept:
    """What is shown of a shop stays in no cache, on disk or on the way: whoever sits down at the browser next finds
    nothing. Files that are the same for everybody are answered further out and say themselves how long they last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class AccountGate:
    """Send the holder of a session to the step that comes first: a password of their own, a second factor.

    The session's last time is noted as well, at most once a minute.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or "Authorization" in request.headers:
            return None
        account = request.user
        if not isinstance(account, Account):
            return None
        self._note(request, account)
        match = request.resolver_match
        place = next_step(account)
        if not place or match is None or match.url_name in STEPS[place] | ALWAYS:
            return None
        if request.path_info.startswith("/api/"):
            message = WORDS[place]
            return JsonResponse({"code": f"{place}_needed", "message": str(message), "fields": {}}, status=403)
        url = reverse(place)
        return HttpResponseClientRedirect(url) if "HX-Request" in request.headers else redirect(url)

    def _note(self, request: HttpRequest, account: Account) -> None:
        key = request.session.session_key or ""
        if key and caches["default"].add(f"session-seen:{key}", 1, SEEN_SECONDS):
            browser, address = request.headers.get("User-Agent", ""), str(request.META.get("REMOTE_ADDR", ""))
            open_session(account=account, session_key=key, browser=browser, address=address, now=timezone.now())


class LockedOut:
    """The page for too many failures of a sign-in, from whichever page; the API words it by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        context = {"minutes": -(-exception.retry_after // 60)}
        response = render(request, "agents/locked_out.html", context, status=exception.status)
        response["Retry-After"] = str(exception.retry_after)
        return response
