from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from agents.devices import device_secret, new_device_secret, set_device_cookie
from agents.forms import SignInForm
from agents.models import Account
from agents.services import note_device
from agents.views.access import operator_page


class SignIn(LoginView):
    """Where everybody comes in; who is in already goes home."""

    template_name = "agents/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        account = form.get_user()
        assert isinstance(account, Account)
        secret = device_secret(self.request) or new_device_secret()
        browser = self.request.headers.get("User-Agent", "")
        note_device(account=account, secret=secret, browser=browser, now=timezone.now())
        set_device_cookie(response, secret)
        return response


class SignOut(LogoutView):
    """POST only: a link elsewhere signs nobody out."""

    http_method_names = ["post", "options"]


@operator_page
def admin_sign_in(request: HttpRequest, account: Account) -> HttpResponse:
    """The admin has no sign-in of its own: one way in has one set of limits."""
    back = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe and not back.startswith(request.path) else "admin:index")
