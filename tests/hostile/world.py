"""A shop with something of everything, a second one whose things carry marks, and who calls."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from agents.models import Account, Shop
from agents.services import create_token
from agents.vocabulary import Role
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from routing.services.people import change_sub_account, set_presence
from tests.agents.factories import make_account, make_key, make_member, make_shop
from tests.metrics.rows import make_penalty
from tests.outgoing.builders import make_delivery, make_outlet
from tests.routing.factories import make_gone_buyer, make_image, make_version, make_waiting

SECRET = "QZSECRETZQ"
"""In everything of the second shop that only its own people may see."""
NAMED = "QZNAMEDZQ"
"""In its name and its people's names, which who runs the installation may see too."""
HANDLE = "elsewhere"
"""In its slug and its account names: a stranger may guess them, so calls send them, and only an answer to a call that
did not may hold none."""
PASSWORD = "correct horse battery staple"
ROLES = ("main", "admin", "cs_manager", "agent", "operations", "logistics_agent")
CALLERS = (*ROLES, "operator", "key", "nobody")


@dataclass
class Ours:
    """What a call may name of one shop: by the name of the path parameter, and by what stands before it."""

    shop: Shop
    conversations: list[int] = field(default_factory=list)
    images: list[int] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    buyers: list[str] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    penalties: list[int] = field(default_factory=list)
    webhooks: list[int] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)

    def of(self, parameter: str, path: str) -> list[Any]:
        """The values for a path parameter of `path`."""
        by_name = {
            "shop": [self.shop.slug],
            "account": self.accounts,
            "buyer": self.buyers,
            "number": [1, 2],
            "message": self.images,
            "delivery": self.deliveries,
        }
        by_place = {
            "conversations/{id}": self.conversations,
            "keys/{id}": self.keys,
            "penalties/{id}": self.penalties,
            "webhooks/{id}": self.webhooks,
        }
        found = next((values for place, values in by_place.items() if place in path), [])
        return by_name.get(parameter, found)


@dataclass
class World:
    first: Ours
    second: Ours
    headers: dict[str, dict[str, str]]
    """By caller."""


def make_world() -> World:
    first, second = furnish("hostile", ""), furnish(HANDLE, SECRET)
    people: dict[str, Account] = {role: member_named(first.shop, role) for role in ROLES}
    people["operator"] = make_account("the-operator", operator=True)
    headers = {name: header(create_token(account=account)) for name, account in people.items()}
    people["main"].set_password(PASSWORD)
    people["main"].save()
    headers |= {"key": header(make_key(first.shop)[1]), "nobody": {}}
    return World(first, second, headers)


def header(secret: str) -> dict[str, str]:
    return {"Authorization": f"Token {secret}"}


def member_named(shop: Shop, role: str) -> Account:
    return Account.objects.get(account=f"{shop.slug}-{role}")


def furnish(slug: str, mark: str) -> Ours:
    shop = make_shop(slug)
    Shop.objects.filter(pk=shop.pk).update(name=NAMED if mark else "小店")
    shop.refresh_from_db()
    members = [make_member(shop, Role(role), name=f"{slug}-{role}") for role in ROLES]
    Account.objects.filter(home_shop=shop).update(display_name=NAMED if mark else "")
    for role in ("agent", "logistics_agent"):
        set_presence(shop=shop, agent=f"{slug}-{role}", status="online")
    held = [talk(shop, f"{mark}b{n}", mark) for n in range(4)]
    for role in ("agent", "logistics_agent"):  # full from here on, and still there to be handed something
        change_sub_account(shop=shop, agent=f"{slug}-{role}", max_concurrent=1)
    robot = services.open_conversation(shop=shop, buyer=f"{mark}robot", entry="goods_detail", robot=True).conversation
    waiting = make_waiting(shop, f"{mark}waiting")
    image = make_image(shop)
    gone = make_gone_buyer(shop)
    outlet, delivery = make_outlet(shop), make_delivery(shop)
    type(outlet).objects.filter(pk=outlet.pk).update(name=f"钩{mark}")
    type(delivery).objects.filter(pk=delivery.pk).update(body=f'{{"of": "{mark}"}}')
    make_version(shop, 2)
    key = make_key(shop, f"程序{mark}")[0]
    penalty = make_penalty(shop)
    type(penalty).objects.filter(pk=penalty.pk).update(mark_reason=mark)
    return Ours(
        shop=shop,
        conversations=[row.pk for row in (*held, robot, waiting)] + [image.conversation_id],
        images=[image.pk],
        accounts=[member.name for member in members],
        buyers=[gone.external_id, f"{mark}b0"] if not mark else [gone.external_id],
        keys=[key.pk],
        penalties=[penalty.pk],
        webhooks=[outlet.pk],
        deliveries=[delivery.pk],
    )


def talk(shop: Shop, buyer: str, mark: str) -> Conversation:
    row = services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail").conversation
    services.post_message(
        shop=shop,
        conversation=row.external_id,
        sender=Sender.BUYER,
        kind="text",
        text=f"在吗{mark}",
        sent_at=timezone.now(),
    )
    row.refresh_from_db()
    return row


__all__ = ["CALLERS", "HANDLE", "NAMED", "PASSWORD", "SECRET", "Ours", "World", "make_world"]
