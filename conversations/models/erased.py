from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop


class ErasedBuyer(models.Model):
    """Whose data was deleted, and when, without saying who: so that neither an old token nor an old file brings it
    back."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    digest = models.CharField(_("digest"), max_length=64)
    """conversations.erased.digest_of: keyed with SECRET_KEY, so that names cannot be tried one after the other."""
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("deleted buyer")
        verbose_name_plural = _("deleted buyers")
        constraints = [models.UniqueConstraint(fields=["shop", "digest"], name="erased_buyer_once")]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.at:%Y-%m-%d}"
