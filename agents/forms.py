from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from agents.labels import PLATFORMS


class SignInForm(AuthenticationForm):
    """Account name and password. Says the same of a wrong name as of a wrong password."""

    error_messages = {
        "invalid_login": _("Wrong account or password."),
        "inactive": _("This account may not sign in."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Account")


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    new_password = forms.CharField(label=_("New password"), strip=False, widget=forms.PasswordInput)
    repeat = forms.CharField(label=_("New password again"), strip=False, widget=forms.PasswordInput)

    def clean_repeat(self) -> str:
        repeat: str = self.cleaned_data["repeat"]
        if repeat != self.cleaned_data.get("new_password"):
            raise forms.ValidationError(_("The two do not agree."), code="password_mismatch")
        return repeat


class PasswordForm(NewPasswordForm):
    """One's own password: the present one, and the new one twice."""

    old_password = forms.CharField(label=_("Present password"), strip=False, widget=forms.PasswordInput)
    field_order = ("old_password", "new_password", "repeat")


class CodeForm(forms.Form):
    """A code of an app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autofocus": True, "inputmode": "text"}),
    )


class AppForm(forms.Form):
    """The first code of a new app."""

    name = forms.CharField(label=_("Name"), max_length=50, required=False)
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=32,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ProofForm(forms.Form):
    """The password, or a code of a second factor."""

    password = forms.CharField(label=_("Password"), strip=False, required=False, widget=forms.PasswordInput)
    code = forms.CharField(
        label=_("or a code of your second factor"),
        max_length=32,
        required=False,
        widget=forms.TextInput({"autocomplete": "one-time-code"}),
    )


class EmailForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=200, required=False)


class ForgottenForm(forms.Form):
    account = forms.CharField(label=_("Account"), max_length=50)


class KeyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)


class ShopForm(forms.Form):
    """A new shop and its first main account (DESIGN 8: an operator's work)."""

    slug = forms.CharField(label=_("Short name"), max_length=50)
    name = forms.CharField(label=_("Name"), max_length=100)
    platform = forms.ChoiceField(label=_("Platform"), choices=[(key.value, label) for key, label in PLATFORMS.items()])
    timezone = forms.CharField(label=_("Time zone"), max_length=64, initial="Asia/Shanghai")
    main = forms.CharField(label=_("First main account"), max_length=50)
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)
