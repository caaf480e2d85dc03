"""Reading a shop's outlets and what went to them."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from agents.models import Shop
from core.secrets import StoredSecret
from outgoing.models import Delivery, Outlet, Recipient
from outgoing.vocabulary import DUE_STATES, OutletKind

TAIL = 4
"""Characters of a robot's address that are shown to know it again: the rest lets anybody write to the group."""


def outlets_of(shop: Shop) -> QuerySet[Outlet]:
    """With how many deliveries wait (`waiting`): counted by the index of those alone, however many have gone out."""
    due = Delivery.objects.filter(outlet=OuterRef("pk"), state__in=DUE_STATES).order_by().values("outlet")
    waiting = Coalesce(Subquery(due.annotate(number=Count("pk")).values("number")), 0)
    return Outlet.objects.filter(shop=shop).select_related("shop").annotate(waiting=waiting).order_by("pk")


def webhooks_of(shop: Shop) -> QuerySet[Outlet]:
    return outlets_of(shop).filter(kind=OutletKind.WEBHOOK)


def channels_of(shop: Shop) -> QuerySet[Outlet]:
    """Where alerts go."""
    return outlets_of(shop).exclude(kind=OutletKind.WEBHOOK)


def deliveries_of(outlet: Outlet, state: str = "") -> QuerySet[Delivery]:
    """The newest first."""
    rows = Delivery.objects.filter(shop=outlet.shop_id, outlet=outlet).order_by("-pk")
    return rows.filter(state=state) if state else rows


def delivery_counts(outlet: Outlet) -> Mapping[str, int]:
    """{state: how many}; "" for all of them."""
    rows = Delivery.objects.filter(shop=outlet.shop_id, outlet=outlet).order_by().values_list("state")
    found = dict(rows.annotate(Count("pk")))
    return found | {"": sum(found.values())}


def told_address(outlet: Outlet) -> str:
    """The address without what is secret in it: a webhook's query, a robot's key."""
    if isinstance(outlet.address, StoredSecret):
        return "?"
    if outlet.kind == OutletKind.EMAIL:
        return outlet.address.replace("\n", ", ")
    parts = urlsplit(outlet.address)
    if outlet.kind == OutletKind.WEBHOOK:
        return f"{parts.scheme}://{parts.netloc}{parts.path}{'?…' if parts.query else ''}"
    return f"{parts.hostname} …{outlet.address[-TAIL:]}"


def recipients_of(outlet: Outlet) -> list[Recipient]:
    """The addresses of an e-mail channel, in its order; one that was never asked is an unsaved row."""
    addresses = outlet.address.splitlines() if outlet.kind == OutletKind.EMAIL else []
    known = {row.address: row for row in Recipient.objects.filter(shop=outlet.shop_id, address__in=addresses)}
    return [known.get(one) or Recipient(shop_id=outlet.shop_id, address=one) for one in addresses]


def confirmed_addresses(outlet: Outlet) -> list[str]:
    """Those of an e-mail channel to which something may be sent."""
    return [row.address for row in recipients_of(outlet) if row.confirmed_at is not None]
