"""A Pinduoduo shop with something on every screen: for what looks at all of them."""

from datetime import timedelta

from django.utils import timezone

from agents.models import Shop
from agents.services import set_shift
from agents.vocabulary import Role
from conversations.states import Sender
from routing import services
from tests.agents.factories import actor_of, make_key, make_member, make_shift, make_shop
from tests.conversations.answers import set_greeting, set_hot, set_menu, set_robot
from tests.metrics.rows import make_penalty

GROUPS = [
    {"name": "售前组", "members": [{"account": "a1", "weight": 500}, {"account": "a2"}], "order_statuses": ["none"]},
    {"name": "售后组", "members": [{"account": "a3"}], "order_statuses": ["after_sale", "received"]},
    {"name": "空组", "members": []},
]
ENTRIES = {
    "goods_detail": {"assign": "by_question", "questions": {"发什么快递": ["a1"], "是现货吗": []}},
    "order_detail": {"assign": "unified", "agents": ["a2", "a3"]},
}
DOCUMENTS = {
    "pinduoduo": {"pages": {"goods_detail": ["a1", "a2"], "order_detail": ["a3"]}, "groups": GROUPS},
    "kuaishou": {"mode": "grouped", "groups": GROUPS},
    "douyin": {"entries": ENTRIES, "queue": {"overflow": True}},
    "taobao": {"groups": GROUPS},
}


def furnished(platform: str = "pinduoduo", slug: str = "xiaoman") -> Shop:
    """Agents in every state, settings with something unset, in two versions."""
    shop = make_shop(slug, platform)
    boss = make_member(shop, Role.MAIN, name="boss")
    make_member(shop, Role.OPERATIONS, name="op1")
    for name, cap, status in (("a1", 1, "online"), ("a2", 20, "online"), ("a3", 20, "break"), ("a4", 20, "offline")):
        member = make_member(shop, name=name)
        member.max_concurrent = cap
        member.save()
        services.set_presence(shop=shop, agent=name, status=status)
    document = DOCUMENTS[platform] | {"offline": {"agents": ["a4"]}}
    services.publish(shop=shop, document={"offline": {"agents": ["a3"]}}, actor=actor_of(boss))
    services.publish(shop=shop, document=document, actor=actor_of(boss))
    return shop


def lived_in(shop: Shop) -> None:
    """Conversations answered, waiting and late, penalties, shifts, answers, a key."""
    now = timezone.now()
    answers = {"c1": 60, "c2": 600, "c3": None, "c4": None}
    for n, (name, after) in enumerate(answers.items()):
        opened = now - timedelta(minutes=30 - 5 * n)
        services.open_conversation(shop=shop, buyer=f"买家{n}", external_id=name, entry="goods_detail", now=opened)
        if after:
            then = opened + timedelta(seconds=after)
            services.post_message(shop=shop, conversation=name, sender=Sender.AGENT, text="在的，亲。", now=then)
    day = now.astimezone(shop.zone).date()
    make_penalty(shop)
    make_key(shop)
    kind = make_shift(shop, "白班")
    for account in ("a1", "a2"):
        set_shift(shop=shop, who=shop.sub_accounts.get(name=account), day=day, kind=kind, weekly=True)
    set_shift(shop=shop, who=shop.sub_accounts.get(name="a3"), day=day, kind=kind, weekly=False)
    for set_part in (set_greeting, set_hot, set_menu, set_robot):
        set_part(shop)
