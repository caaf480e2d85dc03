"""What the rules refuse, in words for people; the services' own words are for programs and logs."""

from urllib.parse import quote

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.errors import Refused
from conversations.errors import MessageRefused

WORDS: dict[str, str | Promise] = {
    "unknown_conversation": _("This conversation is no longer there."),
    "conversation_closed": _("The conversation is closed already."),
    "forbidden": _("You may not do this."),
    "unknown_agent": _("There is no such sub-account."),
    "target_not_agent": _("They take no conversations: choose somebody else."),
    "target_offline": _("They are not online right now: choose somebody else."),
    "already_holder": _("They hold this conversation already."),
}


def said(refused: Refused) -> str:
    """A refusal in the reader's language."""
    if isinstance(refused, MessageRefused):
        return str(refused.message)
    return str(WORDS.get(refused.code, refused.message))


def refusal(refused: Refused) -> HttpResponse:
    """The answer to a button that cannot do it: nothing is swapped, the words stand in a message at the edge."""
    response = HttpResponse(status=409 if refused.status in (400, 422) else refused.status)
    response["X-Message"] = quote(said(refused))
    return response
