from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Account name and password. Says the same of a wrong name as of a wrong password."""

    error_messages = {
        "invalid_login": _("Wrong account or password."),
        "inactive": _("This account may not sign in."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Account")


class PasswordForm(forms.Form):
    """One's own password: the present one, and the new one twice."""

    old_password = forms.CharField(label=_("Present password"), strip=False, widget=forms.PasswordInput)
    new_password = forms.CharField(label=_("New password"), strip=False, widget=forms.PasswordInput)
    repeat = forms.CharField(label=_("New password again"), strip=False, widget=forms.PasswordInput)

    def clean_repeat(self) -> str:
        repeat: str = self.cleaned_data["repeat"]
        if repeat != self.cleaned_data.get("new_password"):
            raise forms.ValidationError(_("The two do not agree."), code="password_mismatch")
        return repeat


class KeyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
