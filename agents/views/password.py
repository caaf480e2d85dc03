from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from agents.errors import Refused
from agents.forms import PasswordForm
from agents.models import Account
from agents.proofs import mark_proved
from agents.services import change_password
from agents.services.sessions import rename_session
from agents.views.access import account_page

FIELDS = {"password": "new_password"}
"""A service's field names, as this form has them."""


@sensitive_post_parameters()
@account_page
def password(request: HttpRequest, account: Account) -> HttpResponse:
    """Change one's own password; all other sessions end, this one goes on."""
    form = PasswordForm(request.POST or None)
    old_key, first = request.session.session_key or "", account.must_change_password
    if request.method == "POST" and form.is_valid():
        try:
            change_password(
                account=account,
                old_password=form.cleaned_data["old_password"],
                new_password=form.cleaned_data["new_password"],
                session_key=old_key,
            )
        except Refused as refused:
            form.add_error(FIELDS.get(refused.field, refused.field) or None, str(refused.message))
        else:
            update_session_auth_hash(request, account)
            rename_session(old_key=old_key, new_key=request.session.session_key or "")
            mark_proved(request)
            messages.success(request, _("Password changed. All other sessions have ended."))
            return redirect("home" if first else "password")
    context = {"form": form, "first": first}
    return render(request, "agents/password.html", context, status=422 if form.errors else 200)
