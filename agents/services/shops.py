from django.db import transaction
from django.utils.translation import gettext as _

from agents.errors import Conflict, Forbidden, Refused
from agents.models import Account, Shop
from agents.permissions import Actor, Permission, may
from agents.services.audit import record, record_changes
from agents.services.checks import refuse_invalid
from agents.services.sub_accounts import add_login, prepare_sub_account
from agents.vocabulary import AuditAction, Role


def create_shop(
    *,
    slug: str,
    platform: str,
    name: str = "",
    timezone: str = "Asia/Shanghai",
    main: str | None = None,
    password: str | None = None,
) -> Shop:
    """Make a shop and, if named, its first main account (CONTRACT 1).

    `name` defaults to the slug. Raises Refused with the field: bad slug, platform, time zone, account or password;
    then nothing is made.
    """
    shop = Shop(slug=slug, platform=platform, name=name or slug, timezone=timezone)
    refuse_invalid(shop)
    if Shop.objects.filter(slug=slug).exists():
        raise Conflict("shop_exists", _("There is a shop “%(slug)s” already.") % {"slug": slug}, field="slug")
    login = _prepare_main(shop, main, password)
    with transaction.atomic():
        shop.save()
        after = {"platform": platform, "timezone": timezone}
        record(shop=shop, action=AuditAction.SHOP_CREATED, subject=slug, after=after)
        if login is not None:
            add_login(shop=shop, login=login, roles=[Role.MAIN])
    return shop


def _prepare_main(shop: Shop, main: str | None, password: str | None) -> Account | None:
    """The first main account, checked and hashed; None where none is named."""
    if main and password:
        return prepare_sub_account(shop=shop, account=main, password=password, roles=[Role.MAIN])
    if main:
        raise Refused("password_required", _("A password is needed."), field="password")
    if password:
        raise Refused("main_required", _("A password needs the main account it is for."), field="main")
    return None


@transaction.atomic
def update_shop(*, shop: Shop, name: str | None = None, timezone: str | None = None) -> Shop:
    """Change a shop's name or time zone. Its slug and platform stay: links and settings hang on them."""
    before = {"name": shop.name, "timezone": shop.timezone}
    if name is not None:
        shop.name = name.strip()
    if timezone is not None:
        shop.timezone = timezone
    refuse_invalid(shop)
    shop.save(update_fields=["name", "timezone"])
    after = {"name": shop.name, "timezone": shop.timezone}
    record_changes(shop=shop, action=AuditAction.SHOP_CHANGED, subject=shop.slug, before=before, after=after)
    return shop


@transaction.atomic
def demand_second_factor(*, actor: Actor, on: bool) -> Shop:
    """Let nobody into the shop without a second factor, or everybody again: the main account's decision.

    Raises Refused `no_second_factor` where the actor has none and would lock themselves out.
    """
    if not may(actor, Permission.SUB_ACCOUNTS_EDIT_MAIN):
        raise Forbidden("forbidden", _("Only the main account may do this."))
    if on and actor.account is not None and not actor.account.has_second_factor:
        raise Refused("no_second_factor", _("Set up a second factor for yourself first."))
    shop = Shop.objects.select_for_update().get(pk=actor.shop.pk)
    before, shop.requires_second_factor = shop.requires_second_factor, on
    shop.save(update_fields=["requires_second_factor"])
    record_changes(
        shop=shop,
        action=AuditAction.SHOP_CHANGED,
        subject=shop.slug,
        before={"requires_second_factor": before},
        after={"requires_second_factor": on},
    )
    return shop
