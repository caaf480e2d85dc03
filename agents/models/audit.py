from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import AUDIT_ACTIONS
from agents.models.account import Account
from agents.models.shop import Shop
from agents.vocabulary import AuditAction


class AuditEntry(models.Model):
    """One change of settings, people, shifts or answers: who, when, from where, before and after. Never changed."""

    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+", verbose_name=_("shop"))
    """Null: a change of the installation itself."""
    at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("what"), max_length=40, choices=[(k.value, v) for k, v in AUDIT_ACTIONS.items()])
    subject = models.CharField(_("of what"), max_length=200, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))
    by_name = models.CharField(_("by whom"), max_length=150, blank=True)
    """Kept beside the account, which may be gone; a key's name; empty for the product itself."""
    address = models.CharField(_("from where"), max_length=45, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [models.Index(fields=["shop", "-at"], name="audit_recent")]
        constraints = [
            models.UniqueConstraint(
                fields=["at", "shop", "by_name", "subject"],
                condition=Q(action=AuditAction.CONVERSATION_READ),
                name="audit_reading_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}".strip()
