from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from core.db.fields import OrderedJSONField


class RoutingVersion(models.Model):
    """Published settings: the whole routing document, who, when, and what changed. Immutable (DESIGN 4)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="routing_versions", verbose_name=_("shop"))
    number = models.PositiveIntegerField(_("version"))
    document = OrderedJSONField(_("routing document"))
    changes = models.JSONField(_("changes"), default=list)
    """[{"path": …, "added": […], "removed": […]} or {"path", "before", "after"}], against the version before."""
    restored_from = models.PositiveIntegerField(_("restored from"), null=True)
    created_at = models.DateTimeField(_("published"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = _("settings version")
        verbose_name_plural = _("settings versions")
        constraints = [models.UniqueConstraint(fields=["shop", "number"], name="version_once_per_shop")]

    def __str__(self) -> str:
        return f"{self.shop_id} v{self.number}"
