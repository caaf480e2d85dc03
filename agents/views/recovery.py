"""A new password by mail, for who has forgotten theirs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from agents.errors import Refused
from agents.forms import ForgottenForm, NewPasswordForm
from agents.services.recovery import account_of_link, mails_can_be_sent, request_reset, reset_by_mail
from core.http.addresses import network_of


def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Says the same whether there is such an account or not."""
    form = ForgottenForm(request.POST or None)
    asked = False
    if request.method == "POST" and form.is_valid() and mails_can_be_sent():
        network = network_of(str(request.META.get("REMOTE_ADDR", "")))
        request_reset(name=form.cleaned_data["account"], network=network)
        asked = True
    context = {"form": form, "asked": asked, "mails": mails_can_be_sent()}
    return render(request, "agents/password_forgotten.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
def password_by_mail(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The page behind the mail's link; good once, for an hour."""
    account = account_of_link(uid, token)
    form = NewPasswordForm(request.POST or None)
    if account is not None and request.method == "POST" and form.is_valid():
        try:
            reset_by_mail(account=account, password=form.cleaned_data["new_password"])
        except Refused as refused:
            form.add_error("new_password", str(refused.message))
        else:
            messages.success(request, _("The new password is set: sign in with it."))
            return redirect("sign_in")
    context = {"form": form, "account": account}
    status = 410 if account is None else 422 if form.errors else 200
    response = render(request, "agents/password_by_mail.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response
