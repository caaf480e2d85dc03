"""The way in: account and password, then the second factor of who has one."""

from time import time
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from agents.codes import code_is_right
from agents.devices import device_secret, new_device_secret, set_device_cookie
from agents.forms import CodeForm, SignInForm
from agents.models import Account, Authenticator, Device
from agents.proofs import mark_proved
from agents.services.devices import note_device
from agents.services.notices import notify
from agents.services.recovery import mails_can_be_sent
from agents.services.sessions import open_session
from agents.services.tokens import digest_of
from agents.single_sign_on import providers
from agents.views.access import operator_page
from agents.vocabulary import NoticeKind
from core.http.parameters import query

PENDING = "pending_sign_in"
"""Key of the session: the password was right, the second factor is still to come."""
PENDING_SECONDS = 600
BACKEND = "agents.backends.GuardedBackend"


class SignIn(LoginView):
    """Where everybody comes in; who is in already goes home."""

    template_name = "agents/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"mails": mails_can_be_sent(), "providers": providers().values()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        account = form.get_user()
        assert isinstance(account, Account)
        return after_password(self.request, account, self.get_success_url())


class SignOut(LogoutView):
    """POST only: a link elsewhere signs nobody out."""

    http_method_names = ["post", "options"]


def after_password(request: HttpRequest, account: Account, place: str) -> HttpResponse:
    """The password, or what stands for it, was right: in, or on to the second factor."""
    if not account.has_second_factor:
        return complete_sign_in(request, account, place)
    request.session[PENDING] = {
        "account": account.pk,
        "hash": account.get_session_auth_hash(),
        "at": int(time()),
        "next": place,
    }
    return redirect("second_factor")


def complete_sign_in(request: HttpRequest, account: Account, place: str) -> HttpResponse:
    """Open the session, remember the browser, and send a notice of a new one."""
    had_devices = account.devices.exists()
    request.session.pop(PENDING, None)
    login(request, account, backend=BACKEND)
    mark_proved(request)
    if not request.session.session_key:
        request.session.create()
    now = timezone.now()
    secret = device_secret(request) or new_device_secret()
    browser = request.headers.get("User-Agent", "")
    new = note_device(account=account, secret=secret, browser=browser, now=now)
    open_session(
        account=account,
        session_key=request.session.session_key or "",
        browser=browser,
        address=str(request.META.get("REMOTE_ADDR", "")),
        now=now,
        device=Device.objects.filter(account=account, digest=digest_of(secret)).first(),
    )
    if new and had_devices:
        notify(account=account, kind=NoticeKind.NEW_DEVICE, now=now)
    response = redirect(place)
    set_device_cookie(response, secret)
    return response


def pending_account(request: HttpRequest) -> Account | None:
    """Return the account that still has to give its second factor; None after PENDING_SECONDS or a new password."""
    given = request.session.get(PENDING)
    if not isinstance(given, dict) or not 0 <= time() - given["at"] < PENDING_SECONDS:
        return None
    account = Account.objects.filter(pk=given["account"], is_active=True, has_second_factor=True).first()
    if account is None or not constant_time_compare(account.get_session_auth_hash(), given["hash"]):
        return None
    return account


def pending_place(request: HttpRequest) -> str:
    """Return the page that a completed sign-in leads to."""
    given = request.session.get(PENDING)
    return str(given["next"]) if isinstance(given, dict) else safe_place(request, query(request).text("next"))


def safe_place(request: HttpRequest, place: str, otherwise: str = "") -> str:
    """A path of this website, else `otherwise` or the first page. Without a slash it would pass for a view's name."""
    safe = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if safe and place.startswith("/") else otherwise or resolve_url("home")


@sensitive_post_parameters()
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code of an app or a recovery code; a passkey answers through agents.views.passkeys."""
    account = pending_account(request)
    if account is None:
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if code_is_right(request, account, form.cleaned_data["code"]):
            return complete_sign_in(request, account, pending_place(request))
        form.add_error("code", _("That code is not right, or has been used already."))
    kinds = set(account.authenticators.values_list("kind", flat=True))
    context = {
        "form": form,
        "app": Authenticator.Kind.TOTP.value in kinds,
        "passkey": Authenticator.Kind.PASSKEY.value in kinds,
    }
    return render(request, "agents/second_factor.html", context, status=422 if form.errors else 200)


@operator_page
def admin_sign_in(request: HttpRequest, account: Account) -> HttpResponse:
    """The admin has no sign-in of its own: one way in has one set of limits."""
    back, first = query(request).text("next"), reverse("admin:index")
    return redirect(first if back.startswith(request.path) else safe_place(request, back, otherwise=first))
