"""Logs: lines of JSON with the ids of requests and jobs, the account and the shop; no secret, no message text."""

import asyncio
import json
import logging
import logging.config
from collections.abc import Iterator
from io import StringIO

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from agents.services import create_key, create_token
from agents.vocabulary import Role
from config import jobs
from config.watching.job_records import new_ticket
from config.watching.logs import blot, logging_settings
from config.watching.requests import request_id
from conversations.models import Buyer
from tests.agents.factories import actor_of, make_member, make_shop
from tests.loops import run_to_end

pytestmark = pytest.mark.django_db
API = {"content_type": "application/json"}


class Lines(StringIO):
    def told(self, **wanted: object) -> list[dict[str, object]]:
        found = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in found if wanted.items() <= line.items()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What goes to the log in production's form meanwhile."""
    form = logging_settings("json", "INFO")["formatters"]["fenliu"]
    made = logging.config.DictConfigurator({"version": 1}).configure_formatter(form)
    out = Lines()
    handler = logging.StreamHandler(out)
    handler.setFormatter(made)
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


def test_a_request_leaves_one_line_with_its_id_view_shop_and_account(client: Client, lines: Lines) -> None:
    member = make_member(make_shop("first"), Role.MAIN)
    client.force_login(member.account)
    response = client.get("/s/first/wall/?secret=hunter2", headers={"X-Request-ID": "from-nginx.42"})
    assert response.headers["X-Request-ID"] == "from-nginx.42"
    (line,) = lines.told(event="request")
    wanted = {"request_id": "from-nginx.42", "method": "GET", "path": "/s/first/wall/", "status": 200}
    assert wanted.items() <= line.items()
    assert (line["shop"], line["account"], line["level"]) == ("first", member.account.account, "info")
    assert "hunter2" not in lines.getvalue()


def test_a_program_is_named_by_the_number_of_its_key(lines: Lines) -> None:
    main = make_member(make_shop("first"), Role.MAIN)
    key, secret = create_key(actor=actor_of(main), name="shop system")
    Client(headers={"Authorization": f"Token {secret}"}).get("/api/v1/shops/first/queue/")
    Client(headers={"Authorization": f"Token {create_token(account=main.account)}"}).get("/api/v1/shops/first/")
    program, person = lines.told(event="request")
    assert (program["account"], program["shop"]) == (f"key {key.pk}", "first")
    assert person["account"] == main.account.account


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "a\nb", "<script>", "ü"])
def test_an_id_that_is_none_is_replaced(given: str) -> None:
    assert request_id(given) != given and len(request_id(given)) == 32


def test_a_fault_in_a_request_is_logged_under_its_id(client: Client, lines: Lines, monkeypatch) -> None:
    def fault(*_: object, **__: object) -> None:
        logging.getLogger("routing").warning("on the way")
        raise RuntimeError("broken here")

    monkeypatch.setattr("agents.views.sign_in.SignIn.get", fault)
    client.raise_request_exception = False
    assert client.get("/sign-in/", headers={"X-Request-ID": "it"}).status_code == 500
    assert [line["event"] for line in lines.told(request_id="it", level="warning")] == ["on the way"]
    assert any("broken here" in str(line.get("exception")) for line in lines.told(request_id="it", level="error"))
    assert lines.told(event="request", status=500, request_id="it")


def test_probes_leave_no_line_while_all_is_well(client: Client, lines: Lines) -> None:
    for url in ("/livez", "/readyz", "/healthz", "/metrics"):
        client.get(url)
    assert not lines.told(event="request")
    client.get("/metrics", REMOTE_ADDR="10.0.0.9")
    assert [line["path"] for line in lines.told(event="request")] == ["/metrics"]


def test_what_was_written_and_passwords_are_in_no_line(lines: Lines) -> None:
    shop = make_shop("first")
    main = make_member(shop, Role.MAIN)
    _key, secret = create_key(actor=actor_of(main), name="shop system")
    program = Client(headers={"Authorization": f"Token {secret}"})
    made = program.post("/api/v1/shops/first/conversations/", {"buyer": "秘密买家", "entry": "goods_detail"}, **API)
    url = f"/api/v1/shops/first/conversations/{made.json()['id']}/messages/"
    assert program.post(url, {"sender": "buyer", "text": "我的地址是和平路"}, **API).status_code == 201
    assert program.post(url, {"sender": "buyer", "kind": "video", "text": "我的地址是和平路"}, **API).status_code == 422
    Client().post("/sign-in/", {"username": "x", "password": "hunter2-secret"})
    Client().post("/api/v1/auth/token/", {"account": "x", "password": "hunter2-secret"}, **API)
    assert len(lines.told(event="request")) == 5
    for private in (secret, "和平路", "秘密买家", "hunter2-secret"):
        assert private not in lines.getvalue()


