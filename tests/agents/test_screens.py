"""Pages of agents/ and the shell around them: navigation by role, the status switch, languages."""

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.functional import Promise

from agents.context import NAVIGATION, Shell
from agents.models import Shop, ShopKey
from agents.permissions import TABLE, Column
from agents.vocabulary import Role
from tests.agents.factories import actor_of, make_account, make_key, make_member, make_shop

pytestmark = pytest.mark.django_db


def client_of(member) -> Client:
    client = Client()
    client.force_login(member.account)
    return client


def test_one_shop_is_entered_at_once_several_are_offered() -> None:
    member = make_member(make_shop("pdd"), Role.OPERATIONS)
    client = client_of(member)
    assert client.get(reverse("home")).headers["Location"] == reverse("shop_home", args=["pdd"])
    make_member(make_shop("ks", "kuaishou"), account=member.account)
    page = client.get(reverse("home")).content.decode()
    assert reverse("shop_home", args=["pdd"]) in page
    assert reverse("shop_home", args=["ks"]) in page


def test_who_is_in_no_shop_is_told_so() -> None:
    client = client_of(make_member(make_shop("pdd"), enabled=False))
    page = client.get(reverse("home"))
    assert page.status_code == 200
    assert "你还不在任何店铺里" in page.content.decode()


@pytest.mark.parametrize("role", Role)
def test_the_navigation_shows_what_the_role_may_and_nothing_else(role: Role, settings) -> None:
    settings.ROOT_URLCONF = "tests.agents.all_pages"
    request = RequestFactory().get("/")
    request.shop_actor = actor_of(make_member(make_shop("pdd"), role))
    shown = {link.url for _title, links in Shell(request).navigation for link in links}
    may = {
        reverse(entry.name, args=["pdd"])
        for _title, entries in NAVIGATION
        for entry in entries
        if Column(role.value) in TABLE[entry.permission]
    }
    assert shown == may


def test_the_status_switch_is_there_for_agent_roles_alone(settings) -> None:  # S3
    settings.ROOT_URLCONF = "tests.agents.all_pages"
    shop = make_shop("pdd")
    url = reverse("own_presence", args=["pdd"])
    agent = client_of(make_member(shop, Role.LOGISTICS_AGENT)).get(reverse("shop_anything", args=["pdd"]))
    main = client_of(make_member(shop, Role.MAIN)).get(reverse("shop_anything", args=["pdd"]))
    assert f'hx-post="{url}"' in agent.content.decode()
    assert url not in main.content.decode()


def test_an_unknown_permission_in_a_template_is_an_error_not_a_no() -> None:
    request = RequestFactory().get("/")
    request.shop_actor = actor_of(make_member(make_shop(), Role.MAIN))
    with pytest.raises(ValueError, match="fly"):
        Shell(request).may["fly"]


def test_chinese_until_english_is_chosen_whatever_the_browser_asks_for() -> None:
    client = Client(headers={"Accept-Language": "en"})
    assert "登录" in client.get(reverse("sign_in")).content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": reverse("sign_in")})
    page = client.get(reverse("sign_in")).content.decode()
    assert "Sign in" in page
    assert "登录" not in page


def test_no_page_has_an_inline_script_or_style() -> None:
    for page in (Client().get(reverse("sign_in")), client_of(make_member(make_shop("pdd"))).get(reverse("password"))):
        text = page.content.decode()
        assert "<style" not in text
        assert all("src=" in script.split(">")[0] for script in text.split("<script")[1:])
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_a_partial_request_of_nobody_loads_the_sign_in_page_whole() -> None:
    url = reverse("shop_keys", args=["pdd"])
    answer = Client(headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}).get(url)
    assert answer.headers["HX-Redirect"] == f"{reverse('sign_in')}?next=%2Fs%2Fpdd%2Fkeys%2F"


