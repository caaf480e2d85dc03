"""The shop's people as the routing screens show them, and the few figures beside the settings."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count

from agents.models import Shop, SubAccount
from agents.vocabulary import Platform
from conversations.models import Buyer, Conversation
from routing.engine.vocabulary import DEFAULT_CAP
from routing.words import Person

RECENT_BUYERS = 20


PERSON_FIELDS = (
    "name",
    "account__display_name",
    "roles",
    "status",
    "counter__open",
    "max_concurrent",
    "enabled",
    "account_id",
    "mobile_app",
)


def people_of(shop: Shop) -> dict[str, Person]:
    """Every sub-account by account name, with its load and the cap in force: one query, and no models made of it."""
    default = DEFAULT_CAP.get(Platform(shop.platform))
    rows = SubAccount.objects.for_shop(shop).order_by("name").values_list(*PERSON_FIELDS)
    return {
        name: Person(
            account=name,
            label=label or name,
            roles=tuple(roles),
            status=status,
            load=load or 0,
            cap=default if cap is None else cap,
            enabled=enabled and login is not None,
            mobile_app=app,
        )
        for name, label, roles, status, load, cap, enabled, login, app in rows
    }


def labels_of(people: Iterable[Person]) -> dict[str, str]:
    return {person.account: person.label for person in people}


def shares_of_yesterday(shop: Shop, now: datetime) -> dict[str, int]:
    """Yesterday's conversations by order status, in whole percent; empty where there were none."""
    today = now.astimezone(shop.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    yesterday = (today - timedelta(hours=12)).replace(hour=0)
    rows = Conversation.objects.for_shop(shop).filter(opened_at__gte=yesterday, opened_at__lt=today)
    found: Counter[str] = Counter()
    for status, count in rows.order_by().values_list("order_status").annotate(Count("pk")):
        found[status or "none"] += count
    return {status: round(100 * count / found.total()) for status, count in found.items()}


def recent_buyers(shop: Shop) -> list[str]:
    """Ids to suggest where a buyer is asked for: those last in contact."""
    rows = Buyer.objects.filter(shop=shop, contact_at__isnull=False).order_by("-contact_at")
    return list(rows.values_list("external_id", flat=True)[:RECENT_BUYERS])
