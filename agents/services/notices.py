from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation

from agents.acting import acting
from agents.models import Account, AccountMail, AccountNotice
from agents.present import present
from agents.vocabulary import NoticeKind


def notify(*, account: Account, kind: NoticeKind, now: datetime | None = None) -> AccountNotice:
    """Tell an account's holder what has happened, inside the transaction of the change; by mail too, where they have a
    verified address. From where and in which browser is the present request's."""
    request = present.get()
    browser = request.headers.get("User-Agent", "")[:200] if request is not None else ""
    notice = AccountNotice.objects.create(
        account=account, kind=kind, at=now or timezone.now(), browser=browser, address=acting().address
    )
    if account.email:
        queue_mail(account=account, kind=AccountMail.Kind.NOTICE, address=account.email, notice=notice)
    return notice


def queue_mail(*, account: Account, kind: str, address: str, notice: AccountNotice | None = None) -> None:
    """Have a mail sent by the next run of the job; nothing where the installation sends no mail."""
    if settings.EMAIL_URL:
        language = translation.get_language() or settings.LANGUAGE_CODE
        AccountMail.objects.create(account=account, kind=kind, address=address, notice=notice, language=language)


def acknowledge_notices(*, account: Account, now: datetime) -> int:
    return AccountNotice.objects.filter(account=account, seen_at=None).update(seen_at=now)
