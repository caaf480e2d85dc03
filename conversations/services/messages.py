"""Rows of messages. Called by routing.services inside the shop's lane."""

from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from agents.errors import Conflict
from agents.models import SubAccount
from config.statements import Rows, insert, update
from conversations.errors import MessageRefused
from conversations.identities import qualify_id, refuse_reserved
from conversations.models import Conversation, Message
from conversations.states import YEARS, Kind, Sender, State
from core.uploads.files import StagedFile

LONGEST_TEXT = 5000


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


def counted_time(sent_at: datetime, received_at: datetime) -> datetime:
    """Return the time that a message counts at: its own, but never later than its arrival (METRICS 2).

    A program's clock that runs ahead would put a question after its answer.
    """
    return min(sent_at, received_at)


def find_message(*, shop_id: int, message_id: str | None, namespace: str = "") -> Message | None:
    """Return the message of any conversation that went in before under this id, if any."""
    if not message_id:
        return None
    return _by_identity.first(shop_id, qualify_id(message_id, namespace))


def find_repeated(
    *, conversation: Conversation | None, sender: Sender, message_id: str | None, namespace: str
) -> Message | None:
    """Return the same sender's message of this conversation under this id, None if the id is free.

    Raises Conflict `message_id_taken` where the id is that of another conversation's or another sender's message: the
    caller gets nothing of it, and learns that theirs has not gone in. MessageRefused `id_reserved` for a program's id
    in a namespace that is not its own. A conversation that is not there is the caller's to refuse.
    """
    if not namespace:
        refuse_reserved(message_id, field="message_id")
    if conversation is None:
        return None
    found = find_message(shop_id=conversation.shop_id, message_id=message_id, namespace=namespace)
    if found is None:
        return None
    if found.conversation_id != conversation.pk or found.sender != sender:
        words = _("Another message of this shop has the id “%(id)s”.") % {"id": message_id}
        raise Conflict("message_id_taken", words, field="message_id")
    return found


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
    namespace: str = "",
    image: StagedFile | None = None,
    automatic: str = "",
) -> Message:
    """Write the row. `check_message` comes before; `seq` is the event's number in the lane; `automatic`: which of
    the shop's own answers it is; `image`: staged by `conversations.services.files.staged_image`. A time after the
    arrival counts as the arrival (`counted_time`)."""
    sent_at = counted_time(sent_at, received_at)
    message = Message(
        shop_id=conversation.shop_id,
        conversation=conversation,
        identity=qualify_id(message_id, namespace) if message_id else f"fenliu:{uuid4().hex}",
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
