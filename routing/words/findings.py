"""What a rule found, and why somebody is no candidate."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from routing.engine.vocabulary import Excluded, Found

FOUND: dict[Found, str | Promise] = {
    Found.NO_RECENT_CONTACT: _("No contact on record, on to the next"),
    Found.RECENT_CONTACT_OFF: _("Recent contact is switched off, on to the next"),
    Found.CONTACT_TOO_OLD: _("The last contact is too long ago, on to the next"),
    Found.RECENT_AGENT_GONE: _("Whoever was last in contact takes no conversations any more, on to the next"),
    Found.RECENT_AGENT_FULL: _("The recent agent is full, and the cap is to be kept, on to the next"),
    Found.RECENT_AGENT_AWAY: _("There is a recent agent, but not online"),
    Found.RECENT_AGENT_SILENT: _("Whoever was last in contact has not answered, on to the next"),
    Found.RECENT_AGENT_ONLINE: _("The recent agent is online"),
    Found.PAGE_UNSET: _("Nobody is set for this page"),
    Found.STATUS_UNBOUND: _("No group is bound to this order status"),
    Found.STATUS_BOUND: _("A group is bound to this order status, so this does not apply"),
    Found.NONE_FREE: _("Nobody is free, on to the next"),
    Found.NOT_BY_QUESTION: _("This entry is not assigned by question, so this does not apply"),
    Found.GROUP_FULL: _("The group has members online, all full: it waits for them"),
    Found.GROUP_NOT_WAITED_FOR: _("Nobody of the group is online, so it is not waited for"),
    Found.SOMEBODY_ONLINE: _("Somebody is online, so this does not apply"),
    Found.NOBODY_ONLINE: _("Nobody is online"),
    Found.OFFLINE_LIST_OFF: _("The offline list is switched off"),
    Found.OFFLINE_LIST_EMPTY: _("Nobody is on the offline list"),
    Found.ALL_FULL: _("All who could take it are full: it waits"),
    Found.LIST_BUSY: _("Nobody of this entry is free: it waits for them"),
    Found.BY_HAND: _("Given by hand"),
    Found.SILENCE: _("No answer for the set time: decided again without"),
}

EXCLUDED: dict[Excluded, str | Promise] = {
    Excluded.OFFLINE: _("Offline"),
    Excluded.BREAK: _("On break, no new ones"),
    Excluded.FULL: _("Full"),
    Excluded.DISABLED: _("Disabled"),
    Excluded.NOT_AGENT: _("No agent role"),
    Excluded.NEVER_ROUTE: _("On the never-route list"),
    Excluded.NOT_IN_GROUP: _("Free, but not in this group"),
    Excluded.SILENT: _("Has not answered"),
}

FREE = _("Can take it")
CHOSEN = _("Got it")
WOULD_GET_IT = _("Would get it")
RECENT_CHOSEN = _("Recent agent, online")
OFFLINE_CANDIDATE = _("On the list")
JUMPED = _("In contact before, but not online: passed over")
