"""Mail to accounts: notices, the check of an address, a new password for who has forgotten theirs."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from agents.errors import Refused, TooMany
from agents.models import Account, AccountMail
from agents.services.accounts import set_own_password
from agents.services.notices import notify, queue_mail
from agents.vocabulary import NoticeKind
from core.limits import Limit

logger = logging.getLogger(__name__)
MAILS = Limit("SIGN_IN_LIMITS", "mails")
VERIFY_SALT, VERIFY_SECONDS = "agents.email", 24 * 3600
MAX_TRIES, AT_ONCE = 5, 50
TOO_OLD = timedelta(hours=24)
Kind = AccountMail.Kind


def mails_can_be_sent() -> bool:
    """The installation sends mail, and knows its own address for the links in it."""
    return bool(settings.EMAIL_URL and settings.PUBLIC_URL)


def request_email(*, account: Account, address: str) -> None:
    """Send a link to an address, which becomes the account's once it is opened. Raises Refused at `email`."""
    if not mails_can_be_sent():
        raise Refused("no_mail", _("This installation sends no mail."), field="email")
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused("invalid", error.messages[0], field="email") from error
    _count(f"account:{account.pk}")
    queue_mail(account=account, kind=Kind.VERIFY, address=address)


@transaction.atomic
def confirm_email(*, account: Account, token: str) -> None:
    """Raises Refused `bad_link`: too old, or another account's."""
    try:
        given: Any = signing.loads(token, salt=VERIFY_SALT, max_age=VERIFY_SECONDS)
    except signing.BadSignature:
        given = None
    if not isinstance(given, list) or len(given) != 2 or given[0] != account.pk:
        raise Refused("bad_link", _("This link is too old, or not for this account."))
    if account.email and account.email != given[1]:
        notify(account=account, kind=NoticeKind.EMAIL_CHANGED)  # to the old address
    account.email = given[1]
    account.save(update_fields=["email"])


@transaction.atomic
def remove_email(*, account: Account) -> None:
    if account.email:
        notify(account=account, kind=NoticeKind.EMAIL_CHANGED)
        account.email = ""
        account.save(update_fields=["email"])


def request_reset(*, name: str, network: str) -> None:
    """Send a link for a new password, if there is such an account with a verified address. Says nothing of that.
    Raises TooMany."""
    _count(f"network:{network}")
    account = Account.objects.filter(account=name, is_active=True).exclude(email="").first()
    if account is not None and mails_can_be_sent() and not MAILS.spend(f"reset:{account.pk}"):
        queue_mail(account=account, kind=Kind.RESET, address=account.email)


def account_of_link(uid: str, token: str) -> Account | None:
    """Return the account of a link for a new password; None once it is used or too old."""
    try:
        pk = int(urlsafe_base64_decode(uid).decode())
    except (ValueError, UnicodeDecodeError):
        return None
    account = Account.objects.filter(pk=pk, is_active=True).first() if 0 < pk < 2**63 else None
    return account if account is not None and default_token_generator.check_token(account, token) else None


def reset_by_mail(*, account: Account, password: str) -> None:
    """The password that the holder of the mail's link has chosen. Raises Refused `weak_password`."""
    set_own_password(account=account, password=password)


def send_mails(*, now: datetime | None = None) -> int:
    """Send what waits, each mail by itself: one that fails is tried again with the next run, five times; how many."""
    now = now or timezone.now()
    waiting = AccountMail.objects.filter(sent_at=None, tries__lt=MAX_TRIES, created_at__gt=now - TOO_OLD)
    sent = 0
    for mail in waiting.select_related("account", "notice")[:AT_ONCE]:
        # Taken before it is sent: two runs at once send it once, and a mail that kills its run is not tried for ever.
        if not AccountMail.objects.filter(pk=mail.pk, tries=mail.tries, sent_at=None).update(tries=mail.tries + 1):
            continue
        try:
            _send(mail)
        except (SMTPException, OSError) as error:
            logger.warning("mail to an account failed: %r", error)
            continue
        AccountMail.objects.filter(pk=mail.pk).update(sent_at=now)
        sent += 1
    return sent


def _send(mail: AccountMail) -> None:
    with translation.override(mail.language):
        context = {
            "account": mail.account,
            "notice": mail.notice,
            "link": _link(mail),
            "home": f"{settings.PUBLIC_URL}{settings.PREFIX}",
        }
        text = render_to_string(f"agents/mails/{mail.kind}.txt", context)
    subject, _line, body = text.partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [mail.address])


def _link(mail: AccountMail) -> str:
    if mail.kind == Kind.VERIFY:
        path = reverse("email_confirm", args=[signing.dumps([mail.account_id, mail.address], salt=VERIFY_SALT)])
    elif mail.kind == Kind.RESET:
        uid = urlsafe_base64_encode(str(mail.account_id).encode())
        path = reverse("password_by_mail", args=[uid, default_token_generator.make_token(mail.account)])
    else:
        path = reverse("account_security")
    return f"{settings.PUBLIC_URL}{path}"


def _count(who: str) -> None:
    wait = MAILS.spend(who)
    if wait:
        words = _("Too many mails have been asked for. Try again in %(minutes)s minutes.") % {"minutes": -(-wait // 60)}
        raise TooMany(words, wait, field="email")
