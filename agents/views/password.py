from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from agents.errors import Refused
from agents.forms import PasswordForm
from agents.models import Account
from agents.services import change_password
from agents.views.access import account_page

FIELDS = {"password": "new_password"}
"""A service's field names, as this form has them."""


@sensitive_post_parameters()
@account_page
def password(request: HttpRequest, account: Account) -> HttpResponse:
    """Change one's own password; all other sessions end, this one goes on."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_password(
                account=account,
                old_password=form.cleaned_data["old_password"],
                new_password=form.cleaned_data["new_password"],
            )
        except Refused as refused:
            form.add_error(FIELDS.get(refused.field, refused.field) or None, str(refused.message))
        else:
            update_session_auth_hash(request, account)
            messages.success(request, _("Password changed. All other sessions have ended."))
            return redirect("password")
    return render(request, "agents/password.html", {"form": form}, status=422 if form.errors else 200)
