"""Pushes: what the offline list gives somebody goes to their browsers, encrypted for each (G10)."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from py_vapid import VapidException
from pywebpush import WebPusher

from agents.models import SubAccount
from config.jobs import failure_log, repeats
from conversations.models import Message
from conversations.states import Kind, Sender
from core.secrets import StoredSecret
from outgoing.guard import read_url
from outgoing.http import Answer, Kept, post
from outgoing.models import Push, PushCursor, PushSubscription
from outgoing.services.sending import GIVE_UP, Line
from outgoing.vapid import vapid_headers
from routing.models import Decision, Lane

FORGET_AFTER = timedelta(days=3)
"""A browser to which nothing could be pushed for so long is forgotten."""
WORDS = 80
"""Characters of what the buyer wrote that a push carries: it is read on a locked screen."""


def shops_behind() -> list[int]:
    """The keys of shops that have events which have not been looked at, and somebody who could be pushed to."""
    places = SubAccount.objects.filter(shop=OuterRef("shop"), account__push_subscriptions__isnull=False)
    rows = PushCursor.objects.filter(Exists(places), shop__lane__seq__gt=F("seq"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def follow_pushes(pk: int, now: datetime) -> int:
    """Turn the shop's decisions that are to be pushed into pushes, one a browser; how many."""
    with transaction.atomic():
        cursor = PushCursor.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        if cursor is None:
            return 0
        until = Lane.objects.values_list("seq", flat=True).get(pk=pk)
        found = Decision.objects.filter(shop=pk, seq__gt=cursor.seq, seq__lte=until, push=True, at__gt=now - GIVE_UP)
        rows = found.select_related("shop", "agent", "conversation__buyer").defer("trace").order_by("pk")
        pushes = [push for decision in rows for push in _pushes_or_parked(decision, now)]
        Push.objects.bulk_create(pushes, ignore_conflicts=True)
        cursor.seq = until
        cursor.save(update_fields=["seq"])
    return len(pushes)


PUSHED = "outgoing.pushes"
"""Sweep of the failure log: a decision that cannot be turned into pushes; key: its primary key."""


def _pushes_or_parked(decision: Decision, now: datetime) -> list[Push]:
    """The pushes of a decision; none where it raises, and the others go on."""
    try:
        return _pushes(decision, now)
    except DatabaseError:
        raise
    except Exception as error:
        failure_log().park(PUSHED, str(decision.pk), error)
        return []


@repeats(PUSHED)
def push_decision(key: str) -> int:
    """Make the pushes of a parked decision; how many."""
    rows = Decision.objects.select_related("shop", "agent", "conversation__buyer").filter(pk=int(key))
    pushes = [push for decision in rows for push in _pushes(decision, timezone.now())]
    Push.objects.bulk_create(pushes, ignore_conflicts=True)
    return len(pushes)


def _pushes(decision: Decision, now: datetime) -> list[Push]:
    agent = decision.agent
    if agent is None or not agent.enabled or agent.account_id is None:
        return []
    made = []
    for row in PushSubscription.objects.filter(account=agent.account_id):
        with translation.override(row.language):
            body = _told(decision)
        key = f"{decision.shop_id}:{decision.seq}:{decision.conversation_id}"
        made.append(Push(shop=decision.shop, subscription=row, key=key, body=body, since=now, next_at=now))
    return made


def _told(decision: Decision) -> str:
    """What the notice shows; `tag`: a newer one of the same conversation takes its place."""
    conversation = decision.conversation
    words = {"buyer": conversation.buyer.external_id, "words": _words(decision)}
    told = {
        "title": decision.shop.name,
        "body": _("%(buyer)s: %(words)s") % words,
        "url": reverse("conversation", args=[decision.shop.slug, conversation.pk]),
        "tag": f"conversation-{conversation.pk}",
    }
    return json.dumps(told, ensure_ascii=False)


def _words(decision: Decision) -> str:
    """The last thing that the buyer wrote, in short."""
    said = Message.objects.filter(conversation=decision.conversation_id, sender=Sender.BUYER)
    last = said.order_by("-sent_at", "-pk").first()
    if last is None:
        return _("A new conversation")
    if last.kind == Kind.IMAGE:
        return _("[Image]")
    text = " ".join(last.text.split())
    return text if len(text) <= WORDS else f"{text[:WORDS]}…"


def _push(row: PushSubscription, push: Push, now: datetime, kept: Kept) -> Answer:
    """Encrypted so that the browser alone can read it, over the same checked connection as a webhook."""
    if isinstance(row.auth, StoredSecret):
        return Answer("unreadable")
    keys = {"endpoint": row.endpoint, "keys": {"p256dh": row.p256dh, "auth": row.auth}}
    body = bytes(WebPusher(keys).encode(push.body.encode(), content_encoding="aes128gcm")["body"])
    try:
        signed = vapid_headers(read_url(row.endpoint), now)
    except VapidException as wrong:
        return Answer("vapid", text=str(wrong))
    left = max(0, int((push.since + GIVE_UP - now).total_seconds()))
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(left),
        "Urgency": "high",
        **signed,
    }
    return post(row.endpoint, body, headers, kept)


def still_theirs(row: PushSubscription) -> bool:
    """Whether its person is still signed in there: the session has not been ended, the password not been changed, the
    account not been switched off. A session that has merely run out still counts: who is away is to be told."""
    return (
        row.account.is_active
        and row.account.get_session_auth_hash() == row.password
        and Session.objects.filter(session_key=row.session).exists()
    )


def _ready(row: PushSubscription) -> bool:
    if still_theirs(row):
        return True
    row.delete()
    return False


def _rows(row: PushSubscription) -> QuerySet[Push]:
    return Push.objects.filter(subscription=row)


def _forget(row: PushSubscription, _now: datetime) -> None:
    PushSubscription.objects.filter(pk=row.pk).delete()


def _failed(row: PushSubscription, now: datetime) -> None:
    if row.failing_since is not None and now - row.failing_since >= FORGET_AFTER:
        _forget(row, now)


def _arrived(row: PushSubscription, now: datetime) -> None:
    row.last_used_at = now


def _lost(_row: PushSubscription, _push: Any, _now: datetime) -> None:
    """A push that came too late is missed; the conversation still stands in the workbench."""


PUSHES: Line[PushSubscription] = Line(
    places=PushSubscription,
    rows=_rows,
    send=_push,
    ready=_ready,
    gone_statuses=frozenset({404, 410}),
    gone=_forget,
    failed=_failed,
    lost=_lost,
    arrived=_arrived,
)
