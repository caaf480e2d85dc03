"""What people and programs may see of shops: every way in starts here."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from agents.models import Account, Shop, ShopKey, SubAccount
from agents.permissions import Actor

LAST_SHOP = "shop"
"""Key of the session: the slug of the shop last visited. The pages write it, the shell reads it."""


class KeyPrincipal(AnonymousUser):
    """What `request.user` is when a program came with a shop's key: authenticated, and nobody's account."""

    def __init__(self, key: ShopKey) -> None:
        super().__init__()
        self.key = key

    @property
    def is_authenticated(self) -> bool:  # type: ignore[override]
        return True

    @property
    def is_anonymous(self) -> bool:  # type: ignore[override]
        return False

    def __str__(self) -> str:
        return str(self.key)


def actor_in(user: Account | AnonymousUser, slug: str) -> Actor | None:
    """Who `user` is in the shop, or None where the shop is not theirs to see (then answer 404)."""
    if isinstance(user, KeyPrincipal):
        return Actor(user.key.shop, key=user.key) if user.key.shop.slug == slug else None
    if not isinstance(user, Account):
        return None
    sub = SubAccount.objects.select_related("shop").filter(shop__slug=slug, account=user, enabled=True).first()
    if sub:
        sub.account = user
        return Actor(sub.shop, account=user, sub_account=sub)
    if user.is_operator:
        shop = Shop.objects.filter(slug=slug).first()
        return Actor(shop, account=user) if shop else None
    return None


def my_sub_accounts(account: Account) -> QuerySet[SubAccount]:
    """The account's enabled places, one a shop."""
    return SubAccount.objects.select_related("shop").filter(account=account, enabled=True).order_by("shop__slug")


def visible_shops(account: Account) -> QuerySet[Shop]:
    """The shops that an account may see: an operator's are all."""
    if account.is_operator:
        return Shop.objects.all()
    return Shop.objects.filter(sub_accounts__account=account, sub_accounts__enabled=True)


def sub_accounts_of(shop: Shop) -> QuerySet[SubAccount]:
    return SubAccount.objects.for_shop(shop).select_related("account").order_by("name")


def keys_of(shop: Shop) -> QuerySet[ShopKey]:
    """The shop's keys that still open something."""
    return ShopKey.objects.filter(shop=shop, revoked_at=None).order_by("pk")