def test_a_key_is_made_shown_once_and_revoked_on_its_page() -> None:
    shop = make_shop("pdd")
    client = client_of(make_member(shop, Role.MAIN))
    url = reverse("shop_keys", args=["pdd"])
    made = client.post(url, {"name": "商城"})
    secret = made.context["secret"]
    assert secret.startswith("fk_")
    assert secret in made.content.decode()
    assert secret not in client.get(url).content.decode()
    client.post(reverse("shop_key_revoke", args=["pdd", ShopKey.objects.get().pk]))
    assert ShopKey.objects.get().revoked_at is not None
    assert client.post(url, {"name": " "}).status_code == 422


def test_an_operator_sees_every_shop_on_the_home_page() -> None:
    make_shop("pdd")
    client = Client()
    client.force_login(make_account(operator=True))
    assert reverse("shop_home", args=["pdd"]) in client.get(reverse("home")).content.decode()


def test_an_operator_gets_from_every_page_to_the_shops_and_the_admin() -> None:
    client = Client()
    client.force_login(make_account(operator=True))
    page = client.get(reverse("shop_new")).content.decode()
    assert f'href="{reverse("home")}"' in page
    assert f'href="{reverse("admin:index")}"' in page


def test_an_address_that_is_nowhere_says_so_in_chinese() -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "这里什么都没有" in answer.content.decode()


@pytest.mark.parametrize("model", ["shop", "account", "subaccount", "presencelog", "shopkey", "authtoken"])
def test_the_admin_searches_and_opens_each_model(model: str) -> None:
    client = Client()
    client.force_login(make_account(operator=True))
    make_key(make_shop("pdd"))
    assert client.get(reverse(f"admin:agents_{model}_changelist"), {"q": "pdd"}).status_code == 200


def test_the_admin_shows_a_sub_account_and_changes_nothing_of_it() -> None:
    member = make_member(make_shop("pdd"))
    client = Client()
    client.force_login(make_account(operator=True))
    url = reverse("admin:agents_subaccount_change", args=[member.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"enabled": ""}).status_code == 403


def test_outside_any_shop_the_shell_keeps_the_shop_last_visited() -> None:
    member = make_member(make_shop("pdd"), Role.MAIN)
    make_member(make_shop("ks", "kuaishou"), Role.OPERATIONS, account=member.account)
    client = client_of(member)
    keys = reverse("shop_keys", args=["pdd"])
    assert keys not in client.get(reverse("password")).content.decode()
    client.get(keys)
    assert keys in client.get(reverse("password")).content.decode()


NEW_SHOP = {
    "slug": "ny",
    "name": "纽约店",
    "platform": "taobao",
    "timezone": "America/New_York",
    "main": "老板",
    "password": "one-Long-password",
}


def test_an_operator_makes_a_shop_with_its_main_account() -> None:
    client = Client()
    client.force_login(make_account(operator=True))
    assert client.post(reverse("shop_new"), NEW_SHOP).headers["Location"] == reverse("home")
    assert [sub.name for sub in Shop.objects.get(slug="ny").sub_accounts.all()] == ["老板"]


@pytest.mark.parametrize(
    ("field", "value"), [("slug", "a b"), ("timezone", "Mars"), ("main", "a b"), ("password", "1")]
)
def test_a_shop_that_is_refused_says_where_and_is_not_made(field: str, value: str) -> None:
    client = Client()
    client.force_login(make_account(operator=True))
    answer = client.post(reverse("shop_new"), NEW_SHOP | {field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Shop.objects.exists()


def test_every_model_of_ours_stands_in_the_admin_with_a_name_to_be_translated() -> None:
    apps_of_ours = ("agents", "conversations", "routing", "metrics")
    ours = [model for app in apps_of_ours for model in apps.get_app_config(app).get_models()]
    assert [model.__name__ for model in ours if not site.is_registered(model)] == []
    fields = [field for model in ours for field in model._meta.fields if not field.auto_created]
    assert [str(field) for field in fields if not isinstance(field.verbose_name, Promise)] == []
