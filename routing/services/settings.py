"""Publishing settings (DESIGN 4): the tables, an immutable version, and the pass that follows."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Account, Shop, SubAccount
from agents.vocabulary import Platform
from routing.engine import events
from routing.engine.checking import Malformed
from routing.engine.compile import compile_settings
from routing.engine.difference import difference
from routing.engine.document import Document, read_document
from routing.models import RoutingVersion
from routing.services.lane import in_lane
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
    by: Account | None = None,
    expected_version: int | None = None,
    restored_from: int | None = None,
    now: datetime | None = None,
) -> RoutingVersion:
    """Put a routing document in force as the next version; the waiting are decided again (G6).

    `expected_version`: what the caller saw; another one in force raises StaleVersion `stale_version`.
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
        before = work.state.settings.document
        version = RoutingVersion.objects.create(
            shop=shop,
            number=lane.version + 1,
            document=whole,
            changes=difference(dict(before), whole),
            restored_from=restored_from,
            created_at=work.at,
            created_by=by,
        )
        write_tables(shop=shop, document=whole)
        lane.version = version.number
        lane.settings_at = work.at
        lane.settings_token = uuid4().hex
        settings = compile_settings(whole, Platform(shop.platform), version.number, work.at)
        work.happen(events.SettingsChange(settings))
        return version


def restore(*, shop: Shop, number: int, by: Account | None = None, now: datetime | None = None) -> RoutingVersion:
    """Publish version `number` again. Refused: `unknown_version`."""
    version = RoutingVersion.objects.filter(shop=shop, number=number).first()
    if version is None:
        raise Refused("unknown_version", _("There is no version %(number)s.") % {"number": number}, status=404)
    return publish(shop=shop, document=version.document, by=by, restored_from=number, now=now)
