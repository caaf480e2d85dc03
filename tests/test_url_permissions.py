"""Every URL of the resolver, called as every role, as nobody, with a key, and from a second shop.

The rows stand in tests/url_table.py; how to add one is said at its head.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agents.models import Account, Shop
from agents.permissions import TABLE, Column
from agents.vocabulary import Role
from tests.agents.factories import make_account, make_key, make_member, make_shop
from tests.chat.builders import make_chat
from tests.url_table import NAMESPACES, OBJECTS, ROWS, Row

METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {401, 403, 404, 405}

pytestmark = pytest.mark.django_db


@dataclass
class Caller:
    """Somebody who calls: by session, with a key, or as nobody. `column` is None for who has no place in the shop."""

    name: str
    column: Column | None = None
    account: Account | None = None
    key: str = ""

    def call(self, row: Row, url: str) -> HttpResponse:
        client = Client(headers={"Authorization": f"Token {self.key}"} if self.key else None)
        if self.account:
            client.force_login(self.account)
        in_json = row.kind in ("api", "person", "authenticated", "operator") and row.method != "GET"
        how = {"content_type": "application/json"} if in_json else {}
        return getattr(client, row.method.lower())(url, data=row.data, **how)


def callers(shop: Shop, second: Shop) -> list[Caller]:
    def member(name: str, of: Shop, role: Role, column: Column | None, enabled: bool = True) -> Caller:
        return Caller(name, column, make_member(of, role, enabled=enabled).account)

    return [
        Caller("nobody"),
        *(member(role.value, shop, role, Column(role.value)) for role in Role),
        member("disabled main", shop, Role.MAIN, None, enabled=False),
        *(member(f"second shop's {role.value}", second, role, None) for role in (Role.MAIN, Role.AGENT)),
        Caller("operator", Column.OPERATOR, make_account(operator=True)),
        Caller("key", Column.KEY, key=make_key(shop)[1]),
        Caller("second shop's key", key=make_key(second)[1]),
    ]


def url_of(row: Row, shop: Shop, objects_of: Shop) -> str:
    kwargs = row.words | {kwarg: OBJECTS[name](objects_of) for kwarg, name in row.objects.items()}
    if row.kind in ("chat", "buyer"):
        make_chat(shop)
    if row.kind in ("page", "api", "chat", "buyer"):
        kwargs["shop"] = shop.slug
    return reverse(row.name, kwargs=kwargs)


def expected(row: Row, caller: Caller) -> int | str:
    """A status, "sign in" or "through"."""
    if caller.name in row.unlike:
        return row.unlike[caller.name]
    if row.kind in ("open", "chat"):
        return "through"
    if row.kind == "buyer":
        return 401
    if row.kind in ("page", "account", "operator_page"):
        nobody = caller.account is None  # a key opens no page
        return "sign in" if nobody else _for_somebody(row, caller)
    nobody = caller.account is None and not caller.key
    return 401 if nobody else _for_somebody(row, caller)


def _for_somebody(row: Row, caller: Caller) -> int | str:
    if row.kind == "authenticated":
        return "through"
    if row.kind in ("account", "person"):
        return 403 if caller.key else "through"
    if row.kind in ("operator", "operator_page"):
        return "through" if caller.name == "operator" else 403
    return _in_shop(row, caller)


def _in_shop(row: Row, caller: Caller) -> int | str:
    if caller.column is None:
        return 404
    return "through" if any(caller.column in TABLE[permission] for permission in row.permissions) else 403


def got(response: HttpResponse) -> int | str:
    if response.status_code == 302 and response.headers["Location"].startswith(reverse("sign_in") + "?"):
        return "sign in"
    return response.status_code if response.status_code in REFUSED or response.status_code >= 500 else "through"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_url_answers_each_caller_as_its_row_says(row: Row) -> None:
    shop, second = make_shop("first"), make_shop("second")
    wrong = []
    for caller in callers(shop, second):
        answer = got(caller.call(row, url_of(row, shop, shop)))
        if answer != expected(row, caller):
            wrong.append(f"{caller.name}: {answer}, not {expected(row, caller)}")
    assert not wrong, f"{row}: {'; '.join(wrong)}"


@pytest.mark.parametrize("row", [row for row in ROWS if row.objects and row.kind != "buyer"], ids=str)
def test_another_shops_object_is_not_found_under_ones_own_shop(row: Row) -> None:
    shop, second = make_shop("first"), make_shop("second")
    main = make_member(shop, Role.MAIN, Role.AGENT)
    response = Caller("main", account=main.account).call(row, url_of(row, shop, second))
    assert response.status_code == 404


def walk(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        elif pattern.namespace not in NAMESPACES:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern.url_patterns, inner)


def test_every_url_of_the_resolver_has_a_row() -> None:
    names = {row.name for row in ROWS}
    without = sorted(
        {f"{name} ({pattern.pattern})" for name, pattern in walk(get_resolver().url_patterns) if name not in names}
    )
    assert not without, f"add a line to tests/url_table.py for: {', '.join(without)}"


def test_every_method_of_an_api_view_has_a_row() -> None:
    rows = {(row.name, row.method) for row in ROWS}
    without = [
        f"{method.upper()} {name}"
        for name, pattern in walk(get_resolver().url_patterns)
        if (view := getattr(pattern.callback, "cls", None))
        for method in METHODS
        if hasattr(view, method) and (name, method.upper()) not in rows
    ]
    assert not without, f"add a line to tests/url_table.py for: {', '.join(without)}"


def test_no_row_is_left_over_from_a_url_that_is_gone() -> None:
    assert {row.name for row in ROWS} <= {name for name, _pattern in walk(get_resolver().url_patterns)}


ADMIN_PAGES = ["admin:index"] + [
    f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry
]


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_the_admin_is_for_operators_alone(name: str) -> None:
    shop = make_shop("first")
    for caller in callers(shop, make_shop("second")):
        response = caller.call(Row(name, "open"), reverse(name))
        assert response.status_code == (200 if caller.name == "operator" else 302), caller.name
