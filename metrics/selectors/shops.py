"""Several shops at once: how each stands, the worst first. A fixed number of queries, however many shops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor, Permission, may
from agents.selectors import my_sub_accounts
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition, Override, definitions_on
from metrics.formulas.units import Figures
from metrics.models import DayRate, DefinitionOverride, PenaltyWindow
from metrics.selectors.day_detail import columns_of
from metrics.selectors.definitions import override_of


@dataclass(frozen=True, slots=True)
class ShopLine:
    """`metric`: the strictest assessed one, None where the platform has none; `window` as last counted."""

    shop: Shop
    metric: Definition | None
    day: Figures
    window: Figures
    meets: bool | None
    """The window's rate against the line; None while too little is decided."""
    penalties: int
    online: int
    in_line: int
    waiting_since: datetime | None
    unanswered: int

    @property
    def badness(self) -> tuple[int, float, int]:
        """In force, below the line, by how much above it; then who has most waiting."""
        standing = 0 if self.penalties else 1 if self.meets is False else 2 if self.meets else 3
        line = float(self.metric.pass_line) if self.metric and self.metric.pass_line is not None else 0.0
        return standing, (self.window.rate - line) if self.window.rate is not None else 1.0, -self.in_line


def shops_of(account: Account) -> list[Shop]:
    """The shops whose rates the account may read."""
    return shops_where(my_sub_accounts(account), account, Permission.METRICS_ALL)


def shops_where(places: Iterable[SubAccount], account: Account, permission: Permission) -> list[Shop]:
    """Those of an account's places where it has the permission."""
    return [row.shop for row in places if may(Actor(row.shop, account=account, sub_account=row), permission)]


def shop_lines(shops: Sequence[Shop], now: datetime) -> list[ShopLine]:
    overrides = _overrides(shops)
    chosen = {shop.pk: _strictest(shop, overrides.get(shop.pk, []), now) for shop in shops}
    rates = _rates(shops, now)
    penalties = dict(
        PenaltyWindow.objects.filter(shop__in=shops, state="open").order_by().values_list("shop").annotate(Count("pk"))
    )
    online = dict(
        SubAccount.objects.filter(shop__in=shops, enabled=True, status=Status.ONLINE)
        .order_by()
        .values_list("shop")
        .annotate(Count("pk"))
    )
    lines = {row["shop"]: row for row in _waiting(shops)}
    found = []
    for shop in shops:
        metric = chosen[shop.pk]
        rate = rates.get((shop.pk, metric.key)) if metric else None
        window = rate.window if rate else Figures()
        waiting = lines.get(shop.pk, {})
        found.append(
            ShopLine(
                shop=shop,
                metric=metric,
                day=rate.figures if rate else Figures(),
                window=window,
                meets=_meets(metric, window),
                penalties=penalties.get(shop.pk, 0),
                online=online.get(shop.pk, 0),
                in_line=waiting.get("in_line", 0),
                waiting_since=waiting.get("since"),
                unanswered=waiting.get("unanswered", 0),
            )
        )
    return sorted(found, key=lambda line: line.badness)


def _overrides(shops: Sequence[Shop]) -> dict[int, list[Override]]:
    found: dict[int, list[Override]] = {}
    for row in DefinitionOverride.objects.filter(shop__in=shops):
        found.setdefault(row.shop_id, []).append(override_of(row))
    return found


def _strictest(shop: Shop, overrides: Sequence[Override], now: datetime) -> Definition | None:
    columns = columns_of(definitions_on(shop.platform, day_of(now, shop.zone), overrides))
    return columns[0] if columns else None


def _rates(shops: Sequence[Shop], now: datetime) -> dict[tuple[int, str], DayRate]:
    """Today's row of each metric; shops in several time zones have several todays."""
    around = [now.date() + timedelta(days=n) for n in (-1, 0, 1)]
    today = {shop.pk: day_of(now, shop.zone) for shop in shops}
    rows = DayRate.objects.filter(shop__in=shops, date__in=around)
    return {(row.shop_id, row.metric): row for row in rows if row.date == today[row.shop_id]}


def _waiting(shops: Sequence[Shop]) -> list[dict[str, Any]]:
    queued = Q(state=State.QUEUED)
    rows = Conversation.objects.filter(shop__in=shops, state__in=(State.QUEUED, State.OPEN)).order_by().values("shop")
    counted = rows.annotate(
        in_line=Count("pk", filter=queued),
        since=Min("waiting_since", filter=queued),
        unanswered=Count("pk", filter=Q(state=State.OPEN, unanswered_since__isnull=False)),
    )
    return [dict(row) for row in counted]


def _meets(metric: Definition | None, window: Figures) -> bool | None:
    if metric is None or metric.pass_line is None or window.exact_rate is None or window.decided < metric.min_volume:
        return None
    return window.exact_rate >= metric.pass_line
