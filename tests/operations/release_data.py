"""What a release's data hold: a row, at least, of every table that an upgrade could hurt."""

from datetime import timedelta

from django.utils import timezone

from agents.models import Shop, SubAccount
from agents.services import create_key, create_shop, create_token
from agents.services.leases import take_lease
from agents.services.shifts import save_kind, set_follows, set_shift
from agents.vocabulary import Role
from metrics.formulas.definitions import keys_of
from metrics.models import Heading
from metrics.services import set_override
from outgoing.models import Push, PushCursor, PushSubscription
from routing import services
from routing.models import CounterDrift, NeverRouteMember
from tests.agents.factories import actor_of
from tests.chat.builders import make_chat
from tests.metrics.builders import DAY
from tests.operations.retention_shop import furnished
from tests.url_table import OBJECTS

DOCUMENTS = {
    "pinduoduo": {
        "mode": "advanced",
        "pages": {"goods_detail": ["boss-pinduoduo"]},
        "groups": [
            {"name": "售前", "members": [{"account": "boss-pinduoduo", "weight": 300}], "order_statuses": ["unpaid"]}
        ],
        "offline": {"enabled": True, "agents": ["boss-pinduoduo"]},
        "never_route": [],
    },
    "douyin": {
        "entries": {"live": {"assign": "by_question", "questions": {"发货": ["boss-douyin"]}}},
        "allocation": "even_today",
    },
}


def fill() -> None:
    counted = furnished()
    counted.slug = "release-history"
    counted.save()
    for platform, slug in (("pinduoduo", "release"), ("douyin", "release-douyin")):
        _shop(platform, slug)


def _shop(platform: str, slug: str) -> Shop:
    name = f"boss-{platform}"
    shop = create_shop(slug=slug, platform=platform, name="发布", main=name, password="Release-2026-pass")
    main = shop.sub_accounts.get(name=name)
    services.change_sub_account(shop=shop, agent=name, roles=[Role.MAIN.value, Role.AGENT.value])
    main.refresh_from_db()
    for make in OBJECTS.values():
        make(shop)
    services.publish(shop=shop, document=DOCUMENTS[platform], now=timezone.now())
    create_token(account=main.account)
    create_key(actor=actor_of(main), name="key")
    services.set_presence(shop=shop, agent=name, status="online", now=timezone.now())
    services.set_presence(shop=shop, agent=name, status="break", now=timezone.now() + timedelta(seconds=1))
    _shifts(shop, main)
    _others(shop, main)
    return shop


def _shifts(shop: Shop, main: SubAccount) -> None:
    kind = save_kind(shop=shop, name="早班", colour="blue", times="08:00-16:00")
    set_shift(shop=shop, who=main, day=DAY, kind=kind, weekly=True)
    set_shift(shop=shop, who=main, day=DAY, kind=None)
    set_follows(shop=shop, follows=True)
    take_lease(sub_account=main, at=timezone.now())


def _others(shop: Shop, main: SubAccount) -> None:
    """Rows of what comes about by chance, or by a browser."""
    now = timezone.now()
    make_chat(shop)
    set_override(shop=shop, metric=min(keys_of(shop.platform)), valid_from=DAY, penalties=[])
    Heading.objects.create(shop=shop, metric="reply_5m", date=DAY)
    CounterDrift.objects.create(shop=shop, sub_account=main, at=now, counter="open", counted=2, truth=1)
    PushCursor.objects.get_or_create(shop=shop)
    keys = {"p256dh": "x", "auth": "y", "session": "s", "password": "p"}
    browser = PushSubscription.objects.create(account=main.account, endpoint=f"https://push.example/{shop.pk}", **keys)
    Push.objects.create(shop=shop, subscription=browser, key="1", body="{}")
    never = SubAccount.objects.filter(shop=shop).exclude(pk=main.pk).first()
    NeverRouteMember.objects.get_or_create(shop=shop, sub_account=never)
