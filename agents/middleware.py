from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from agents.errors import TooMany


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


class LockedOut:
    """The page for too many failures of a sign-in, from whichever page; the API words it by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        context = {"minutes": -(-exception.wait // 60)}
        response = render(request, "agents/locked_out.html", context, status=exception.status)
        response["Retry-After"] = str(exception.wait)
        return response
