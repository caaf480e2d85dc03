from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from conversations.labels import ANSWER_PARTS, KINDS, SENDERS, UNWRITTEN
from conversations.models.conversation import Conversation


class Message(models.Model):
    """One message. `sent_at` is the time on the message, never after `received_at` (METRICS 2); `seq` its place in the
    shop's lane.

    No index of a key alone: longer ones begin with it, and each one more is paid for with every message. The one of
    images holds the messages that have one: the files on disk are compared with it every night.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False, verbose_name=_("shop"))
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages", db_index=False, verbose_name=_("conversation")
    )
    identity = models.CharField(_("identity"), max_length=100)
    """The caller's message_id, or what stands for one: unique in the shop, so nothing goes in twice."""
    sender = models.CharField(_("sender"), max_length=10, choices=[(k.value, v) for k, v in SENDERS.items()])
    author = models.ForeignKey(
        SubAccount, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("author")
    )
    kind = models.CharField(_("kind"), max_length=15, choices=[(k.value, v) for k, v in KINDS.items()])
    text = models.TextField(_("text"), blank=True)
    image = models.FileField(_("image"), upload_to="images/%Y/%m/%d", blank=True)
    to_robot = models.BooleanField(_("to robot"), default=False)
    """The buyer was with the robot when writing this (M13)."""
    automatic = models.CharField(
        _("automatic answer"),
        max_length=15,
        blank=True,
        choices=[(k.value, v) for k, v in (*ANSWER_PARTS.items(), *UNWRITTEN.items())],
    )
    """The kind of automatic answer, or of a buyer's message that was not typed (`Unwritten`); empty for messages of
    people and of other programs."""
    sent_at = models.DateTimeField(_("sent"))
    received_at = models.DateTimeField(_("received"))
    seq = models.BigIntegerField(_("event number"), default=0)

    class Meta:
        ordering = ["sent_at", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["shop", "identity"], name="message_once_per_shop")]
        indexes = [
            models.Index(fields=["conversation", "sent_at"], name="message_thread"),
            models.Index(fields=["shop", "sent_at"], name="message_day"),
            models.Index(fields=["shop", "seq"], name="message_seq"),
            models.Index(fields=["image"], condition=~models.Q(image=""), name="message_image"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.pk} {self.kind}"
