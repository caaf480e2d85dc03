"""create_operator and create_shop: one clear error, exit code 2, nothing half done (CONTRACT 1)."""

import pytest
from django.core.management import CommandError, call_command

from agents.models import Account, Shop, SubAccount

pytestmark = pytest.mark.django_db
GOOD = "one-Long-password"


def refused(*args: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command(*args)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_an_operator_is_made() -> None:
    call_command("create_operator", "root", "--password", GOOD)
    made = Account.objects.get(account="root")
    assert made.is_operator
    assert made.is_staff
    assert made.check_password(GOOD)


def test_a_shop_is_made_with_its_main_account() -> None:
    call_command("create_shop", "ny", "--platform", "pinduoduo", "--timezone", "America/New_York", "--main", "老板",
                 "--password", GOOD)  # fmt: skip
    shop = Shop.objects.get(slug="ny")
    assert (shop.name, shop.timezone) == ("ny", "America/New_York")
    main = SubAccount.objects.get(shop=shop)
    assert (main.roles, main.name, main.account.home_shop) == (["main"], "老板", shop)


def test_a_shop_may_be_made_without_people() -> None:
    call_command("create_shop", "ny", "--platform", "taobao", "--name", "纽约店")
    assert Shop.objects.get().name == "纽约店"


@pytest.mark.parametrize(
    ("args", "place"),
    [
        (["bad slug", "--platform", "pinduoduo"], "slug"),
        (["ny", "--platform", "amazon"], "platform"),
        (["ny", "--platform", "pinduoduo", "--timezone", "Mars/Olympus"], "timezone"),
        (["ny", "--platform", "pinduoduo", "--main", "老板"], "password"),
        (["ny", "--platform", "pinduoduo", "--main", "老板", "--password", "12345"], "password"),
        (["ny", "--platform", "pinduoduo", "--main", "a b", "--password", GOOD], "account"),
        (["ny", "--platform", "pinduoduo", "--password", GOOD], "main"),
    ],
)
def test_a_bad_argument_is_named_and_nothing_is_made(args: list[str], place: str) -> None:
    assert refused("create_shop", *args).startswith(f"{place}: ")
    assert not Shop.objects.exists()
    assert not Account.objects.exists()


def test_a_shop_is_not_made_twice() -> None:
    call_command("create_shop", "ny", "--platform", "taobao")
    assert "ny" in refused("create_shop", "ny", "--platform", "pinduoduo")
    assert Shop.objects.get().platform == "taobao"


def test_an_account_name_is_unique_in_the_installation() -> None:  # S3
    call_command("create_operator", "root", "--password", GOOD)
    refused("create_operator", "root", "--password", GOOD)
    refused("create_shop", "ny", "--platform", "taobao", "--main", "root", "--password", GOOD)
    assert not Shop.objects.exists()


def test_a_password_is_demanded() -> None:
    with pytest.raises(CommandError):
        call_command("create_operator", "root")
    refused("create_operator", "root", "--password", "")
    assert not Account.objects.exists()
