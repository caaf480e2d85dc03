from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import INVITATION_STATES
from agents.models.account import Account
from agents.models.shop import Shop
from agents.vocabulary import InvitationState


class Invitation(models.Model):
    """A shop asks another shop's account to take a place in it (DESIGN 8); its holder answers."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="invitations", verbose_name=_("shop"))
    account = models.ForeignKey(Account, models.CASCADE, related_name="invitations", verbose_name=_("account"))
    roles = models.JSONField(_("roles"), default=list)
    max_concurrent = models.PositiveIntegerField(_("cap"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(k.value, v) for k, v in INVITATION_STATES.items()],
        default=InvitationState.PENDING,
    )
    invited_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "account"], condition=Q(state="pending"), name="invitation_pending_once"
            ),
        ]
        indexes = [models.Index(fields=["account", "state"], name="invitation_to_answer")]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.account_id} {self.state}"

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.state == InvitationState.PENDING and now < self.expires_at
