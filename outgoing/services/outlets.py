"""The shop's outlets: made, changed, switched, given a new secret, removed. Each is recorded, never with a secret."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Shop
from agents.services import record, record_changes
from agents.vocabulary import AuditAction
from outgoing.guard import BadAddress, permitted_addresses, read_url
from outgoing.labels import ERRORS, OUTLET_KINDS
from outgoing.models import Outlet
from outgoing.robots import robot_at
from outgoing.selectors import told_address
from outgoing.services.recipients import follow_addresses
from outgoing.vocabulary import SIGNED_KINDS, AlertEvent, OffBecause, OutletKind, WebhookEvent
from routing.models import Lane

MOST_OUTLETS = 20
MOST_ADDRESSES = 10
SECRET_PREFIX = "fws_"
PREVIOUS_SECRET_FOR = timedelta(hours=24)
LIMITS = {"queue_longer": (1, 10_000), "waited_minutes": (1, 1440), "cool_down": (1, 1440)}
CHANGEABLE = ("name", "address", "secret", "events", "language", "on", *LIMITS)


def new_webhook_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def create_outlet(*, shop: Shop, kind: str, origin: str = "", **given: Any) -> Outlet:
    """Make one; it is told what happens from now on. A webhook's secret is made here. `origin`: what the link of a
    confirmation mail begins with, by default FENLIU_URL.

    Refused, with the field: `invalid` (name, events, numbers), `bad_address` (and why), `too_many`.
    """
    if kind not in set(OutletKind):
        raise Refused("invalid", _("Unknown kind."), field="kind", status=422)
    values = _checked(
        OutletKind(kind), {"language": settings.LANGUAGE_CODE, "events": [], "name": "", "address": ""} | given
    )
    if kind == OutletKind.WEBHOOK:
        values["secret"] = new_webhook_secret()
    with transaction.atomic():
        if Outlet.objects.select_for_update().filter(shop=shop).count() >= MOST_OUTLETS:
            raise Refused("too_many", _("At most %(most)s.") % {"most": MOST_OUTLETS}, status=422)
        seq = Lane.objects.filter(pk=shop.pk).values_list("seq", flat=True).first() or 0
        outlet = Outlet.objects.create(shop=shop, kind=kind, seq=seq, **values)
        _follow(outlet, origin)
        after = {"kind": kind} | _recorded(outlet)
        record(shop=shop, action=AuditAction.OUTGOING_CHANGED, subject=outlet.name, after=after)
    return outlet


def change_outlet(*, outlet: Outlet, origin: str = "", **given: Any) -> Outlet:
    """Change what is given. Switched on again it is told what happens from then on. Refusals as `create_outlet`."""
    values = _checked(OutletKind(outlet.kind), given)
    with transaction.atomic():
        row = Outlet.objects.select_for_update(of=("self",)).select_related("shop").get(pk=outlet.pk)
        before = _recorded(row)
        changed_secret = "secret" in values and values["secret"] != row.secret
        switched = "on" in values and values["on"] != row.on
        moved = "address" in values and values["address"] != row.address
        for name, value in values.items():
            setattr(row, name, value)
        if switched:
            _switched(row)
        if moved:
            row.failing, row.failing_since, row.rest_until = 0, None, None
        row.save()
        if moved:
            _follow(row, origin)
        after = _recorded(row) | ({"new_secret": True} if changed_secret else {})
        record_changes(shop=row.shop, action=AuditAction.OUTGOING_CHANGED, subject=row.name, before=before, after=after)
    return row


def _switched(row: Outlet) -> None:
    row.off_because = OffBecause.ON if row.on else OffBecause.PERSON
    if row.on:
        row.seq = Lane.objects.filter(pk=row.shop_id).values_list("seq", flat=True).first() or 0
        row.failing, row.failing_since, row.rest_until = 0, None, None


def renew_secret(*, outlet: Outlet) -> str:
    """A new secret for a webhook, in force at once; it is shown this once. The one before signs too for
    PREVIOUS_SECRET_FOR, so that the receiver can change over."""
    secret = new_webhook_secret()
    with transaction.atomic():
        row = Outlet.objects.select_for_update(of=("self",)).get(pk=outlet.pk)
        row.previous_secret, row.previous_until = row.secret, timezone.now() + PREVIOUS_SECRET_FOR
        row.save(update_fields=["previous_secret", "previous_until"])
        change_outlet(outlet=row, secret=secret)
    return secret


def _follow(outlet: Outlet, origin: str) -> None:
    if outlet.kind == OutletKind.EMAIL:
        follow_addresses(shop=outlet.shop, language=outlet.language, origin=origin)


def remove_outlet(*, outlet: Outlet) -> None:
    """It is gone, with its deliveries."""
    with transaction.atomic():
        record(
            shop=outlet.shop,
            action=AuditAction.OUTGOING_CHANGED,
            subject=outlet.name,
            before=_recorded(outlet),
            after={"removed": True},
        )
        shop, language, mail = outlet.shop, outlet.language, outlet.kind == OutletKind.EMAIL
        outlet.delete()
        if mail:
            follow_addresses(shop=shop, language=language, origin="")


def _recorded(outlet: Outlet) -> dict[str, Any]:
    names = ("name", "events", "on") if outlet.kind == OutletKind.WEBHOOK else ("name", "events", "on", *LIMITS)
    return {"address": told_address(outlet)} | {name: getattr(outlet, name) for name in names}


def _checked(kind: OutletKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Refused for the first thing that cannot be."""
    values = {name: value for name, value in given.items() if name in CHANGEABLE}
    if "name" in values:
        values["name"] = _name(values["name"])
    if "address" in values:
        values["address"] = _address(kind, str(values["address"]))
    if "events" in values:
        values["events"] = _events(kind, values["events"])
    if "secret" in values and kind not in (*SIGNED_KINDS, OutletKind.WEBHOOK):
        values["secret"] = ""
    for name, (least, most) in LIMITS.items():
        if name in values and values[name] is not None and not least <= values[name] <= most:
            words = _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            raise Refused("invalid", words, field=name, status=422)
    return values


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or len(name) > 50:
        raise Refused("invalid", _("A name of 1 to 50 characters."), field="name", status=422)
    return name


