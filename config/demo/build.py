"""Builds a demo shop through the services; two weeks of traffic from the simulator."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from agents.models import Account, Shop
from agents.permissions import Actor
from agents.services import create_shop
from agents.vocabulary import Platform, Role
from chat.selectors import chat_of
from chat.services import save_chat
from config.demo.answers import set_answers
from config.demo.plans import plan_shifts
from config.demo.shops import CLERKS, DemoShop
from config.demo.words import NICKNAMES, text_of
from conversations.models import Conversation
from metrics.models import DefinitionOverride
from metrics.selectors.day_detail import columns_of
from metrics.selectors.definitions import shop_definitions
from metrics.services import assess, set_override
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.state import ShopState
from routing.engine.types import Agent
from routing.models import RoutingVersion
from routing.selectors import current_version
from routing.services import add_sub_account, publish
from routing.services.recorded import record_traffic
from routing.simulator.traffic import Plan, Traffic

DAYS = 14
SEED = 20261122


def is_built(demo: DemoShop) -> bool:
    return Conversation.objects.filter(shop__slug=demo.slug).exists()


def set_passwords(operator: str, shops: Iterable[DemoShop], password: str) -> None:
    """One password for every demo login, whatever its strength: a demo is to be shown, and hashing it once is quick."""
    accounts = Account.objects.filter(home_shop__slug__in=[demo.slug for demo in shops])
    (accounts | Account.objects.filter(account=operator)).update(password=make_password(password))


def build_shop(demo: DemoShop, now: datetime) -> Shop:
    """The shop with its people, its settings in two versions, and everything up to `now` assessed.

    Each step is done only where it is missing: one that was killed half-way goes on where it stopped.
    """
    password = secrets.token_urlsafe(16)
    shop = Shop.objects.filter(slug=demo.slug).first() or create_shop(
        slug=demo.slug, platform=demo.platform, name=demo.name, main=f"{demo.slug}-main", password=password
    )
    Shop.objects.filter(pk=shop.pk).update(seed=SEED)
    shop.seed = SEED
    Account.objects.filter(account=f"{demo.slug}-main").update(display_name="小满-主账号")
    _add_people(shop, demo, password)
    version = current_version(shop)
    if version.number < 3:
        version = _publish(shop, demo, now - timedelta(days=DAYS))
        RoutingVersion.objects.filter(shop=shop, number=1).update(created_at=now - timedelta(days=DAYS, hours=1))
    if chat_of(shop.slug) is None:
        save_chat(shop=shop, on=True, welcome="每天 8:00–23:00 在线")
    if demo.platform == Platform.PINDUODUO:
        set_answers(shop, f"{demo.slug}-main")
    if not is_built(demo):
        traffic = _traffic(shop, demo, version, now)
        traffic.run()
        record_traffic(shop=shop, traffic=traffic, text_of=text_of)
    today = now.astimezone(shop.zone).date()
    _attach_penalties(shop, demo, today)
    plan_shifts(shop, demo, today)
    assess(shop=shop, date_from=today - timedelta(days=DAYS), date_to=today, now=now)
    return shop


def _attach_penalties(shop: Shop, demo: DemoShop, today: date) -> None:
    """The shop's own penalties, for its strictest metric and from the first day on."""
    if demo.penalties is None or DefinitionOverride.objects.filter(shop=shop).exists():
        return
    metric = columns_of(shop_definitions(shop).on(today))[0].key
    set_override(shop=shop, metric=metric, valid_from=today - timedelta(days=DAYS), penalties=demo.penalties)


def _add_people(shop: Shop, demo: DemoShop, password: str) -> None:
    people = [(f"{demo.slug}-mg", "小满-主管", [Role.CS_MANAGER]), (f"{demo.slug}-op", "小满-运营", [Role.OPERATIONS])]
    for n, (name, _, _) in enumerate(CLERKS, 1):
        roles = [Role.AGENT, Role.LOGISTICS_AGENT] if n == 6 else [Role.AGENT]
        people.append((demo.account(n), f"小满-{name}", roles))
    there = set(shop.sub_accounts.values_list("name", flat=True))
    for account, name, roles in people:
        if account not in there:
            cap = demo.cap if Role.AGENT in roles else None
            add_sub_account(
                shop=shop, account=account, password=password, display_name=name, roles=roles, max_concurrent=cap
            )


def _publish(shop: Shop, demo: DemoShop, at: datetime) -> RoutingVersion:
    main = Actor(
        shop,
        account=Account.objects.get(account=f"{demo.slug}-main"),
        sub_account=shop.sub_accounts.get(name=f"{demo.slug}-main"),
    )
    document = demo.routing()
    publish(shop=shop, document={key: document[key] for key in document if key != "offline"}, actor=main, now=at)
    return publish(shop=shop, document=document, actor=main, now=at + timedelta(hours=2))


def _traffic(shop: Shop, demo: DemoShop, version: RoutingVersion, now: datetime) -> Traffic:
    """Two weeks up to now, with the shop's own slow days."""
    today = now.astimezone(shop.zone).date()
    agents = [
        Agent(row.name, frozenset(row.roles), row.max_concurrent, row.mobile_app, row.enabled)
        for row in shop.sub_accounts.all()
    ]
    accounts = [agent.name for agent in agents]
    document = read_document(version.document, demo.platform, accounts)
    settings = compile_settings(document, demo.platform, version.number, version.created_at)
    plan = Plan(
        people=demo.people(),
        days=tuple(today - timedelta(days=n) for n in range(DAYS, -1, -1)),
        until=now,
        buyers_a_day=demo.buyers_a_day,
        entries=demo.entries,
        order_statuses=demo.order_statuses,
        questions=demo.questions,
        slow_days={today - timedelta(days=n): demo.pace * dict(demo.slow).get(n, 1.0) for n in range(DAYS + 1)},
        nicknames=NICKNAMES,
        on_duty_at_the_end=tuple(demo.accounts(1, 3, 4)),
    )
    return Traffic(ShopState(settings, shop.zone, shop.seed, agents), plan, SEED)
