from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from conversations.models.message import Message


class MissingImage(models.Model):
    """A message whose image the nightly comparison did not find on disk.

    No constraint to the message: with one, each dropped conversation would load its messages to look for such rows.
    The next comparison drops what has lost its message.
    """

    message = models.OneToOneField(
        Message,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("message"),
    )
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    name = models.CharField(_("file"), max_length=200)
    found_at = models.DateTimeField(_("found"))

    class Meta:
        ordering = ["-found_at"]
        verbose_name = _("missing image")
        verbose_name_plural = _("missing images")

    def __str__(self) -> str:
        return self.name
