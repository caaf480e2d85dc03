"""What falls due with time alone: buyers who have gone silent (DY13), holders who have (G21)."""

from datetime import datetime, timedelta

from django.db.models import F, Min
from django.utils import timezone

from agents.models import Shop
from agents.vocabulary import Status
from conversations.models import Conversation
from routing.engine.types import Decision
from routing.models import RoutingSettings
from routing.services.lane import in_lane


def run_time_outs(*, shop: Shop, now: datetime | None = None) -> list[Decision]:
    """Close and pass on what is due (DY13, G21), with what follows from it."""
    with in_lane(shop, now) as work:
        return work.decisions


def quiet_shops(now: datetime | None = None) -> set[int]:
    """Keys of the shops in which a conversation is to be closed (DY13)."""
    now, found = now or timezone.now(), set()
    for row in RoutingSettings.objects.filter(auto_close_minutes__isnull=False):
        limit = timedelta(minutes=row.auto_close_minutes or 0)
        if Conversation.objects.filter(shop=row.shop_id, quiet_since__lte=now - limit).exists():
            found.add(row.shop_id)
    return found


def silent_shops(now: datetime | None = None) -> set[int]:
    """Keys of the shops in which a holder has not answered for the set time (G21). One query, however many shops."""
    now, settings = now or timezone.now(), "shop__routing_settings__silence_"
    counting = Conversation.objects.filter(
        **{f"{settings}enabled": True},
        silent_since__isnull=False,
        silence_stuck=False,
        silence_times__lt=F(f"{settings}times"),
        holder__enabled=True,
    ).exclude(holder__status=Status.OFFLINE)
    firsts = counting.order_by().values_list("shop", f"{settings}after_seconds").annotate(Min("silent_since"))
    return {shop for shop, seconds, since in firsts if since <= now - timedelta(seconds=seconds)}
