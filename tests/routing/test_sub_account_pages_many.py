"""Many sub-accounts from a file, as pages: preview, confirmation, result."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Account, AuditEntry, Shop, SubAccount
from agents.services import sub_accounts_bulk
from agents.vocabulary import Role
from core.hashing import Argon2, RandomArgon2
from routing.forms import sub_accounts_file
from routing.views import sub_accounts_import
from tests.agents.factories import make_account, make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]

HEAD = "账号,显示名,角色,最大接待人数,初始密码\n"


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="主账号")


@pytest.fixture
def client(main: SubAccount) -> Client:
    made = Client()
    made.force_login(main.account)
    return made


def preview(client: Client, lines: str, head: str = HEAD) -> HttpResponse:
    file = SimpleUploadedFile("人员.csv", (head + lines).encode())
    return client.post(reverse("sub_account_import", args=["pdd"]), {"file": file})


def confirm(client: Client, rows: str) -> HttpResponse:
    return client.post(reverse("sub_account_import_confirm", args=["pdd"]), {"rows": rows})


def test_nobody_is_made_before_the_confirmation_and_then_all_of_them(client: Client, shop: Shop) -> None:
    shown = preview(client, "a1,小美,客服、物流客服,10,\na2,,管理员,,Own-pass-77\n")
    assert (shown.status_code, len(shown.context["lines"]), shown.context["random"]) == (200, 2, 1)
    assert not SubAccount.objects.filter(name="a1").exists()
    result = confirm(client, shown.context["rows"])
    assert result.status_code == 201
    a1, a2 = SubAccount.objects.filter(shop=shop, name__in=["a1", "a2"]).order_by("name")
    assert (a1.roles, a1.max_concurrent, a1.account.display_name) == (["agent", "logistics_agent"], 10, "小美")
    assert (a2.roles, a2.account.home_shop) == (["admin"], shop)
    assert a2.account.check_password("Own-pass-77")
    [made, given] = result.context["result"]
    assert a1.account.check_password(made["password"])
    assert made["password"] in result.content.decode()
    assert given["password"] == ""


def test_each_one_stands_in_the_audit_log_without_a_password(client: Client, main: SubAccount) -> None:
    shown = preview(client, "a1,,客服,,\na2,,客服,,Own-pass-77\n")
    secret = confirm(client, shown.context["rows"]).context["result"][0]["password"]
    told = AuditEntry.objects.filter(action="sub_account_added")
    assert [(entry.subject, entry.by) for entry in told.order_by("pk")] == [("a1", main.account), ("a2", main.account)]
    text = str(list(AuditEntry.objects.values()))
    assert secret not in text
    assert "Own-pass-77" not in text


def test_no_password_of_the_file_is_logged_or_kept(client: Client, caplog) -> None:
    confirm(client, preview(client, "a1,,客服,,Own-pass-77\n").context["rows"])
    assert "Own-pass-77" not in caplog.text
    assert "Own-pass-77" not in str(list(Account.objects.values()))


def test_the_page_with_the_passwords_is_kept_by_no_cache(client: Client) -> None:
    shown = preview(client, "a1,,客服,,\n")
    for response in (shown, confirm(client, shown.context["rows"])):
        assert "no-store" in response.headers["Cache-Control"]


WRONG = [
    (
        "dup,,客服,,\n" + "".join(f"n{i},,客服,,\n" for i in range(3)) + "dup,,客服,,\n",
        "第 6 行：账号 dup 与第 2 行重复",
    ),
    ("主账号,,客服,,\n", "第 2 行：“主账号”已经在本店"),
    ("elsewhere,,客服,,\n", "第 2 行：账号名“elsewhere”已被使用"),
    ("a b,,客服,,\n", "第 2 行：1 到 50 个字符"),
    (",,客服,,\n", "第 2 行："),
    ("a1,,店长,,\n", "第 2 行：没有“店长”这个角色"),
    ("a1,,,,\n", "第 2 行："),
    ("a1,,客服,0,\n", "第 2 行：最大接待人数至少是 1"),
    ("a1,,客服,200000,\n", "第 2 行：最大接待人数最多"),
    ("a1,,客服,abc,\n", "第 2 行：“abc”不是整数"),
    ("a1,,客服,,123\n", "第 2 行：密码至少要 8 个字符"),
    (f"a1,{'长' * 51},客服,,\n", "第 2 行："),
]


@pytest.mark.parametrize(("lines", "words"), WRONG, ids=[words for _lines, words in WRONG])
def test_one_wrong_line_and_nobody_can_be_made(client: Client, lines: str, words: str) -> None:
    make_account("elsewhere", home_shop=make_shop())
    before = Account.objects.count()
    shown = preview(client, lines + "good-one,,客服,,\n")
    html = re.sub(r"\s+", " ", shown.content.decode())
    assert shown.status_code == 422
    assert words in html
    assert "rows" not in shown.context or not shown.context.get("rows")
    assert Account.objects.count() == before


def test_the_duplicate_of_line_37_names_both_lines(client: Client) -> None:
    lines = [f"a{n},,客服,,\n" for n in range(2, 40)]
    lines[35] = "a12,,客服,,\n"
    assert "第 37 行：账号 a12 与第 12 行重复" in preview(client, "".join(lines)).content.decode()


def test_an_admin_brings_no_main_account(shop: Shop) -> None:
    admin = Client()
    admin.force_login(make_member(shop, Role.ADMIN).account)
    assert "只有主账号能添加主账号" in preview(admin, "a1,,主账号,,\n").content.decode()


def test_what_became_wrong_since_the_preview_is_told_and_nobody_is_made(client: Client) -> None:
    rows = preview(client, "a1,,客服,,\na2,,客服,,\n").context["rows"]
    make_account("a2", home_shop=make_shop())
    result = confirm(client, rows)
    assert result.status_code == 409
    assert "第 3 行：账号名“a2”已被使用" in result.content.decode()
    assert not Account.objects.filter(account="a1").exists()


def test_confirming_twice_makes_nobody_twice(client: Client) -> None:
    rows = preview(client, "a1,,客服,,\n").context["rows"]
    assert confirm(client, rows).status_code == 201
    assert confirm(client, rows).status_code == 409
    assert SubAccount.objects.filter(name="a1").count() == 1


def test_another_admin_cannot_confirm_what_was_shown_to_one(client: Client, shop: Shop) -> None:
    rows = preview(client, "a1,,客服,,\n").context["rows"]
    other = Client()
    other.force_login(make_member(shop, Role.ADMIN).account)
    assert confirm(other, rows).status_code == 409
    assert not Account.objects.filter(account="a1").exists()


def test_an_old_preview_asks_for_the_file_again(client: Client, monkeypatch) -> None:
    rows = preview(client, "a1,,客服,,\n").context["rows"]
    monkeypatch.setattr(sub_accounts_file, "LASTS", timedelta(0).total_seconds() - 1)
    result = confirm(client, rows)
    assert "预览已过期" in result.content.decode()


def test_given_passwords_are_hashed_in_pieces_and_nobody_is_made_before_the_last(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(sub_accounts_import, "HASHING_SECONDS", -1.0)
    rows = preview(client, "a1,,客服,,Own-pass-71\na2,,客服,,Own-pass-72\na3,,客服,,\n").context["rows"]
    first = confirm(client, rows)
    assert (first.status_code, first.context["left"]) == (200, 2)
    assert not Account.objects.filter(account="a1").exists()
    monkeypatch.setattr(sub_accounts_import, "HASHING_SECONDS", 4.0)
    assert confirm(client, first.context["rows"]).status_code == 201
    assert Account.objects.get(account="a2").check_password("Own-pass-72")


def test_a_random_password_costs_little_to_make_and_the_usual_at_its_first_sign_in(settings) -> None:
    settings.PASSWORD_HASHERS = ["core.hashing.Argon2"]
    password = sub_accounts_bulk.random_password()
    account = make_account("a1")
    account.password = sub_accounts_bulk.hash_random(password)
    assert f"$m={RandomArgon2.memory_cost}," in account.password
    assert account.check_password(password)
    assert f"$m={Argon2.memory_cost}," in account.password


def test_a_name_that_imported_history_left_gets_its_login_from_the_file(client: Client, shop: Shop) -> None:
    left = SubAccount.objects.create(shop=shop, name="a1", enabled=False)
    confirm(client, preview(client, "a1,,客服,5,\n").context["rows"])
    left.refresh_from_db()
    assert (left.account.account, left.enabled, left.max_concurrent) == ("a1", True, 5)


def test_five_hundred_are_checked_and_made_with_few_queries(client: Client, django_assert_max_num_queries) -> None:
    lines = "".join(f"n{n},,客服,10,\n" for n in range(500))
    client.get(reverse("sub_accounts", args=["pdd"]))
    with django_assert_max_num_queries(15):
        rows = preview(client, lines).context["rows"]
    with django_assert_max_num_queries(540):  # one of each is its line in the audit log
        assert confirm(client, rows).status_code == 201
    assert SubAccount.objects.count() == 501


def test_the_template_is_a_file_that_can_be_sent_back(client: Client) -> None:
    content = client.get(reverse("sub_account_template", args=["pdd"])).content
    assert content.decode("utf-8-sig").startswith("账号,显示名,角色,最大接待人数,初始密码")
    file = SimpleUploadedFile("sub-accounts.csv", content)
    shown = client.post(reverse("sub_account_import", args=["pdd"]), {"file": file})
    assert shown.status_code == 200


@pytest.mark.parametrize("data", [{}, {"file": ""}, {"file": io.BytesIO(b"")}])
def test_no_file_is_said_at_the_field(client: Client, data: dict) -> None:
    response = client.post(reverse("sub_account_import", args=["pdd"]), data)
    assert response.status_code == 422
    assert "file" in response.context["form"].errors


def test_ten_megabytes_are_refused_at_the_field(client: Client) -> None:
    file = SimpleUploadedFile("a.csv", b"a" * 10 * 1024 * 1024)
    response = client.post(reverse("sub_account_import", args=["pdd"]), {"file": file})
    assert response.status_code == 422
    assert "文件超过 1 MB" in response.content.decode()


def test_who_was_seen_is_noted_on_every_page(client: Client, main: SubAccount) -> None:
    client.get(reverse("sub_account_import", args=["pdd"]))
    main.refresh_from_db()
    assert main.last_seen_at is not None
    assert timezone.now() - main.last_seen_at < timedelta(minutes=1)
