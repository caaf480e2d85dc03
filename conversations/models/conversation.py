from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from conversations.labels import CLOSED_BY, STATES
from conversations.models.buyer import Buyer
from conversations.states import State


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Every query starts from the shop."""

    def for_shop(self, shop: Shop) -> "ConversationQuerySet":
        return self.filter(shop=shop)


class Conversation(models.Model):
    """One conversation of a buyer with a shop. Written only inside the shop's lane (routing.services)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="conversations", db_index=False, verbose_name=_("shop"))
    external_id = models.CharField(_("conversation"), max_length=100)
    buyer = models.ForeignKey(Buyer, models.PROTECT, related_name="conversations", verbose_name=_("buyer"))
    entry = models.CharField(_("entry"), max_length=50, blank=True)
    question = models.CharField(_("question"), max_length=200, blank=True)
    order_status = models.CharField(_("order status"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=[(k.value, v) for k, v in STATES.items()])
    holder = models.ForeignKey(
        SubAccount, models.PROTECT, null=True, related_name="held_conversations", verbose_name=_("agent")
    )
    offline = models.BooleanField(_("came by the offline list"), default=False)
    labels = models.JSONField(_("labels"), default=list)
    pool = models.CharField(_("pool"), max_length=300, blank=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True)
    waiting_seq = models.BigIntegerField(_("waiting number"), null=True)
    unanswered_since = models.DateTimeField(_("unanswered since"), null=True)
    unanswered_seq = models.BigIntegerField(_("unanswered number"), null=True)
    quiet_since = models.DateTimeField(_("quiet since"), null=True)
    """What DY13's time-out counts from: the later of our last message and the last assignment,
    while somebody holds the conversation and no buyer message waits for an answer; else null."""
    silent_since = models.DateTimeField(_("silent since"), null=True)
    """What G21 counts from: the later of the oldest unanswered message, the assignment and the holder's coming back."""
    silence_stuck = models.BooleanField(_("nobody else could take it"), default=False)
    silence_times = models.PositiveSmallIntegerField(_("taken from a silent holder"), default=0)
    """How often since the buyer was last answered: the length of `taken_from`."""
    taken_from = models.JSONField(_("taken from"), default=list)
    answered_at = models.DateTimeField(_("our last message"), null=True)
    assigned_at = models.DateTimeField(_("assigned"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    opened_seq = models.BigIntegerField(_("event number"), default=0)
    last_message_at = models.DateTimeField(_("last message"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(
        _("closed by"), max_length=10, blank=True, choices=[(k.value, v) for k, v in CLOSED_BY.items()]
    )
    decision_count = models.PositiveIntegerField(_("decision count"), default=0)
    robot_misses = models.PositiveSmallIntegerField(_("robot's misses"), null=True)
    """How often in a row our own robot did not know; null: the conversation never was with it."""
    imported = models.BooleanField(_("imported"), default=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="conversation_once_per_shop"),
            models.UniqueConstraint(
                fields=["shop", "buyer"], condition=~Q(state=State.CLOSED), name="conversation_one_open_per_buyer"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "waiting_seq"], condition=Q(state=State.QUEUED), name="conversation_waiting"),
            models.Index(fields=["shop", "holder"], condition=Q(state=State.OPEN), name="conversation_held"),
            models.Index(
                fields=["shop", "quiet_since"], condition=Q(quiet_since__isnull=False), name="conversation_quiet"
            ),
            models.Index(
                fields=["shop", "silent_since"],
                condition=Q(silent_since__isnull=False, silence_stuck=False),
                name="conversation_silent",
            ),
            models.Index(fields=["shop", "unanswered_seq"], condition=Q(silence_stuck=True), name="conversation_stuck"),
            models.Index(fields=["shop", "-opened_at"], name="conversation_recent"),
            models.Index(
                fields=["shop", "closed_at"],
                condition=Q(closed_at__isnull=False, imported=False),
                name="conversation_closed",
            ),
            models.Index(
                fields=["shop"], condition=Q(state=State.ROBOT, robot_misses__isnull=False), name="conversation_robot"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class ConversationName(models.Model):
    """Another name of a conversation: the id under which its buyer opened once more (G18)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    external_id = models.CharField(_("external id"), max_length=100)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="names", verbose_name=_("conversation"))

    class Meta:
        verbose_name = _("other name of a conversation")
        verbose_name_plural = _("other names of conversations")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="conversation_name_once")]

    def __str__(self) -> str:
        return self.external_id
