"""Pages for what went wrong; the API's in the API's shape."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.db.faults import passing_fault
from core.http.middleware import unavailable

WORDS = {
    400: ("bad_request", gettext_lazy("The request could not be read.")),
    403: ("forbidden", gettext_lazy("You may not do this.")),
    404: ("not_found", gettext_lazy("Not found.")),
    500: ("server_error", gettext_lazy("Something went wrong here. It has been logged.")),
}


def _fault(request: HttpRequest, status: int) -> HttpResponse:
    code, message = WORDS[status]
    if request.path_info.startswith("/api/"):
        return JsonResponse({"code": code, "message": str(message), "fields": {}}, status=status)
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _fault(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _fault(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _fault(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or one of the database that passes: then 503 with Retry-After."""
    error = sys.exception()
    fault = passing_fault(error) if error is not None else None
    if fault is not None:
        return unavailable(request.path_info, fault.kind, fault.retry_after)
    return _fault(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: most often a page that was left open over a sign-in."""
    if request.path_info.startswith("/api/"):
        return _fault(request, 403)
    return render(
        request, "403.html", {"why": _("This page had grown old. Go back, load it anew and try again.")}, status=403
    )
