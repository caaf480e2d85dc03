from collections.abc import Iterable

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import STATUSES, SUSPENSIONS
from agents.models.account import Account
from agents.models.shop import Shop
from agents.vocabulary import AGENT_ROLES, Role, Status


class SubAccountQuerySet(models.QuerySet["SubAccount"]):
    """Every query starts from the shop."""

    def for_shop(self, shop: Shop) -> "SubAccountQuerySet":
        return self.filter(shop=shop)


class SubAccount(models.Model):
    """An account's place in one shop: roles, cap, status. Disabled, never deleted (DESIGN 4)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sub_accounts", verbose_name=_("shop"))
    name = models.CharField(_("account name"), max_length=50)
    """The account's name, kept here too: routing never needs the login, and imported history may name
    people who have none (CONTRACT 4)."""
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="sub_accounts", verbose_name=_("account")
    )
    roles = models.JSONField(_("roles"), default=list)
    max_concurrent = models.PositiveIntegerField(_("cap"), null=True, blank=True, validators=[MinValueValidator(1)])
    enabled = models.BooleanField(_("enabled"), default=True)
    suspended_at = models.DateTimeField(_("suspended"), null=True, editable=False)
    suspension = models.CharField(
        _("suspended because"),
        max_length=20,
        blank=True,
        editable=False,
        choices=[(k.value, v) for k, v in SUSPENSIONS.items()],
    )
    """Set while the account's home shop has changed how its holder signs in and this shop has not lifted it."""
    mobile_app = models.BooleanField(_("has used the mobile app"), default=False)
    status = models.CharField(
        _("status"), max_length=10, choices=[(k.value, v) for k, v in STATUSES.items()], default=Status.OFFLINE
    )
    status_since = models.DateTimeField(_("status since"), null=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = SubAccountQuerySet.as_manager()

    class Meta:
        ordering = ["shop", "name"]
        verbose_name = _("sub-account")
        verbose_name_plural = _("sub-accounts")
        constraints = [
            models.UniqueConstraint(fields=["shop", "account"], name="sub_account_once_per_shop"),
            models.UniqueConstraint(fields=["shop", "name"], name="sub_account_name_once_per_shop"),
            models.CheckConstraint(
                condition=Q(max_concurrent__isnull=True) | Q(max_concurrent__gte=1), name="sub_account_cap_positive"
            ),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True) | Q(enabled=False), name="sub_account_suspended_is_disabled"
            ),
        ]
        indexes = [models.Index(fields=["shop"], condition=Q(suspended_at__isnull=False), name="sub_account_suspended")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """What people call it: the display name, else the account name. Reads the account."""
        return self.account.label if self.account else self.name

    def has_role(self, roles: Iterable[Role]) -> bool:
        return any(role.value in self.roles for role in roles)

    @property
    def can_take_part(self) -> bool:
        """True if the rules may assign conversations to it: enabled, and with a login."""
        return self.enabled and self.account_id is not None

    @property
    def is_agent(self) -> bool:
        """Whether it holds a role that takes conversations (G1)."""
        return self.has_role(AGENT_ROLES)
