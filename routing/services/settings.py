"""Publishing settings (DESIGN 4): the tables, an immutable version, and the pass that follows."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from agents.errors import Conflict, Forbidden, Refused
from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor, may_edit_routing_key
from agents.services import record, record_changes
from agents.vocabulary import AuditAction, Platform
from config.statements import update
from routing.engine import events
from routing.engine.checking import Malformed
from routing.engine.compile import compile_settings
from routing.engine.difference import Change, difference
from routing.engine.document import Document, read_document
from routing.engine.vocabulary import ENTRIES
from routing.models import RoutingSettings, RoutingVersion
from routing.selectors import current_document
from routing.services.lane import Work, in_lane
from routing.services.tables import write_tables


class StaleVersion(Conflict):
    """Somebody published in between."""


def checked_document(shop: Shop, document: Any, path: str = "") -> Document:
    """The document whole. Raises Refused `malformed` whose field is the place."""
    names = set(SubAccount.objects.for_shop(shop).values_list("name", flat=True))
    try:
        return read_document(document, Platform(shop.platform), names, path)
    except Malformed as error:
        raise Refused("malformed", str(error), field=error.path or "routing") from None


def publish(
    *,
    shop: Shop,
    document: Any,
    actor: Actor | None = None,
    operator: Account | None = None,
    expected_version: int | None = None,
    restored_from: int | None = None,
    now: datetime | None = None,
) -> RoutingVersion:
    """Put a routing document in force as the next version; the waiting are decided again (G6).

    `actor`: who publishes, None for the product itself; Forbidden if they may not change what differs
    (DESIGN 8, DY10). `operator`: who runs the installation and publishes from Django's admin, bound by no role.
    `expected_version`: what they saw; another one in force raises StaleVersion `stale_version`.
    """
    with in_lane(shop, now) as work:
        lane = work.lane
        if expected_version is not None and expected_version != lane.version:
            raise StaleVersion(
                "stale_version",
                _("Version %(now)s is in force; you started from version %(seen)s.")
                % {"now": lane.version, "seen": expected_version},
                field="version",
            )
        whole = checked_document(shop, document)
        changes = difference(dict(work.state.settings.document), whole)
        if actor is not None:
            _refuse_forbidden(actor, changes)
        version = RoutingVersion.objects.create(
            shop=shop,
            number=lane.version + 1,
            document=whole,
            changes=changes,
            restored_from=restored_from,
            created_at=work.at,
            created_by=operator if actor is None else actor.account,
        )
        _put_in_force(work, version)
        record(
            shop=shop,
            action=AuditAction.SETTINGS_PUBLISHED,
            subject=str(version.number),
            before={"version": version.number - 1},
            after={"version": version.number, "restored_from": restored_from, "changes": changes},
        )
        return version


def _put_in_force(work: Work, version: RoutingVersion) -> None:
    """The tables, the lane and the rules go over to a version; who waits is decided again (G6)."""
    write_tables(shop=work.shop, document=version.document)
    work.lane.version = version.number
    work.lane.settings_at = work.at
    work.lane.settings_token = uuid4().hex
    update(work.lane, ("version", "settings_at", "settings_token"))
    settings = compile_settings(version.document, Platform(work.shop.platform), version.number, work.at)
    work.happen(events.SettingsChange(settings))
    work.events[-1].data["version"] = version.number


def _refuse_forbidden(actor: Actor, changes: list[Change]) -> None:
    """Every changed key must be the actor's to change; publishing what is in force already is routing's too."""
    keys = {str(change["path"]).split(".")[0] for change in changes} or {"mode"}
    for key in sorted(keys):
        if not may_edit_routing_key(actor, key):
            raise Forbidden("forbidden", _("Your role may not change this part of the settings."), field=key)


def restore(*, shop: Shop, number: int, actor: Actor | None = None, now: datetime | None = None) -> RoutingVersion:
    """Publish version `number` again. Refused: `unknown_version`."""
    version = RoutingVersion.objects.filter(shop=shop, number=number).first()
    if version is None:
        raise Refused("unknown_version", _("There is no version %(number)s.") % {"number": number}, status=404)
    return publish(shop=shop, document=version.document, actor=actor, restored_from=number, now=now)


@transaction.atomic
def hide_page(*, shop: Shop, page: str, hidden: bool, actor: Actor) -> None:
    """Take a page out of the settings screen, or back into it (ROUTING section 3). It steers nothing, so a page with
    agents set cannot be hidden: nobody would see why its buyers go where they go.

    Raises Refused `unknown_page`, `page_has_agents`; Forbidden.
    """
    _refuse_forbidden(actor, [{"path": "pages"}])
    if page not in ENTRIES.get(Platform(shop.platform), ()) or shop.platform != Platform.PINDUODUO:
        raise Refused("unknown_page", _("This place of the settings is not there."), field="page")
    row, _made = RoutingSettings.objects.select_for_update().get_or_create(shop=shop)
    if hidden and current_document(shop)["pages"].get(page):
        raise Refused("page_has_agents", _("Agents are set for this page: take them out first."), field="page")
    before = list(row.hidden_pages)
    row.hidden_pages = [
        code for code in ENTRIES[Platform.PINDUODUO] if (code in before and code != page) or (hidden and code == page)
    ]
    row.save(update_fields=["hidden_pages"])
    record_changes(
        shop=shop,
        action=AuditAction.SHOP_CHANGED,
        subject=shop.slug,
        before={"hidden_pages": before},
        after={"hidden_pages": row.hidden_pages},
    )
