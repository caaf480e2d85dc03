"""What everything that is sent has in common: where it goes has a lease and rests, what goes has attempts."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outgoing.labels import DELIVERY_STATES
from outgoing.vocabulary import DeliveryState


class Leased(models.Model):
    """Where something goes. One process at a time sends to it, under a lease that runs out when it is killed."""

    leased_by = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    rest_until = models.DateTimeField(_("rests until"), null=True)
    """Where nobody answers nothing at all is sent for a while: who is down is not called for each delivery."""
    failing = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)

    class Meta:
        abstract = True


class Sending(models.Model):
    """Something that is to arrive, at least once."""

    state = models.CharField(
        _("state"), max_length=10, choices=list(DELIVERY_STATES.items()), default=DeliveryState.PENDING.value
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    since = models.DateTimeField(_("since"), default=timezone.now)
    """When it was first to go out, or was asked for again: given up a day later."""
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    log = models.JSONField(_("answers"), default=list)
    """The last attempts: [{"at", "status", "error", "answer", "ms"}]."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        abstract = True

    @property
    def last(self) -> dict[str, Any] | None:
        return self.log[-1] if self.log else None
