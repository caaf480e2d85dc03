"""Rows of messages. Called by routing.services inside the shop's lane."""

from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from django.utils.translation import gettext as _

from agents.models import SubAccount
from config.statements import Rows, insert, update
from conversations.errors import MessageRefused
from conversations.models import Conversation, Message
from conversations.states import YEARS, Kind, Sender, State
from core.uploads.files import StagedFile

LONGEST_TEXT = 5000
LONGEST_IDENTITY = 100


def check_message(*, kind: str, text: str, has_image: bool) -> None:
    """Raise MessageRefused unless a message of this kind may be sent. The image itself: conversations.images."""
    if kind not in {k.value for k in Kind}:
        raise MessageRefused(
            "kind_refused",
            _("Messages of kind “%(kind)s” cannot be sent: text and images only.") % {"kind": kind},
            field="kind",
        )
    if len(text) > LONGEST_TEXT:
        raise MessageRefused(
            "text_too_long", _("The text is longer than %(most)s characters.") % {"most": LONGEST_TEXT}, field="text"
        )
    if kind == Kind.IMAGE:
        # A platform's program may name an image that the platform keeps: then there is none to look at.
        return
    if has_image:
        raise MessageRefused("image_unexpected", _("Only a message of kind image carries one."), field="image")
    if kind == Kind.TEXT and not text.strip():
        raise MessageRefused("text_missing", _("There is nothing in the message."), field="text")


def check_time(sent_at: datetime | None, kept_since: datetime | None) -> None:
    """Raise MessageRefused `time_out_of_range` for a year that no chat can have, `no_longer_kept` for a time of which
    the shop keeps no conversations: it could not be counted."""
    if sent_at is not None and sent_at.year not in YEARS:
        raise MessageRefused(
            "time_out_of_range", _("The year %(year)s is out of range.") % {"year": sent_at.year}, field="sent_at"
        )
    if sent_at is not None and kept_since is not None and sent_at < kept_since:
        raise MessageRefused(
            "no_longer_kept",
            _("Messages from before %(since)s are no longer kept.") % {"since": f"{kept_since:%Y-%m-%d %H:%M %Z}"},
            field="sent_at",
        )


def identity_of(message_id: str | None) -> str:
    """What a message is told apart by: the caller's id, a digest of an overlong one, else one of our own."""
    if not message_id:
        return f"fenliu:{uuid4().hex}"
    if len(message_id) <= LONGEST_IDENTITY:
        return message_id
    return f"sha256:{sha256(message_id.encode()).hexdigest()}"


def find_message(*, shop_id: int, message_id: str | None) -> Message | None:
    """The message that went in before under this id, if any."""
    if not message_id:
        return None
    return _by_identity.first(shop_id, identity_of(message_id))


_by_identity = Rows(Message, lambda shop, name: Message.objects.filter(shop=shop, identity=name).order_by())


def add_message(
    *,
    conversation: Conversation,
    sender: Sender,
    author: SubAccount | None,
    kind: str,
    text: str,
    sent_at: datetime,
    received_at: datetime,
    seq: int,
    message_id: str | None = None,
    image: StagedFile | None = None,
    automatic: str = "",
) -> Message:
    """Write the row. `check_message` comes before; `seq` is the event's number in the lane; `automatic`: which of
    the shop's own answers it is; `image`: staged by `conversations.services.files.staged_image`."""
    message = Message(
        shop_id=conversation.shop_id,
        conversation=conversation,
        identity=identity_of(message_id),
        sender=sender.value,
        author=author,
        kind=kind,
        text=text,
        image="" if image is None else image.name,
        to_robot=sender == Sender.BUYER and conversation.state == State.ROBOT,
        automatic=automatic,
        sent_at=sent_at,
        received_at=received_at,
        seq=seq,
    )
    insert(message)
    if image is not None:
        image.kept = True
    if conversation.last_message_at is None or conversation.last_message_at < sent_at:
        conversation.last_message_at = sent_at
        update(conversation, ("last_message_at",))
    return message


def pass_on(*, message: Message, seq: int) -> None:
    """A buyer's message that the robot passes on to the people: from here on it waits for one of them (M13).

    It takes the number of the event that passed it on: the rates follow messages by their numbers.
    """
    message.to_robot, message.seq = False, seq
    message.save(update_fields=["to_robot", "seq"])
