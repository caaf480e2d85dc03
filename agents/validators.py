"""What a field of agents/ may hold."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


def valid_timezone(value: str) -> None:
    """Raise ValidationError unless `value` is a name of the IANA time-zone database."""
    if value not in available_timezones():
        raise ValidationError(_("Unknown time zone “%(zone)s”."), code="unknown_timezone", params={"zone": value})


valid_account_name = RegexValidator(
    r"\A[^\s/?#%:]{1,50}\Z",
    _("1 to 50 characters, without spaces and / ? # %% :"),
    code="invalid_account",
)
"""Account names stand in URLs and scenario files; Chinese is welcome (S3: unique in the installation)."""