@pytest.mark.both
def test_what_the_database_says_of_a_rows_values_is_left_out(lines: Lines) -> None:
    shop, name = make_shop("first"), "".join(("秘密", "买家"))
    Buyer.objects.create(shop=shop, external_id=name)
    try:
        with transaction.atomic():
            Buyer.objects.create(shop=shop, external_id=name)
    except IntegrityError:
        logging.getLogger("x").exception("twice")
    assert lines.told(event="twice") and name not in lines.getvalue()


def test_that_somebody_left_before_their_page_was_ready_is_no_error(lines: Lines) -> None:
    async def leave(fault: BaseException) -> None:
        """As asyncio tells of what a thread of a request ended with, when nobody waits for it any more."""
        asyncio.get_running_loop().call_exception_handler(
            {"message": "Future exception was never retrieved", "exception": fault}
        )

    run_to_end(leave(asyncio.CancelledError()))
    assert lines.getvalue() == ""
    run_to_end(leave(ValueError("a fault of ours")))
    assert "a fault of ours" in lines.getvalue()


def test_what_looks_like_a_secret_is_blotted_out() -> None:
    said = (
        "fk_abcdefgh12345 redis://:pw@h/0 postgres://u:pw2@h/d https://q/send?key=693axxx&x=1 Authorization: Token zzz"
    )
    blotted = blot(said)
    for secret in ("abcdefgh", "pw@", "pw2", "693a", "zzz"):
        assert secret not in blotted
    assert "x=1" in blotted and "postgres://u:…@h/d" in blotted


def test_whatever_else_somebody_adds_to_a_record_does_not_get_in(lines: Lines) -> None:
    logging.getLogger("x").warning("said", extra={"text": "private", "status": 3})
    (line,) = lines.told(event="said")
    assert line["status"] == 3 and "private" not in lines.getvalue()


def test_a_job_is_logged_under_its_own_id_and_that_of_the_request_that_asked_for_it(lines: Lines, monkeypatch) -> None:
    def work() -> None:
        logging.getLogger("metrics").warning("in the job")
        raise RuntimeError("job broken")

    monkeypatch.setitem(jobs.REGISTRY, "some.job", jobs.Job("some.job", work, None))
    ticket = new_ticket() | {"request_id": "asked-by"}
    with pytest.raises(RuntimeError):
        jobs.run("some.job", {}, ticket)
    told = lines.told(job="some.job", job_id=ticket["job_id"], request_id="asked-by")
    assert [line["event"] for line in told] == ["in the job", "job failed"]
    assert "job broken" in str(told[1]["exception"])


def test_a_job_that_a_request_asks_for_carries_its_id(client: Client, monkeypatch) -> None:
    tickets: list[dict[str, str]] = []
    monkeypatch.setattr(jobs, "_dispatch", [lambda name, arguments: tickets.append(new_ticket())])

    def ask(*_: object, **__: object) -> None:
        jobs.enqueue("routing.sweep_counters")
        jobs._dispatch[0]("routing.sweep_counters", {})
        raise RuntimeError

    monkeypatch.setattr("agents.views.sign_in.SignIn.get", ask)
    client.raise_request_exception = False
    client.get("/sign-in/", headers={"X-Request-ID": "the-request"})
    assert [ticket["request_id"] for ticket in tickets] == ["the-request"]
    assert "request_id" not in new_ticket()


def test_people_get_lines_that_can_be_read() -> None:
    form = logging_settings("line", "INFO")["formatters"]["fenliu"]
    made = logging.config.DictConfigurator({"version": 1}).configure_formatter(form)
    record = logging.makeLogRecord({"name": "fenliu.requests", "msg": "request", "levelname": "INFO", "status": 200})
    assert "request" in made.format(record) and "status=200" in made.format(record) and "{" not in made.format(record)
