from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.shop import Shop
from agents.validators import valid_account_name


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; `account` is the name to sign in with."""

    def create_user(self, account: str, password: str | None = None, **extra: Any) -> "Account":
        made = self.model(account=account, **extra)
        made.set_password(password)
        made.save(using=self._db)
        return made

    def create_superuser(self, account: str, password: str | None = None, **extra: Any) -> "Account":
        return self.create_user(account, password, is_operator=True, is_superuser=True, **extra)


class Account(AbstractBaseUser, PermissionsMixin):
    """A login. Its name is unique in the installation (S3); its home shop resets its password."""

    account = models.CharField(_("account"), max_length=50, unique=True, validators=[valid_account_name])
    display_name = models.CharField(_("display name"), max_length=50, blank=True)
    home_shop = models.ForeignKey(
        Shop, models.PROTECT, null=True, blank=True, related_name="home_accounts", verbose_name=_("home shop")
    )
    is_operator = models.BooleanField(_("runs the installation"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    password_chosen_at = models.DateTimeField(_("password chosen"), null=True, editable=False)
    """When the holder last chose their password; null while it is one that somebody else has set."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    has_second_factor = models.BooleanField(_("has a second factor"), default=False, editable=False)
    """Kept in step with the authenticators by agents.services.second_factors."""
    must_change_password = models.BooleanField(_("has to change the password"), default=False)
    """Set while another person has chosen the password, and so knows it."""
    email = models.EmailField(_("e-mail address"), blank=True)
    """Verified: nothing is kept of an address before it is."""

    USERNAME_FIELD = "account"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        ordering = ["account"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.account

    @property
    def is_staff(self) -> bool:
        """Who may enter /admin/: the operators of the installation."""
        return self.is_operator

    @property
    def label(self) -> str:
        return self.display_name or self.account


def token_end() -> datetime:
    """When a token that is made now ends (FENLIU_TOKEN_DAYS)."""
    return timezone.now() + timedelta(days=settings.TOKEN_DAYS)


class AuthToken(models.Model):
    """A person's API token. Only its SHA-256 is kept; a password change ends it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="tokens", verbose_name=_("account"))
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), default=token_end)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return f"{self.account} {self.created_at:%Y-%m-%d}"
