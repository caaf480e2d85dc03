from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount


class Buyer(models.Model):
    """A shop's buyer, and the recent agent 最近联系客服 (ROUTING section 1) with the time of contact."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="buyers", verbose_name=_("shop"))
    external_id = models.CharField(_("buyer"), max_length=100)
    recent_agent = models.ForeignKey(
        SubAccount, models.SET_NULL, null=True, related_name="+", verbose_name=_("recent agent")
    )
    contact_at = models.DateTimeField(_("last contact"), null=True)

    class Meta:
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="buyer_once_per_shop")]

    def __str__(self) -> str:
        return self.external_id
