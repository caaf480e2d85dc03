from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from conversations.answering import HUMAN_WORDS, How, Part, When
from conversations.labels import ANSWER_PARTS, ROBOT_WHEN, RULE_KINDS


class AnswerPart(models.Model):
    """One of the four automatic answers of a shop; no row: off, nothing set."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    part = models.CharField(_("which"), max_length=15, choices=[(k.value, v) for k, v in ANSWER_PARTS.items()])
    on = models.BooleanField(_("on"), default=False)
    text = models.TextField(_("text"), blank=True)
    """The greeting, the words above the menu, or what the robot says when it does not know."""
    robot_when = models.CharField(
        _("when it answers"),
        max_length=10,
        default=When.UNSTAFFED.value,
        choices=[(k.value, v) for k, v in ROBOT_WHEN.items()],
    )
    robot_misses = models.PositiveSmallIntegerField(_("misses until a person takes over"), default=2)
    robot_human_words = models.TextField(_("words for a person"), blank=True, default=HUMAN_WORDS)
    token = models.CharField(_("token"), max_length=32)
    """Another with every saving: a form that was opened before carries an older one."""
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("automatic answer")
        verbose_name_plural = _("automatic answers")
        constraints = [models.UniqueConstraint(fields=["shop", "part"], name="answer_part_once")]

    def __str__(self) -> str:
        return str(ANSWER_PARTS[Part(self.part)])


class AnswerItem(models.Model):
    """A hot question, a line of the menu, or a rule of the robot."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    part = models.ForeignKey(AnswerPart, models.CASCADE, related_name="items", verbose_name=_("of"))
    position = models.PositiveSmallIntegerField(_("place"))
    ask = models.CharField(_("what is asked"), max_length=200)
    """The question, the label, or the keywords or pattern."""
    how = models.CharField(
        _("kind of rule"),
        max_length=10,
        default=How.KEYWORDS.value,
        choices=[(k.value, v) for k, v in RULE_KINDS.items()],
    )
    answer = models.TextField(_("answer"))
    on = models.BooleanField(_("on"), default=True)

    class Meta:
        ordering = ["part", "position"]
        verbose_name = _("line of an automatic answer")
        verbose_name_plural = _("lines of automatic answers")
        indexes = [models.Index(fields=["shop", "part", "position"], name="answer_items")]

    def __str__(self) -> str:
        return f"{self.part_id}/{self.position}"
