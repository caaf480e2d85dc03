from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount


class QuickAnswer(models.Model):
    """A text that an agent puts into an answer with two keys: the shop's, for all, or somebody's own."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    owner = models.ForeignKey(
        SubAccount, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("whose")
    )
    """Null: the shop's."""
    title = models.CharField(_("short name"), max_length=20)
    text = models.TextField(_("text"), max_length=1000)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("quick answer")
        verbose_name_plural = _("quick answers")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "owner", "title"], condition=Q(owner__isnull=False), name="quick_answer_own_once"
            ),
            models.UniqueConstraint(
                fields=["shop", "title"], condition=Q(owner__isnull=True), name="quick_answer_shops_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}/{self.pk}"
