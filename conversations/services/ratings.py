"""What buyers think of conversations that are over."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from conversations.models import Conversation, Rating
from conversations.states import State

LONGEST_WORD = 200


@transaction.atomic
def rate_conversation(
    *, conversation: Conversation, satisfied: bool, word: str = "", now: datetime | None = None
) -> Rating:
    """Keep the buyer's rating: once, when the conversation is over. Who rates is the caller's to know.

    Refused: `not_closed`, `rated_already`, `word_too_long`.
    """
    word = word.strip()
    if len(word) > LONGEST_WORD:
        said = _("Longer than %(most)s characters.") % {"most": LONGEST_WORD}
        raise Refused("word_too_long", said, field="word", status=422)
    row = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if row.state != State.CLOSED:
        raise Conflict("not_closed", _("The conversation is not over yet."))
    if Rating.objects.filter(conversation=row).exists():
        raise Conflict("rated_already", _("This conversation has been rated already."))
    return Rating.objects.create(
        conversation=row, shop_id=row.shop_id, satisfied=satisfied, word=word, at=now or timezone.now()
    )
