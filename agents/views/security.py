"""One's own account: second factors, sessions, tokens, e-mail address, and what has happened to it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from agents.codes import code_is_right
from agents.errors import Refused
from agents.forms import AppForm, EmailForm, ProofForm
from agents.models import Account, Authenticator
from agents.proofs import mark_proved
from agents.selectors import security_of
from agents.services.notices import acknowledge_notices
from agents.services.recovery import confirm_email, mails_can_be_sent, remove_email, request_email
from agents.services.second_factors import (
    add_totp,
    new_totp_secret,
    remove_authenticator,
    renew_recovery_codes,
    second_factor_demanded,
    totp_address,
)
from agents.services.sessions import end_session, end_sessions
from agents.services.tokens import revoke_token
from agents.single_sign_on import providers
from agents.views.access import account_page, proved_page
from agents.views.passkeys import NEW_CODES
from agents.views.sign_in import safe_place
from agents.words import browser_name, qr_code
from core.http.parameters import posted, query
from core.secrets import Unreadable, decrypt, encrypt

NEW_SECRET = "new_totp_secret"
"""Key of the session: the secret of an app that is being set up, encrypted."""


@require_GET
@account_page
def account_security(request: HttpRequest, account: Account) -> HttpResponse:
    now = timezone.now()
    shown = security_of(account, now)
    sessions = [
        {"row": row, "browser": browser_name(row.browser), "here": row.session_key == request.session.session_key}
        for row in shown.sessions
    ]
    known = providers()
    notices = [{"row": row, "browser": browser_name(row.browser)} for row in shown.notices]
    context = {
        "authenticators": shown.authenticators,
        "codes_left": shown.codes_left,
        "sessions": sessions,
        "others": sum(not one["here"] for one in sessions),
        "tokens": shown.tokens,
        "notices": notices,
        "unseen": any(row.seen_at is None for row in shown.notices),
        "identities": [
            {"row": row, "label": known[row.provider].label if row.provider in known else row.provider}
            for row in account.identities.all()
        ],
        "providers": known.values(),
        "demanded": second_factor_demanded(account),
        "mails": mails_can_be_sent(),
        "email_form": EmailForm(),
    }
    return render(request, "agents/security.html", context)


@sensitive_post_parameters()
@account_page
def account_confirm(request: HttpRequest, account: Account) -> HttpResponse:
    """Prove once more who it is: by the password, or by a second factor."""
    form = ProofForm(request.POST or None)
    place = safe_place(request, posted(request).text("next") or query(request).text("next"))
    if request.method == "POST" and form.is_valid():
        code, password = form.cleaned_data["code"], form.cleaned_data["password"]
        if code and account.has_second_factor:
            right = code_is_right(request, account, code)
        else:
            right = authenticate(request, username=account.account, password=password) == account
        if right:
            mark_proved(request)
            return redirect(place)
        form.add_error("code" if code else "password", _("That is not right."))
    passkey = account.authenticators.filter(kind=Authenticator.Kind.PASSKEY).exists()
    context = {"form": form, "next": place, "passkey": passkey, "factor": account.has_second_factor}
    return render(request, "agents/confirm.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@sensitive_variables()
@proved_page
def totp_add(request: HttpRequest, account: Account) -> HttpResponse:
    """Set up an app: its secret is shown as a picture and as text, and kept once the app shows the right code."""
    form = AppForm(request.POST or None)
    secret = _offered_secret(request)
    if request.method == "POST" and form.is_valid():
        try:
            codes = add_totp(
                account=account,
                secret=secret,
                code=form.cleaned_data["code"],
                name=form.cleaned_data["name"],
                session_key=request.session.session_key or "",
            )
        except Refused as refused:
            form.add_error(refused.field or None, str(refused.message))
        else:
            request.session.pop(NEW_SECRET, None)
            return _added(request, codes)
    request.session[NEW_SECRET] = encrypt(secret)
    context = {"form": form, "secret": secret, "picture": qr_code(totp_address(account, secret))}
    return render(request, "agents/totp_add.html", context, status=422 if form.errors else 200)


def _offered_secret(request: HttpRequest) -> str:
    """Return the secret that the page has shown already, so that a wrong code does not change it, else a new one."""
    stored = request.session.get(NEW_SECRET, "")
    try:
        return decrypt(stored) or new_totp_secret()
    except Unreadable:
        return new_totp_secret()


def _added(request: HttpRequest, codes: list[str]) -> HttpResponse:
    messages.success(request, _("The second factor is set up."))
    if codes:
        request.session[NEW_CODES] = codes
        return redirect("recovery_codes")
    return redirect("account_security")


@proved_page
def recovery_codes(request: HttpRequest, account: Account) -> HttpResponse:
    """New codes on POST; shown by the next GET, once."""
    if request.method == "POST":
        try:
            request.session[NEW_CODES] = renew_recovery_codes(account=account)
        except Refused as refused:
            messages.error(request, str(refused.message))
            return redirect("account_security")
        return redirect("recovery_codes")
    codes = request.session.pop(NEW_CODES, None)
    if not codes:
        return redirect("account_security")
    return render(request, "agents/recovery_codes.html", {"codes": codes})


def _answer(request: HttpRequest, action: Callable[[], object], done: str) -> HttpResponse:
    """Do `action` and go back to the page, with `done` or the words of a refusal; silently if it returns False."""
    try:
        if action() is not False:
            messages.success(request, done)
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("account_security")


@require_POST
@proved_page
def factor_remove(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    return _answer(request, lambda: remove_authenticator(account=account, pk=pk), _("The second factor is removed."))


@require_POST
@account_page
def session_end(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    return _answer(request, lambda: end_session(account=account, pk=pk), _("Signed out there."))


@require_POST
@account_page
def sessions_end(request: HttpRequest, account: Account) -> HttpResponse:
    here = request.session.session_key or ""
    return _answer(request, lambda: end_sessions(account=account, but=here), _("Signed out everywhere else."))


@require_POST
@account_page
def token_revoke(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    return _answer(request, lambda: revoke_token(account=account, pk=pk), _("The token is revoked."))


@require_POST
@proved_page
def email_change(request: HttpRequest, account: Account) -> HttpResponse:
    """Ask for an address to be verified, or take the present one away."""
    form = EmailForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors.get("email", [])))
        return redirect("account_security")
    address = form.cleaned_data["email"]
    if not address:
        return _answer(request, lambda: remove_email(account=account), _("The e-mail address is removed."))
    words = _("A mail is on its way to %(address)s: open the link in it.") % {"address": address}
    return _answer(request, lambda: request_email(account=account, address=address), words)


@require_GET
@account_page
def email_confirm(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    return _answer(request, lambda: confirm_email(account=account, token=token), _("The e-mail address is verified."))


@require_POST
@account_page
def notices_acknowledge(request: HttpRequest, account: Account) -> HttpResponse:
    acknowledge_notices(account=account, now=timezone.now())
    return redirect("account_security")
