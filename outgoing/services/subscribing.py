"""A browser subscribes to pushes, which is signing in on the mobile app (G10), and ends it."""

import base64
import binascii
import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Account, Shop, SubAccount
from outgoing.guard import BadAddress, permitted_addresses, read_url
from outgoing.labels import ERRORS
from outgoing.models import Push, PushCursor, PushSubscription
from routing.models import Lane
from routing.services import note_app_login

MOST = 20
"""Browsers of one account; the one that has been silent longest makes room."""


def subscribe(
    *, account: Account, session: str, endpoint: str, p256dh: str, auth: str, user_agent: str = "", again: bool = False
) -> PushSubscription:
    """Remember the browser; its person has signed in on the app now, in every shop of theirs (G10). A word that it
    works is pushed at once, unless it is only remembered `again`.

    Refused: `bad_address` (endpoint), `invalid` (keys that are none); Conflict `endpoint_taken` where another account's
    browser is pushed to there and the caller does not know its keys.
    """
    _check(endpoint, p256dh, auth)
    values = {
        "account": account,
        "p256dh": p256dh,
        "auth": auth,
        "session": session,
        "password": account.get_session_auth_hash(),
        "language": get_language() or settings.LANGUAGE_CODE,
        "user_agent": user_agent[:200],
        "last_used_at": timezone.now(),
        "failing": 0,
        "failing_since": None,
        "rest_until": None,
    }
    places = list(SubAccount.objects.select_related("shop").filter(account=account, enabled=True))
    with transaction.atomic():
        _take_over(account, endpoint, p256dh, auth)
        row, _made = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=values)
        _make_room(account)
        for place in places:
            _begin(place.shop)
        if not again:
            Push.objects.create(subscription=row, key=f"welcome:{timezone.now().isoformat()}", body=_welcome())
    for place in places:
        if not place.mobile_app:
            note_app_login(shop=place.shop, agent=place.name)
    return row


def _take_over(account: Account, endpoint: str, p256dh: str, auth: str) -> None:
    """Free the endpoint from another account that used this browser before, with what waits to be pushed to them.

    The browser alone knows the keys: another one that has only learnt the address gets Conflict.
    """
    others = PushSubscription.objects.exclude(account=account).filter(endpoint=endpoint)
    other = others.select_for_update().first()
    if other is None:
        return
    same = constant_time_compare(unpadded(other.auth), unpadded(auth))
    if not same or not constant_time_compare(unpadded(other.p256dh), unpadded(p256dh)):
        raise Conflict("endpoint_taken", _("Another account is pushed to there."), field="endpoint")
    other.delete()


def unsubscribe(*, account: Account, endpoint: str) -> None:
    """This browser is pushed to no more."""
    PushSubscription.objects.filter(account=account, endpoint=endpoint).delete()


def _begin(shop: Shop) -> None:
    """From where the shop is now: what was before is no news."""
    seq = Lane.objects.filter(pk=shop.pk).values_list("seq", flat=True).first() or 0
    PushCursor.objects.get_or_create(shop=shop, defaults={"seq": seq})


def _make_room(account: Account) -> None:
    rows = PushSubscription.objects.filter(account=account).order_by("-last_used_at")
    PushSubscription.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[MOST:])).delete()


def _welcome() -> str:
    told = {
        "title": _("Pushes arrive here"),
        "body": _("While you are offline you hear of each conversation that is given to you."),
        "url": reverse("home"),
        "tag": "welcome",
    }
    return json.dumps(told, ensure_ascii=False)


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        permitted_addresses(read_url(endpoint))
    except BadAddress as bad:
        raise Refused("bad_address", ERRORS[bad.code], field="endpoint", status=422) from None
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpadded(p256dh))
        good = len(unpadded(auth)) == 16
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        good = False
    if not good or len(p256dh) > 100 or len(auth) > 50:
        raise Refused("invalid", _("The browser's keys are none."), field="keys", status=422)


def unpadded(text: str) -> bytes:
    """base64url without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
