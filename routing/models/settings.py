"""The tables behind the settings screens; publishing writes them from a routing document (DESIGN 4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount


class RoutingSettings(models.Model):
    """A shop's single values. What a platform does not have keeps its default and steers nothing."""

    shop = models.OneToOneField(
        Shop, models.CASCADE, primary_key=True, related_name="routing_settings", verbose_name=_("shop")
    )
    mode = models.CharField(_("mode"), max_length=10, default="basic")
    allocation = models.CharField(_("way of sharing"), max_length=20, default="least_saturated")
    recent_contact_enabled = models.BooleanField(_("recent contact first"), default=True)
    recent_contact_within_hours = models.FloatField(_("within hours"), null=True, blank=True)
    recent_contact_respect_max_concurrent = models.BooleanField(_("not over the cap"), default=False)
    offline_enabled = models.BooleanField(_("offline list on"), default=True)
    show_count_below = models.PositiveIntegerField(_("show the count below"), default=20)
    notice = models.CharField(_("queue notice"), max_length=500, blank=True)
    busy_notice = models.CharField(_("busy notice"), max_length=500, blank=True)
    overflow = models.BooleanField(_("overflow"), default=False)
    busy_threshold = models.PositiveIntegerField(_("busy above"), default=4)
    auto_close_minutes = models.FloatField(_("time-out in minutes"), null=True, blank=True)
    silence_enabled = models.BooleanField(_("reassign on silence"), default=False)
    silence_after_seconds = models.PositiveIntegerField(_("reassign after seconds"), default=120)
    silence_times = models.PositiveSmallIntegerField(_("reassign at most (times)"), default=2)

    hidden_pages = models.JSONField(_("hidden pages"), default=list)
    """Pages that the shop does not use and does not want to see among its settings (ROUTING section 3)."""

    class Meta:
        verbose_name = _("routing settings")
        verbose_name_plural = _("routing settings")

    def __str__(self) -> str:
        return str(self.shop)


class ListedAgent(models.Model):
    """A sub-account's place in a list of the settings."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.ForeignKey(SubAccount, models.PROTECT, related_name="+", verbose_name=_("agent"))
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.sub_account)


class PageAgent(ListedAgent):
    """Pinduoduo: an agent set for a page (PDD3)."""

    page = models.CharField(_("page"), max_length=50)

    class Meta(ListedAgent.Meta):
        verbose_name = _("agent of a page")
        verbose_name_plural = _("agents of pages")
        constraints = [models.UniqueConstraint(fields=["shop", "page", "sub_account"], name="page_agent_once")]


class EntryRule(models.Model):
    """Douyin: how an entry is assigned (DY1)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    entry = models.CharField(_("entry"), max_length=50)
    assign = models.CharField(_("assignment"), max_length=12)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [models.UniqueConstraint(fields=["shop", "entry"], name="entry_once")]

    def __str__(self) -> str:
        return self.entry


class EntryQuestion(models.Model):
    """Douyin: a question that the buyer picks at an entry (DY1)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    rule = models.ForeignKey(EntryRule, models.CASCADE, related_name="questions", verbose_name=_("entry"))
    question = models.CharField(_("question"), max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [models.UniqueConstraint(fields=["shop", "rule", "question"], name="question_once")]

    def __str__(self) -> str:
        return self.question


class EntryAgent(ListedAgent):
    """Douyin: an agent of an entry, or of one of its questions (DY2)."""

    rule = models.ForeignKey(EntryRule, models.CASCADE, related_name="agents", verbose_name=_("entry"))
    question = models.ForeignKey(
        EntryQuestion, models.CASCADE, null=True, blank=True, related_name="agents", verbose_name=_("question")
    )

    class Meta(ListedAgent.Meta):
        verbose_name = _("agent of an entry")
        verbose_name_plural = _("agents of entries")
        constraints = [
            models.UniqueConstraint(fields=["shop", "rule", "question", "sub_account"], name="entry_agent_once")
        ]


class Group(models.Model):
    """A group of agents (PDD6, KS4, TB2)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=50)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [models.UniqueConstraint(fields=["shop", "name"], name="group_once")]

    def __str__(self) -> str:
        return self.name


class GroupMember(ListedAgent):
    """An agent of a group with its weight (PDD6, TB4)."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="members", verbose_name=_("group"))
    weight = models.PositiveIntegerField(_("weight"), default=100)

    class Meta(ListedAgent.Meta):
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        constraints = [models.UniqueConstraint(fields=["shop", "group", "sub_account"], name="group_member_once")]


class GroupOrderStatus(models.Model):
    """An order status bound to a group (PDD6, KS9, TB2)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    group = models.ForeignKey(Group, models.CASCADE, related_name="order_statuses", verbose_name=_("group"))
    order_status = models.CharField(_("order status"), max_length=20)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("order status of a group")
        verbose_name_plural = _("order statuses of groups")
        constraints = [models.UniqueConstraint(fields=["shop", "group", "order_status"], name="group_status_once")]

    def __str__(self) -> str:
        return self.order_status


class OfflineListMember(ListedAgent):
    """A sub-account of the offline list (G4)."""

    class Meta(ListedAgent.Meta):
        verbose_name = _("member of the offline list")
        verbose_name_plural = _("offline list")
        constraints = [models.UniqueConstraint(fields=["shop", "sub_account"], name="offline_member_once")]


class NeverRouteMember(ListedAgent):
    """A sub-account that takes no part whatever its role (G1)."""

    class Meta(ListedAgent.Meta):
        verbose_name = _("member of the never-route list")
        verbose_name_plural = _("never-route list")
        constraints = [models.UniqueConstraint(fields=["shop", "sub_account"], name="never_route_member_once")]
