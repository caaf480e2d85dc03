from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.account import Account


class Device(models.Model):
    """A browser in which an account has signed in, told by a random cookie of which only the SHA-256 is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="devices", verbose_name=_("account"))
    digest = models.CharField(_("digest"), max_length=64)
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("first sign-in"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last sign-in"), default=timezone.now)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="device_once_per_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.browser}"[:100]


class SignInFailure(models.Model):
    """A wrong password or code. What was typed as the account's name may be a password: a keyed digest is kept."""

    class Kind(models.TextChoices):
        PASSWORD = "password", _("password")
        CODE = "code", _("second factor")

    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("what was wrong"), max_length=10, choices=Kind.choices, default=Kind.PASSWORD)
    name_digest = models.CharField(_("digest of the name"), max_length=32)
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    """Null: there is no account of that name."""
    device = models.ForeignKey(Device, models.CASCADE, null=True, related_name="+", verbose_name=_("device"))
    """Null: a browser in which the account has never signed in."""
    network = models.CharField(_("from where"), max_length=45, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")
        indexes = [
            models.Index(fields=["name_digest", "-at"], name="failures_of_name"),
            models.Index(fields=["network", "-at"], name="failures_from_network"),
            models.Index(fields=["at"], name="failures_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.network}"
