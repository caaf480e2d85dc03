"""The table of DESIGN 8, written down a second time as it is printed there."""

import pytest

from agents.models import Account, Shop, ShopKey, SubAccount
from agents.permissions import (
    TABLE,
    Actor,
    Column,
    Permission,
    may,
    may_edit_routing_key,
    may_edit_sub_account,
    may_reset_password,
    may_set_status,
)
from agents.vocabulary import Platform, Role

COLUMNS = ("main", "admin", "cs_manager", "agent", "logistics_agent", "operations", "operator", "key")
PRINTED = {
    "shop_see": "x x x x x x x -",
    "shop_edit": "x x - - - - x -",
    "sub_accounts_see": "x x x - - - x -",
    "sub_accounts_edit": "x x - - - - x -",
    "sub_accounts_edit_main": "x - - - - - x -",
    "caps_others": "x x x - - - x -",
    "routing_see": "x x x - - x x -",
    "routing_edit": "x x - - - - - -",
    "routing_edit_queueing": "x - - - - - - -",
    "keys_edit": "x x - - - - - -",
    "audit_see": "x x - - - - x -",
    "shifts_see": "x x x x x x - -",
    "shifts_edit": "x x x - - - - -",
    "answers_see": "x x x x x x - -",
    "answers_edit": "x x x - - - - -",
    "chat_see": "x x x - - x - -",
    "chat_edit": "x x - - - - - -",
    "chat_identify": "- - - - - - - x",
    "outgoing_see": "x x x - - - - -",
    "outgoing_edit": "x x - - - - - -",
    "status_own": "x x x x x - - -",
    "status_others": "x x x - - - - -",
    "conversations_own": "x x x x x - - -",
    "conversations_all": "x x x - - - - -",
    "conversations_open": "x x x - - - - x",
    "messages_see": "x x x x x - - x",
    "messages_write": "x x x x x - - x",
    "messages_write_as_anyone": "- - - - - - - x",
    "conversations_close": "x x x x x - - x",
    "transfer_own": "x x x x x - - -",
    "transfer_all": "x x x - - - - -",
    "queue_see": "x x x x x - - -",
    "metrics_own": "x x x x x x - -",
    "metrics_all": "x x x - - x - -",
    "metrics_edit": "x x - - - - - -",
    "penalties_see": "x x x - - x - -",
    "penalties_edit": "x x x - - x - -",
    "buyers_erase": "x - - - - - x -",
    "buyers_block": "x x x x x - - -",
    "addresses_block": "x x x - - - - -",
}


def actor(*roles: str, platform: Platform = Platform.PINDUODUO) -> Actor:
    shop = Shop(pk=1, slug="s", platform=platform)
    account = Account(pk=1, account="me", home_shop=shop)
    return Actor(shop, account, SubAccount(pk=1, shop=shop, account=account, name="me", roles=list(roles)))


def colleague(*roles: str, home: int = 1) -> SubAccount:
    account = Account(pk=2, account="other", home_shop_id=home)
    return SubAccount(pk=2, shop_id=1, account=account, name="other", roles=list(roles))


@pytest.mark.parametrize("permission", Permission)
def test_the_table_says_what_the_design_says(permission: Permission) -> None:
    printed = dict(zip(COLUMNS, PRINTED[permission].split(), strict=True))
    assert {column.value for column in TABLE[permission]} == {name for name, mark in printed.items() if mark == "x"}


def test_several_roles_may_what_any_of_them_may() -> None:
    both = actor(Role.OPERATIONS, Role.AGENT)
    assert may(both, Permission.METRICS_ALL)
    assert may(both, Permission.CONVERSATIONS_OWN)
    assert not may(both, Permission.STATUS_OTHERS)


def test_a_key_stands_in_its_own_column_alone() -> None:
    program = Actor(Shop(pk=1), key=ShopKey(pk=1))
    assert program.columns == {Column.KEY}
    assert not may(program, Permission.SHOP_SEE)


@pytest.mark.parametrize("key", ["entries", "allocation", "recent_contact", "queue"])
def test_only_the_main_account_changes_douyins_queueing(key: str) -> None:  # DY10
    assert may_edit_routing_key(actor(Role.MAIN, platform=Platform.DOUYIN), key)
    assert not may_edit_routing_key(actor(Role.ADMIN, platform=Platform.DOUYIN), key)
    assert may_edit_routing_key(actor(Role.ADMIN, platform=Platform.KUAISHOU), key)


def test_an_admin_changes_the_rest_of_douyins_settings() -> None:
    assert may_edit_routing_key(actor(Role.ADMIN, platform=Platform.DOUYIN), "offline")


def test_an_admin_neither_makes_nor_touches_a_main_account() -> None:
    assert may_edit_sub_account(actor(Role.ADMIN), [Role.AGENT], [Role.ADMIN])
    assert not may_edit_sub_account(actor(Role.ADMIN), [Role.AGENT], [Role.MAIN])
    assert not may_edit_sub_account(actor(Role.ADMIN), [Role.MAIN], [Role.AGENT])
    assert may_edit_sub_account(actor(Role.MAIN), [Role.MAIN], [Role.AGENT])


def test_an_agent_sets_their_own_status_and_nobody_elses() -> None:
    me = actor(Role.AGENT)
    assert me.sub_account is not None
    assert may_set_status(me, me.sub_account)
    assert not may_set_status(me, colleague(Role.AGENT))
    assert may_set_status(actor(Role.CS_MANAGER), colleague(Role.AGENT))


def test_a_password_is_reset_by_main_or_admin_of_the_home_shop_alone() -> None:
    assert may_reset_password(actor(Role.MAIN), colleague(Role.AGENT))
    assert may_reset_password(actor(Role.ADMIN), colleague(Role.AGENT))
    assert not may_reset_password(actor(Role.ADMIN), colleague(Role.MAIN))
    assert not may_reset_password(actor(Role.CS_MANAGER), colleague(Role.AGENT))
    assert not may_reset_password(actor(Role.MAIN), colleague(Role.AGENT, home=9))
