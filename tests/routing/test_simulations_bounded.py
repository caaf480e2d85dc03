"""`POST simulate/` costs a web process a bounded amount; large scenarios are run by a job in a process of their own."""

import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Account
from agents.services import create_token
from agents.vocabulary import Role
from config import jobs
from routing.models import Simulation
from routing.services import simulating
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario
from tests.agents.factories import make_account, make_key, make_member, make_shop

pytestmark = pytest.mark.django_db
PATH = "/api/v1/simulate/"


def scenario(agents: int, events: int) -> dict[str, Any]:
    at = "2026-03-02T09:00:00+08:00"
    online = [{"at": at, "type": "presence", "agent": f"a{i}", "status": "online"} for i in range(min(agents, events))]
    opened = [
        {"at": at, "type": "open", "conversation": f"c{i}", "buyer": f"b{i}", "entry": "goods_detail"}
        for i in range(events - len(online))
    ]
    people = [{"account": f"a{i}"} for i in range(agents)]
    return {"platform": "pinduoduo", "agents": people, "events": online + opened}


LARGE = scenario(150, 1500)


def client_of(account: Account | None) -> Client:
    assert account is not None
    return Client(headers={"Authorization": f"Token {create_token(account=account)}"})


@pytest.fixture
def main() -> Client:
    return client_of(make_member(make_shop("first"), Role.MAIN).account)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The jobs that were handed to the runner."""
    found: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(simulating, "enqueue", lambda name, **arguments: found.append((name, arguments)))
    return found


def run(asked: list[tuple[str, dict[str, Any]]]) -> None:
    name, arguments = asked.pop()
    assert jobs.REGISTRY[name].run(**arguments) is True


@pytest.mark.parametrize("role", [Role.AGENT, Role.LOGISTICS_AGENT])
def test_an_agent_may_not_simulate(role: Role) -> None:
    client = client_of(make_member(make_shop(), role).account)
    assert client.post(PATH, scenario(1, 2), "application/json").status_code == 403


def test_neither_may_a_key_nor_a_stranger() -> None:
    key = Client(headers={"Authorization": f"Token {make_key(make_shop())[1]}"})
    assert key.post(PATH, scenario(1, 2), "application/json").status_code == 403
    assert client_of(make_account()).post(PATH, scenario(1, 2), "application/json").status_code == 403
    assert Client().post(PATH, scenario(1, 2), "application/json").status_code == 401


def test_a_small_scenario_is_answered_at_once(main: Client) -> None:
    answer = main.post(PATH, scenario(20, 200), "application/json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(Run(read_scenario(scenario(20, 200))).result()))
    assert not Simulation.objects.exists()


def test_a_large_one_is_run_by_a_job_and_its_result_is_the_same(main: Client, asked: list[Any]) -> None:
    answer = main.post(PATH, LARGE, "application/json")
    told = answer.json()
    assert (answer.status_code, told["state"], told["result"]) == (202, "waiting", None)
    assert answer.headers["Location"] == told["url"]
    assert main.get(told["url"]).json() == told
    run(asked)
    done = main.get(told["url"]).json()
    assert (done["state"], done["error"]) == ("done", None)
    assert done["result"] == json.loads(json.dumps(Run(read_scenario(LARGE)).result()))


def test_the_attack_s_scenario_is_never_run_in_the_web_process(main: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 agents × 15,000 events."""
    monkeypatch.setattr(simulating, "Run", None)
    assert main.post(PATH, scenario(1000, 15_000), "application/json").status_code == 202


@pytest.mark.parametrize(("agents", "events", "field"), [(1, 50_001, "events"), (2_001, 1, "agents")])
def test_beyond_a_job_it_is_refused_with_how_to_run_it(main: Client, agents: int, events: int, field: str) -> None:
    answer = main.post(PATH, scenario(agents, events), "application/json")
    told = answer.json()
    assert (answer.status_code, told["code"], list(told["fields"])) == (413, "too_large", [field])
    assert "manage.py simulate" in told["message"]


def test_an_account_has_one_large_scenario_at_a_time(main: Client, asked: list[Any]) -> None:
    assert main.post(PATH, LARGE, "application/json").status_code == 202
    again = main.post(PATH, LARGE, "application/json")
    assert again.status_code == 503 and int(again.headers["Retry-After"]) > 0
    run(asked)
    assert main.post(PATH, LARGE, "application/json").status_code == 202


def test_one_at_a_time_is_run_in_a_web_process(main: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "RETRY_AFTER_SECONDS", 0.01)
    with simulating._in_turn():
        assert main.post(PATH, scenario(1, 2), "application/json").status_code == 503
    assert main.post(PATH, scenario(1, 2), "application/json").status_code == 200


def test_another_account_does_not_find_it(main: Client) -> None:
    url = main.post(PATH, LARGE, "application/json").json()["url"]
    other = client_of(make_member(make_shop(), Role.MAIN).account)
    assert other.get(url).status_code == 404


def test_a_malformed_large_scenario_names_its_place(main: Client, asked: list[Any]) -> None:
    bad = LARGE | {"events": [*LARGE["events"], {"at": "x", "type": "tick"}]}
    url = main.post(PATH, bad, "application/json").json()["url"]
    run(asked)
    told = main.get(url).json()
    assert (told["state"], told["error"]["code"]) == ("failed", "malformed")
    assert list(told["error"]["fields"]) == ["events[1500].at"]


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [("RESULT_BYTES", 1000, "too_long_result"), ("MEMORY_BYTES", 25 * 1024**2, "too_much_memory")],
)
def test_a_run_ends_at_its_limits(
    main: Client, asked: list[Any], monkeypatch: pytest.MonkeyPatch, limit: str, value: int, code: str
) -> None:
    monkeypatch.setattr(simulating, limit, value)
    url = main.post(PATH, LARGE, "application/json").json()["url"]
    run(asked)
    assert main.get(url).json()["error"]["code"] == code


@pytest.mark.slow
def test_a_run_ends_with_its_time(main: Client, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "SECONDS", 1)
    url = main.post(f"{PATH}?traces=no", scenario(2000, 50_000), "application/json").json()["url"]
    run(asked)
    assert main.get(url).json()["error"]["code"] == "too_slow"


def test_one_whose_worker_was_killed_is_begun_again_and_given_up_in_the_end(main: Client, asked: list[Any]) -> None:
    main.post(PATH, LARGE, "application/json")
    row = Simulation.objects.get()
    later = timezone.now() + simulating.SILENT * 2
    for tries in range(simulating.MAX_TRIES):
        Simulation.objects.update(state="running", tries=tries, alive_at=timezone.now())
        assert simulating.dropped_simulations(now=timezone.now()) == []
        assert simulating.dropped_simulations(now=later) == [row.pk]
    Simulation.objects.update(tries=simulating.MAX_TRIES)
    assert simulating.dropped_simulations(now=later) == []
    row.refresh_from_db()
    assert row.state == "failed"


def test_results_expire(main: Client, asked: list[Any]) -> None:
    url = main.post(PATH, LARGE, "application/json").json()["url"]
    Simulation.objects.update(asked_at=timezone.now() - simulating.KEPT - timedelta(seconds=1))
    assert main.get(url).status_code == 404
    assert simulating.forget_simulations(now=timezone.now()) == 1


def test_what_is_stored_is_compressed(main: Client) -> None:
    main.post(PATH, LARGE, "application/json")
    assert json.loads(zlib.decompress(Simulation.objects.get().scenario)) == LARGE
