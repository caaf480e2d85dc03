"""Django's validation, worded as one refusal that names the place."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Account


def refuse_invalid(instance: models.Model, *, exclude: set[str] | None = None) -> None:
    """Raise Refused with the first field that the model's own validators refuse; uniqueness is the caller's."""
    unset = {field.name for field in instance._meta.fields if field.null and getattr(instance, field.attname) is None}
    try:
        instance.full_clean(exclude=(exclude or set()) | unset, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, errors = next(iter(error.error_dict.items()))
        first = errors[0]
        raise Refused(
            first.code or "invalid", first.messages[0], field="" if field == NON_FIELD_ERRORS else field
        ) from error


def refuse_weak_password(account: Account, password: str) -> None:
    """Raise Refused `weak_password` unless the password passes AUTH_PASSWORD_VALIDATORS."""
    if not password:
        raise Refused("password_required", _("A password is needed."), field="password")
    try:
        validate_password(password, account)
    except ValidationError as error:
        words = " ".join(_objection(one) for one in error.error_list)
        raise Refused("weak_password", words, field="password") from error


def _objection(error: ValidationError) -> str:
    """Django's words, but for the ones that its Chinese catalogue has lost."""
    if error.code == "password_too_short" and error.params:
        return _("The password needs at least %(length)s characters.") % {"length": error.params["min_length"]}
    return " ".join(error.messages)
