from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from conversations.models.buyer import Buyer


class Block(models.Model):
    """A buyer, or a network address, whose messages the shop does not take. One of the two is set.

    `network`: an IPv4 address, or of IPv6 the first address of the /64.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False, verbose_name=_("shop"))
    buyer = models.ForeignKey(Buyer, models.CASCADE, null=True, related_name="blocks", verbose_name=_("buyer"))
    network = models.CharField(_("address"), max_length=45, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    until = models.DateTimeField(_("until"), null=True)
    """Null: until somebody ends it."""
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom")
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.CheckConstraint(
                condition=Q(buyer=None) & ~Q(network="") | Q(buyer__isnull=False, network=""),
                name="block_of_one_thing",
            ),
            models.UniqueConstraint(fields=["shop", "buyer"], name="block_once_per_buyer"),
            models.UniqueConstraint(
                fields=["shop", "network"], condition=~Q(network=""), name="block_once_per_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.buyer_id or self.network}"


class BuyerAddress(models.Model):
    """The network from which a buyer last opened a conversation in the chat. Personal data, kept for some days."""

    buyer = models.OneToOneField(
        Buyer, models.CASCADE, primary_key=True, related_name="address", verbose_name=_("buyer")
    )
    network = models.CharField(_("address"), max_length=45)
    seen_at = models.DateTimeField(_("last seen"), db_index=True)

    class Meta:
        verbose_name = _("address of a buyer")
        verbose_name_plural = _("addresses of buyers")

    def __str__(self) -> str:
        return self.network
