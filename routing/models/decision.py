from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from conversations.models import Conversation
from routing.labels import OUTCOMES, TRIGGERS


class Decision(models.Model):
    """One decision with its trace (G12). Never changed afterwards."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False, verbose_name=_("shop"))
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="decisions", verbose_name=_("conversation")
    )
    number = models.PositiveIntegerField(_("number"))
    seq = models.BigIntegerField(_("event number"))
    at = models.DateTimeField(_("when"))
    trigger = models.CharField(_("trigger"), max_length=12, choices=list(TRIGGERS.items()))
    outcome = models.CharField(_("outcome"), max_length=10, choices=list(OUTCOMES.items()))
    agent = models.ForeignKey(
        SubAccount, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("agent")
    )
    rule = models.CharField(_("rule"), max_length=8)
    pool = models.CharField(_("pool"), max_length=300, blank=True)
    labels = models.JSONField(_("labels"), default=list)
    push = models.BooleanField(_("push"), default=False)
    version = models.PositiveIntegerField(_("settings version"))
    trace = models.JSONField(_("trace"), default=list)
    by = models.ForeignKey(
        SubAccount, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["shop", "conversation", "number"], name="decision_once_per_number")
        ]
        indexes = [
            models.Index(fields=["shop", "at"], name="decision_day"),
            models.Index(fields=["shop", "seq"], name="decision_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.number} {self.rule}"
