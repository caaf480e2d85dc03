"""E-mail addresses of alert channels are asked whether they want the alerts, before anything else is sent to them.

The mail holds a signed link, valid for seven days; opening it shows a page with a button, so that a mail server which
follows links confirms nothing. Mails are limited per address and per shop: nobody's mailbox is filled from here.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Shop
from agents.services import record
from agents.vocabulary import AuditAction
from config.jobs import enqueue
from outgoing.models import ConfirmationMail, Delivery, Outlet, Recipient
from outgoing.vocabulary import DUE_STATES, OutletKind

SALT = "fenliu.outgoing.recipient"
VALID_FOR = timedelta(days=7)
DAY = timedelta(days=1)
MAX_SHOP_ADDRESSES = 20
"""Different addresses in all e-mail channels of a shop."""
MAX_MAILS_PER_ADDRESS, MAX_MAILS_PER_SHOP = 3, 40
"""Confirmation mails in 24 hours, the first over all shops."""

log = logging.getLogger(__name__)


class LinkInvalid(Exception):
    """The link is forged, older than seven days, or its address is in no channel any more."""


def follow_addresses(*, shop: Shop, language: str, origin: str) -> None:
    """Bring the shop's recipients in line with its channels: new addresses are asked, those of no channel go.

    Belongs into the transaction that has changed a channel. An address that comes back later is asked again.
    Raises Refused `too_many`.
    """
    wanted = _addresses_of(shop)
    if len(wanted) > MAX_SHOP_ADDRESSES:
        words = _("At most %(most)s e-mail addresses in all channels of the shop.") % {"most": MAX_SHOP_ADDRESSES}
        raise Refused("too_many", words, field="address", status=422)
    Recipient.objects.filter(shop=shop).exclude(address__in=wanted).delete()
    known = set(Recipient.objects.filter(shop=shop).values_list("address", flat=True))
    values = {"wanted_at": timezone.now(), "origin": origin or settings.PUBLIC_URL, "language": language}
    fresh = [Recipient(shop=shop, address=address, **values) for address in wanted if address not in known]
    if Recipient.objects.bulk_create(fresh):
        enqueue("outgoing.ask_recipients")


def _addresses_of(shop: Shop) -> list[str]:
    rows = Outlet.objects.filter(shop=shop, kind=OutletKind.EMAIL)
    return list(dict.fromkeys(address for row in rows for address in row.address.splitlines()))


@transaction.atomic
def ask_again(*, outlet: Outlet, address: str, origin: str) -> None:
    """Send the confirmation mail once more. Refused: `unknown_address`, `confirmed`, `too_many_mails` (429)."""
    if outlet.kind != OutletKind.EMAIL or address not in outlet.address.splitlines():
        raise Refused("unknown_address", _("This channel has no such address."), field="address", status=404)
    Shop.objects.select_for_update(no_key=True).get(pk=outlet.shop_id)
    row, _made = Recipient.objects.get_or_create(shop=outlet.shop, address=address)
    if row.confirmed_at is not None:
        raise Refused("confirmed", _("This address has been confirmed already."), status=409)
    if not _may_mail(row, timezone.now()):
        words = _("This address, or this shop, has been sent enough of these mails today. Try again tomorrow.")
        raise Refused("too_many_mails", words, status=429)
    row.wanted_at, row.origin, row.language = timezone.now(), origin or settings.PUBLIC_URL, outlet.language
    row.save()
    enqueue("outgoing.ask_recipients")


def _may_mail(row: Recipient, now: datetime) -> bool:
    mails = ConfirmationMail.objects.filter(sent_at__gt=now - DAY)
    return (
        mails.filter(address=row.address.lower()).count() < MAX_MAILS_PER_ADDRESS
        and mails.filter(shop=row.shop_id).count() < MAX_MAILS_PER_SHOP
    )


def waiting_recipients() -> list[int]:
    """Keys of the recipients to whom a confirmation mail is still to go out."""
    return list(Recipient.objects.filter(wanted_at__isnull=False).order_by("pk").values_list("pk", flat=True)[:500])


def ask_recipient(pk: int) -> int:
    """Send one confirmation mail, if it may go out now; how many went out.

    The mail is noted before it is sent: a killed process costs one mail, not a second one.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = Recipient.objects.select_for_update(skip_locked=True, of=("self",)).select_related("shop")
        row = rows.filter(pk=pk, wanted_at__isnull=False).first()
        if row is None or not settings.EMAIL_URL or not (row.origin or settings.PUBLIC_URL):
            return 0
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        row.wanted_at = None
        if row.confirmed_at is None and _may_mail(row, now):
            row.asked_at = now
            ConfirmationMail.objects.create(shop=row.shop, address=row.address.lower(), sent_at=now)
        row.save()
    if row.asked_at != now:
        return 0
    try:
        _mail(row).send()
    except (SMTPException, OSError, ValueError) as failed:
        log.warning("a confirmation mail was not accepted: %s", type(failed).__name__)
        return 0
    return 1


def _mail(row: Recipient) -> EmailMessage:
    with translation.override(row.language):
        words = {"shop": row.shop.name, "link": confirmation_link(row), "days": VALID_FOR.days}
        subject = _("Do you want the alerts of %(shop)s?") % words
        body = _(
            "Somebody of “%(shop)s” has entered this address for alerts from Fenliu. Nothing is sent to it until you "
            "confirm that on this page, within %(days)s days:\n\n%(link)s\n\nIf you do not want that, do nothing."
        )
        return EmailMessage(subject.replace("\n", " "), body % words, to=[row.address])


def confirmation_link(row: Recipient) -> str:
    token = signing.dumps([row.pk, row.shop_id, row.address], salt=SALT)
    return f"{row.origin or settings.PUBLIC_URL}{reverse('outgoing_confirm', args=[token])}"


def read_link(token: str) -> Recipient:
    """The recipient of a link. Raises LinkInvalid."""
    try:
        pk, shop, address = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkInvalid from None
    row = Recipient.objects.select_related("shop").filter(pk=pk, shop=shop, address=address).first()
    if row is None:
        raise LinkInvalid
    return row


@transaction.atomic
def confirm(*, token: str) -> Recipient:
    """From now on alerts are sent to the address; what waits for it goes out at once. Raises LinkInvalid."""
    pk = read_link(token).pk
    row = Recipient.objects.select_for_update(of=("self",)).select_related("shop").filter(pk=pk).first()
    if row is None:
        raise LinkInvalid
    if row.confirmed_at is None:
        now = timezone.now()
        row.confirmed_at, row.wanted_at = now, None
        row.save(update_fields=["confirmed_at", "wanted_at"])
        record(shop=row.shop, action=AuditAction.OUTGOING_CHANGED, subject=row.address, after={"confirmed": True})
        _let_go(row, now)
    return row


def _let_go(row: Recipient, now: datetime) -> None:
    outlets = [
        outlet.pk
        for outlet in Outlet.objects.filter(shop=row.shop_id, kind=OutletKind.EMAIL)
        if row.address in outlet.address.splitlines()
    ]
    Outlet.objects.filter(pk__in=outlets).update(rest_until=None, failing=0, failing_since=None)
    Delivery.objects.filter(shop=row.shop_id, outlet__in=outlets, state__in=DUE_STATES).update(next_at=now)


def drop_old_mails(*, now: datetime) -> int:
    """Drop what no limit looks at any more, and previous secrets that have run out; how many rows."""
    dropped = ConfirmationMail.objects.filter(sent_at__lt=now - DAY).delete()[0]
    ended = Outlet.objects.filter(previous_until__lt=now)
    return dropped + ended.update(previous_secret="", previous_until=None)
