"""Every URL with nonsense in each parameter that its view reads: refused, passed over, but never a fault of ours."""

from collections.abc import Iterator

import pytest
from django.http import QueryDict
from django.test import Client

from agents.services import create_token
from agents.vocabulary import Role
from core.http import parameters
from tests.agents.factories import make_account, make_member, make_shop
from tests.test_url_permissions import url_of
from tests.url_table import ROWS, Row

NONSENSE = [
    "²",
    "9" * 5000,
    str(2**63),
    "-1",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "1e999",
    "\ud800",
    "=1+1",
    "[" * 3000,
    "x" * 20_000,
]
DEEP = "[" * 100_000 + "]" * 100_000

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
GETS = [row for row in ROWS if row.method == "GET"]
WRITES = [row for row in ROWS if row.method in ("POST", "PUT", "PATCH") and row.kind not in ("page", "account")]


class Recording(QueryDict):
    """Notes which names are asked for."""

    names: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: object = None) -> object:
        self.names.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)

    def getlist(self, name: str, default: object = None) -> object:
        self.names.add(name)
        return super().getlist(name, default)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    Recording.names = set()

    def note(self: parameters.Parameters, given: QueryDict) -> None:
        self._given = Recording(given.urlencode(), encoding="utf-8")

    monkeypatch.setattr(parameters.Parameters, "__init__", note)
    yield Recording.names


def caller(row: Row) -> tuple[Client, str]:
    shop = make_shop("first")
    url = url_of(row, shop, shop)
    client = Client(raise_request_exception=False)
    if row.kind in ("operator", "operator_page"):
        account = make_account(operator=True)
    else:
        account = make_member(shop, Role.MAIN, Role.AGENT).account
    assert account is not None
    if row.kind in ("api", "person", "authenticated", "operator"):
        client = Client(
            raise_request_exception=False, headers={"Authorization": f"Token {create_token(account=account)}"}
        )
    elif row.kind not in ("open", "chat", "buyer"):
        client.force_login(account)
    return client, url


@pytest.mark.parametrize("row", GETS, ids=str)
def test_nonsense_in_a_parameter_is_no_fault_of_the_server(row: Row, names: set[str]) -> None:
    client, url = caller(row)
    assert client.get(url).status_code < 500
    tried: set[str] = set()
    faults = []
    while left := sorted(names - tried):
        for name in left:
            tried.add(name)
            for word in NONSENSE:
                status = client.get(url, {name: word.encode("utf-8", "surrogatepass")}).status_code
                if status >= 500:
                    faults.append(f"{name}={word[:20]}: {status}")
    assert not faults, "; ".join(faults)


def test_the_parameters_of_the_first_attack_are_among_those_tried(names: set[str]) -> None:
    for row in GETS:
        if row.name in ("records", "conversations_list", "conversation_earlier", "conversation_thread", "audit_csv"):
            client, url = caller(row) if row.name == "records" else (None, None)
            if client is not None:
                client.get(url, {"state": "open"})
    assert {"date_from", "date_to", "page"} <= names


@pytest.mark.parametrize("row", WRITES, ids=str)
def test_json_nested_a_hundred_thousand_times_is_refused_everywhere(row: Row) -> None:
    client, url = caller(row)
    for body in (DEEP, '{"a":' * 900 + "1" + "}" * 900):
        answer = getattr(client, row.method.lower())(url, body, content_type="application/json")
        assert answer.status_code < 500, answer.content[:300]
