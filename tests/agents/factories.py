"""People and shops for tests: rows, without passwords (those cost time); `sign_in(client, member)` needs none."""

from itertools import count

from agents.models import Account, Invitation, ShiftKind, Shop, ShopKey, SubAccount
from agents.permissions import Actor
from agents.services import create_key, invite_account
from agents.vocabulary import Role

_numbers = count(1)


def make_shop(slug: str = "", platform: str = "pinduoduo") -> Shop:
    slug = slug or f"shop-{next(_numbers)}"
    return Shop.objects.create(slug=slug, name=f"店 {slug}", platform=platform, seed=7)


def make_account(name: str = "", *, home_shop: Shop | None = None, operator: bool = False) -> Account:
    name = name or f"account-{next(_numbers)}"
    return Account.objects.create(account=name, home_shop=home_shop, is_operator=operator, is_superuser=operator)


def make_member(
    shop: Shop, *roles: str, name: str = "", enabled: bool = True, account: Account | None = None
) -> SubAccount:
    account = account or make_account(name, home_shop=shop)
    return SubAccount.objects.create(
        shop=shop, name=account.account, account=account, roles=list(roles or [Role.AGENT]), enabled=enabled
    )


def make_agent(shop: Shop, name: str, **fields: object) -> SubAccount:
    """An agent by this name in the shop; the login has one of its own, so that other shops may have the name too."""
    account = Account.objects.create(account=f"{name}-{next(_numbers)}", display_name=name)
    fields = {"roles": [Role.AGENT.value]} | fields
    return SubAccount.objects.create(shop=shop, name=name, account=account, **fields)


def actor_of(member: SubAccount) -> Actor:
    return Actor(member.shop, account=member.account, sub_account=member)


def make_key(shop: Shop, name: str = "商城") -> tuple[ShopKey, str]:
    """A key and its secret, made by a main account of its own."""
    return create_key(actor=actor_of(make_member(shop, Role.MAIN)), name=name)


def make_invitation(shop: Shop, account: Account | None = None, *roles: str) -> Invitation:
    """Another shop's account, invited by a main account made for it."""
    account = account or make_account(home_shop=make_shop())
    actor = actor_of(make_member(shop, Role.MAIN))
    return invite_account(actor=actor, account=account.account, roles=roles or [Role.AGENT])


def make_shift(shop: Shop, name: str = "", *times: tuple[int, int]) -> ShiftKind:
    """A shift, by default from 8:30 to 20:30."""
    spans = [list(span) for span in times or [(510, 1230)]]
    return ShiftKind.objects.create(shop=shop, name=name or f"班{next(_numbers)}", colour="blue", times=spans)
