import secrets
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from agents.labels import PLATFORMS
from agents.validators import valid_timezone


def random_seed() -> int:
    """The seed of a shop's random choices (G15); small enough for every database's integer."""
    return secrets.randbelow(2**31)


class Shop(models.Model):
    """The tenant. Its platform decides the rules, its time zone what "today" is (G14)."""

    slug = models.SlugField(_("short name"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    platform = models.CharField(_("platform"), max_length=20, choices=[(k.value, v) for k, v in PLATFORMS.items()])
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai", validators=[valid_timezone])
    seed = models.BigIntegerField(_("seed"), default=random_seed)
    created_at = models.DateTimeField(_("created"), default=now)
    requires_second_factor = models.BooleanField(_("everybody needs a second factor"), default=False)
    kept_since = models.DateTimeField(_("conversations kept since"), null=True, editable=False)
    """What is older has been dropped, or is about to be: its figures stay, and cannot be counted again. Null: nothing
    ever was. Never goes back."""

    class Meta:
        ordering = ["slug"]
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def kept_from(self) -> date | None:
        """The first shop day of which everything is still there; null where nothing has been dropped."""
        if self.kept_since is None:
            return None
        day = self.kept_since.astimezone(self.zone).date()
        return day if self.midnight(day) >= self.kept_since else day + timedelta(days=1)

    def midnight(self, day: date) -> datetime:
        """When `day` begins in the shop (G14)."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


class ShopKey(models.Model):
    """Another program's key for one shop. Only the SHA-256 of the key is kept."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="keys", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=100, validators=[RegexValidator(r"\S")])
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("created"), default=now)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("key for other programs")
        verbose_name_plural = _("keys for other programs")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
