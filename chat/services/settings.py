"""The shop's own settings of its chat; each saving is recorded."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.errors import Refused
from agents.models import Shop
from agents.services import record_changes
from agents.vocabulary import AuditAction
from chat.models import ChatSettings
from chat.origins import BadOrigin, read_origin

MOST_ORIGINS = 50
FIELDS = ("on", "title", "welcome", "origins")
LONGEST = {"title": 30, "welcome": 60}
WHY: dict[str, str | Promise] = {
    "scheme": _("It must begin with https:// or http://."),
    "host": _("There is no name of a website in it that browsers understand; * cannot be used."),
    "port": _("The port after the colon is no number from 1 to 65535."),
    "more": _("Only the part up to the first single slash, without a page: https://www.example.com"),
    "long": _("It is too long for the address of a website."),
}


def save_chat(*, shop: Shop, on: bool, title: str = "", welcome: str = "", origins: Iterable[str] = ()) -> ChatSettings:
    """Put the settings of the chat in force; they hold from the next page that is loaded.

    Refused, with the field: `too_long`, `invalid_origin` (which line, and why), `too_many`.
    """
    title, welcome = " ".join(title.split()), " ".join(welcome.split())
    for field, text in (("title", title), ("welcome", welcome)):
        most = LONGEST[field]
        if len(text) > most:
            said = now("Longer than %(most)s characters.") % {"most": most}
            raise Refused("too_long", said, field=field, status=422)
    values = {"on": on, "title": title, "welcome": welcome, "origins": _read(origins)}
    with transaction.atomic():
        ChatSettings.objects.bulk_create([ChatSettings(shop=shop)], ignore_conflicts=True)
        row = ChatSettings.objects.select_for_update().get(shop=shop)
        before = {name: getattr(row, name) for name in FIELDS}
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        record_changes(shop=shop, action=AuditAction.CHAT_CHANGED, subject="", before=before, after=values)
    return row


def _read(given: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for number, line in enumerate(given, 1):
        if not line.strip():
            continue
        try:
            found[read_origin(line)] = None
        except BadOrigin as bad:
            words = {"number": number, "given": line.strip()[:60], "why": WHY[str(bad)]}
            said = now("Line %(number)s, “%(given)s”: %(why)s") % words
            raise Refused("invalid_origin", said, field="origins", status=422) from None
    if len(found) > MOST_ORIGINS:
        said = now("At most %(most)s.") % {"most": MOST_ORIGINS}
        raise Refused("too_many", said, field="origins", status=422)
    return list(found)
