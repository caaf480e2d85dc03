from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from conversations.models.conversation import Conversation


class Rating(models.Model):
    """What a buyer thought of a conversation that is over: satisfied or not, with a word (S1, S3)."""

    conversation = models.OneToOneField(
        Conversation, models.CASCADE, primary_key=True, related_name="rating", verbose_name=_("conversation")
    )
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    satisfied = models.BooleanField(_("satisfied"))
    word = models.TextField(_("a word"), blank=True)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        indexes = [models.Index(fields=["shop", "at"], name="rating_day")]

    def __str__(self) -> str:
        return str(_("satisfied") if self.satisfied else _("not satisfied"))
