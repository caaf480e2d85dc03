"""What people and programs may see of shops: every way in starts here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from agents.models import (
    Account,
    AccountNotice,
    AccountSession,
    Authenticator,
    AuthToken,
    Invitation,
    RecoveryCode,
    Shop,
    ShopKey,
    SubAccount,
)
from agents.permissions import Actor
from agents.vocabulary import InvitationState, Role

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
    return actor_among(
        SubAccount.objects.select_related("shop").filter(shop__slug=slug, account=user, enabled=True), user, slug
    )


def actor_among(places: Iterable[SubAccount], account: Account, slug: str) -> Actor | None:
    """The same, by the enabled places of the account."""
    for sub in places:
        if sub.shop.slug == slug:
            sub.account = account
            return Actor(sub.shop, account=account, sub_account=sub)
    if account.is_operator:
        shop = Shop.objects.filter(slug=slug).first()
        return Actor(shop, account=account) if shop else None
    return None


def my_sub_accounts(account: Account) -> QuerySet[SubAccount]:
    """The account's enabled places, one a shop; `invited`: an invitation waits for their answer;
    `noticed`: a notice about the account's security has not been seen."""
    waiting = Invitation.objects.filter(
        account=OuterRef("account"), state=InvitationState.PENDING, expires_at__gt=Now()
    ).order_by()
    unseen = AccountNotice.objects.filter(account=OuterRef("account"), seen_at=None).order_by()
    rows = SubAccount.objects.select_related("shop").filter(account=account, enabled=True)
    return rows.annotate(invited=Exists(waiting), noticed=Exists(unseen)).order_by("shop__slug")


def suspended_places(account: Account) -> int:
    """Count the account's suspended places in other shops. The shops' names are not shown to the holder."""
    return SubAccount.objects.filter(account=account, suspended_at__isnull=False).count()


def invitations_to(account: Account, now: datetime) -> QuerySet[Invitation]:
    """What the account's holder may accept or decline."""
    rows = Invitation.objects.filter(account=account, state=InvitationState.PENDING, expires_at__gt=now)
    return rows.select_related("shop", "invited_by").order_by("pk")


def invitations_of(shop: Shop, now: datetime) -> QuerySet[Invitation]:
    """The shop's invitations that nobody has answered yet."""
    rows = Invitation.objects.filter(shop=shop, state=InvitationState.PENDING, expires_at__gt=now)
    return rows.select_related("account", "invited_by").order_by("pk")


def visible_shops(account: Account) -> QuerySet[Shop]:
    """The shops that an account may see: an operator's are all."""
    if account.is_operator:
        return Shop.objects.all()
    return Shop.objects.filter(sub_accounts__account=account, sub_accounts__enabled=True)


def sub_accounts_of(shop: Shop) -> QuerySet[SubAccount]:
    return SubAccount.objects.for_shop(shop).select_related("account").order_by("name")


def only_main(rows: Iterable[SubAccount]) -> SubAccount | None:
    """Of a shop's rows the last main account, which stays one (S3); None where there are several."""
    mains = [row for row in rows if row.enabled and row.account_id is not None and Role.MAIN.value in row.roles]
    return mains[0] if len(mains) == 1 else None


class NameStanding(StrEnum):
    """What a shop may know of an account name: nothing of whose it is."""

    FREE = "free"
    HERE = "here"
    TAKEN = "taken"
    INVITABLE = "invitable"


def standing_of_name(shop: Shop, name: str) -> NameStanding:
    """Whether a new login may have this name: it is unique in the installation (S3)."""
    login = Account.objects.filter(account=name).first()
    if login is None:
        return NameStanding.FREE
    if SubAccount.objects.for_shop(shop).filter(account=login).exists():
        return NameStanding.HERE
    return NameStanding.INVITABLE if login.is_active and not login.is_operator else NameStanding.TAKEN


def keys_of(shop: Shop) -> QuerySet[ShopKey]:
    """The shop's keys that still open something."""
    return ShopKey.objects.filter(shop=shop, revoked_at=None).order_by("pk")


@dataclass(frozen=True)
class Security:
    """The contents of an account's security page."""

    authenticators: list[Authenticator]
    codes_left: int
    sessions: list[AccountSession]
    tokens: list[AuthToken]
    notices: list[AccountNotice]


SHOWN_SESSIONS = 100
SHOWN_NOTICES = 10


def security_of(account: Account, now: datetime) -> Security:
    """Second factors, live sessions and tokens of an account, the newest notices."""
    live = Session.objects.filter(expire_date__gt=now).values("session_key")
    return Security(
        authenticators=list(account.authenticators.order_by("pk")),
        codes_left=RecoveryCode.objects.filter(account=account, used_at=None).count(),
        sessions=list(AccountSession.objects.filter(account=account, session_key__in=live)[:SHOWN_SESSIONS]),
        tokens=list(AuthToken.objects.filter(account=account, expires_at__gt=now).order_by("-pk")[:SHOWN_SESSIONS]),
        notices=list(AccountNotice.objects.filter(account=account)[:SHOWN_NOTICES]),
    )
