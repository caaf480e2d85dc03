"""Forms of the sub-accounts' page. The services judge; these read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.errors import Refused
from agents.labels import ROLES
from agents.models import SubAccount
from core.http.parameters import NumberField

ROLE_CHOICES = [(role.value, label) for role, label in ROLES.items()]


class RefusableForm(forms.Form):
    def refuse(self, refused: Refused) -> None:
        """Show a service's refusal at the field that it is about."""
        self.add_error(refused.field if refused.field in self.fields else None, str(refused.message))


class ChangeForm(RefusableForm):
    """Roles, cap and display name of a sub-account."""

    display_name = forms.CharField(label=_("Display name"), max_length=50, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=ROLE_CHOICES,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    max_concurrent = NumberField(label=_("Cap"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}))

    def __init__(self, *args: Any, sub_account: SubAccount | None = None, may_main: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_main:
            self.fields["roles"].choices = [choice for choice in ROLE_CHOICES if choice[0] != "main"]  # type: ignore[attr-defined]
        if sub_account is None:
            return
        self.initial = {
            "display_name": sub_account.account.display_name if sub_account.account else "",
            "roles": sub_account.roles,
            "max_concurrent": sub_account.max_concurrent,
        }
        # The name belongs to the login, and the login to its home shop.
        if sub_account.account is None or sub_account.account.home_shop_id != sub_account.shop_id:
            del self.fields["display_name"]


class NewForm(ChangeForm):
    """A new login and its place in the shop (S3)."""

    account = forms.CharField(label=_("Account name"), max_length=50)
    password = forms.CharField(
        label=_("First password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    field_order = ["account", "password", "display_name", "roles", "max_concurrent"]


class InviteForm(ChangeForm):
    """Another shop's account, and what it is to be here."""

    account = forms.CharField(label=_("Account name"), max_length=50)
    field_order = ["account", "roles", "max_concurrent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["display_name"]


class CapForm(RefusableForm):
    """The cap alone, as typed in the list."""

    max_concurrent = NumberField(label=_("Cap"), required=False)


class FilterForm(forms.Form):
    """Whom the list shows; everything may be left open."""

    q = forms.CharField(label=_("Account or display name"), required=False, max_length=50)
    role = forms.ChoiceField(label=_("Roles"), required=False, choices=[("", _("Every role")), *ROLE_CHOICES])
    state = forms.ChoiceField(
        label=_("Enabled"),
        required=False,
        choices=[("", _("Enabled and disabled")), ("on", _("Enabled")), ("off", _("Disabled"))],
    )

    def asked(self) -> dict[str, str]:
        """What was asked for, without what could not be read."""
        self.is_valid()
        return {name: value.strip() for name, value in self.cleaned_data.items() if value.strip()}


class FileForm(RefusableForm):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"required": _("Choose a file.")},
    )


class ResetForm(RefusableForm):
    password = forms.CharField(
        label=_("New password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
