from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop


class ChatSettings(models.Model):
    """A shop's chat for buyers; no row: switched off. `origins`: the websites that may show it, as `scheme://host`."""

    shop = models.OneToOneField(
        Shop, models.CASCADE, primary_key=True, related_name="chat_settings", verbose_name=_("shop")
    )
    on = models.BooleanField(_("on"), default=False)
    title = models.CharField(_("title"), max_length=30, blank=True)
    """What stands at the top; empty: the shop's name."""
    welcome = models.CharField(_("line below the title"), max_length=60, blank=True)
    origins = models.JSONField(_("websites"), default=list)

    class Meta:
        verbose_name = _("settings of the buyer chat")
        verbose_name_plural = _("settings of the buyer chat")

    def __str__(self) -> str:
        return str(self.shop)