def _events(kind: OutletKind, given: Iterable[str]) -> list[str]:
    known = WebhookEvent if kind == OutletKind.WEBHOOK else AlertEvent
    chosen = set(given)
    unknown = sorted(chosen - set(known))
    if unknown:
        raise Refused("invalid", _("Unknown: %(what)s") % {"what": unknown[0][:50]}, field="events", status=422)
    if not chosen:
        raise Refused("invalid", _("Choose at least one."), field="events", status=422)
    return [event for event in known if event in chosen]


def _address(kind: OutletKind, given: str) -> str:
    if kind == OutletKind.EMAIL:
        return _mailboxes(given)
    url = given.strip()
    try:
        target = read_url(url)
        lives = robot_at(target.host)
        if kind != OutletKind.WEBHOOK and lives not in (None, kind):
            words = _("This is the address of another robot: %(kind)s.") % {"kind": OUTLET_KINDS[lives]}
            raise Refused("bad_address", words, field="address", status=422)
        permitted_addresses(target)
    except BadAddress as bad:
        raise Refused("bad_address", ERRORS[bad.code], field="address", status=422) from None
    return url


def _mailboxes(given: str) -> str:
    found = list(dict.fromkeys(part.strip() for part in given.replace(",", "\n").splitlines() if part.strip()))
    if not found or len(found) > MOST_ADDRESSES:
        words = _("1 to %(most)s e-mail addresses, one a line.") % {"most": MOST_ADDRESSES}
        raise Refused("bad_address", words, field="address", status=422)
    for one in found:
        try:
            validate_email(one)
        except ValidationError:
            words = _("“%(given)s” is no e-mail address.") % {"given": one[:60]}
            raise Refused("bad_address", words, field="address", status=422) from None
    return "\n".join(found)
