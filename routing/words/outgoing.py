"""What goes out to other systems, in words: here, because the audit log tells of it too."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "webhook": _("Webhook"),
    "wecom": _("WeCom group robot"),
    "dingtalk": _("DingTalk group robot"),
    "feishu": _("Feishu group robot"),
    "email": _("E-mail"),
}
EVENTS: dict[str, str | Promise] = {
    "conversation.opened": _("Conversation opened"),
    "conversation.assigned": _("Conversation assigned"),
    "conversation.queued": _("Conversation queued"),
    "conversation.closed": _("Conversation closed"),
    "message": _("Message sent or received"),
    "heading": _("The day is heading for a fail"),
    "penalty.opened": _("Penalty opened"),
    "penalty.prolonged": _("Penalty prolonged"),
    "penalty.withdrawn": _("Penalty withdrawn"),
    "penalty.ended": _("Penalty ended"),
    "queue": _("Buyers wait too long"),
    "morning": _("Morning report at 8:30"),
    "undelivered": _("Something does not arrive"),
    "test": _("Test"),
}
OFF_BECAUSE: dict[str, str | Promise] = {
    "person": _("switched off by hand"),
    "gone": _("the other side says that it is gone for good (410)"),
    "failing": _("nothing has arrived for three days"),
}
