from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from agents.forms import SignInForm

TOO_MANY = 429


class SignIn(LoginView):
    """Where everybody comes in; who is in already goes home."""

    template_name = "agents/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """POST only: a link elsewhere signs nobody out."""

    http_method_names = ["post", "options"]


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What axes shows after too many failures. It has no Chinese of its own, so the words are ours."""
    if request.path.startswith("/api/"):
        message = _("Too many failures. Try again in 15 minutes.")
        return JsonResponse({"code": "locked_out", "message": message, "fields": {}}, status=TOO_MANY)
    return render(request, "agents/locked_out.html", status=TOO_MANY)
