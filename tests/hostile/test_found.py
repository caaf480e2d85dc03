"""What hostile input has found, one by one: none of it depends on a seed."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from django.test import Client

from agents.services import create_token
from agents.vocabulary import Role
from conversations.services.importing import BadFile, ChatFile
from routing.engine.checking import Malformed
from routing.management.commands.simulate import read_file
from routing.simulator.lines import simulate_lines
from tests.agents.factories import make_key, make_member, make_shop
from tests.hostile.calls import SCENARIO
from tests.routing.factories import make_waiting

LISTS = ["conversations/", "conversations/{pk}/messages/", "routing/versions/", "keys/", "webhooks/"]


@pytest.mark.django_db
@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("position", ["2026-13-41", "x", "\x00", "0001-01-01T00:00:00+14:00", "9" * 30 + ".5"])
def test_a_page_that_no_list_has_named_is_refused_at_its_place(place: str, position: str) -> None:
    shop = make_shop("first")
    place = place.format(pk=make_waiting(shop).pk)
    account = make_member(shop, Role.MAIN).account
    assert account is not None
    client = Client(headers={"Authorization": f"Token {create_token(account=account)}"})
    cursor = b64encode(f"p={position}".encode()).decode()
    answer = client.get(f"/api/v1/shops/first/{place}", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2**63, 10**40])
def test_a_conversation_of_a_number_that_no_database_takes_is_not_there(number: int) -> None:
    shop = make_shop("first")
    row = make_waiting(shop)
    client = Client(headers={"Authorization": f"Token {make_key(shop)[1]}"})
    # First one that is there: from then on the statement is ready, and the number goes to the database as it came.
    assert client.get(f"/api/v1/shops/first/conversations/{row.pk}/").status_code == 200
    for path in ("", "decisions/", "messages/", "messages/1/image/"):
        assert client.get(f"/api/v1/shops/first/conversations/{number}/{path}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2**63, 10**40])
def test_nor_is_anything_else_of_such_a_number(number: int) -> None:
    shop = make_shop("first")
    row = make_waiting(shop)
    account = make_member(shop, Role.MAIN).account
    assert account is not None
    client = Client(headers={"Authorization": f"Token {create_token(account=account)}"})
    base = "/api/v1/shops/first/"
    calls = [
        client.get(f"{base}conversations/{row.pk}/messages/{number}/image/"),
        client.delete(f"{base}keys/{number}/"),
        client.patch(f"{base}penalties/{number}/", {"mark": "confirmed"}, "application/json"),
        client.get(f"{base}webhooks/{number}/deliveries/"),
        client.post(f"{base}routing/versions/{number}/restore/"),
    ]
    assert [answer.status_code for answer in calls] == [404] * 5


def test_a_quote_in_the_head_of_a_csv_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "chats.csv"
    path.write_text('"conversation"x,buyer,sender,sent_at\n')
    with pytest.raises(BadFile, match="line 1: quotes do not match"):
        ChatFile(path).check()


def test_a_number_of_too_many_digits_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"seed": ' + "9" * 5000 + "}")
    with pytest.raises(Malformed, match="no JSON"):
        read_file(str(path))
    with pytest.raises(Malformed, match="line 1: no JSON"):
        simulate_lines([path.read_bytes()], lambda _line: None)


@pytest.mark.django_db
@pytest.mark.parametrize("agent", [["a1"], {"a": 1}, 7])
def test_what_is_no_name_in_an_expectation_is_refused_over_the_api_too(agent: object) -> None:
    account = make_member(make_shop("first"), Role.MAIN).account
    assert account is not None
    client = Client(headers={"Authorization": f"Token {create_token(account=account)}"})
    scenario = SCENARIO | {"expect": [{"conversation": "c1", "agent": agent}]}
    answer = client.post("/api/v1/simulate/", json.dumps(scenario), "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_an_error_repeats_what_was_sent_at_no_length() -> None:
    assert len(str(Malformed("x" * 9000, "y" * 9000))) < 1000
