"""`/metrics`: what Prometheus is told, who may ask, and that the board and the alerts ask for what is there."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from agents.models import AuditEntry, PresenceLog
from config import jobs
from config.models import DecisionTally, JobRecord, TallyCursor
from config.watching import tallying
from config.watching.job_records import know_jobs, late_jobs, lateness
from config.watching.tables import Tables
from conversations.models import Conversation, Message
from metrics.models import BuyerDay, DirtyDay, RateRollup, Rollup
from outgoing.models import Delivery, Push
from routing import services
from routing.models import AgentCounter, CounterDrift, Decision, ShopEvent
from routing.stream.figures import LAG
from tests.agents.factories import make_agent
from tests.metrics.rows import make_shop
from tests.outgoing.builders import make_delivery

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db


def figures(client: Client) -> dict[str, float]:
    """{"name{labels}": value} of a scrape."""
    response = client.get("/metrics")
    assert response.status_code == 200
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.both
def test_decisions_are_told_by_platform_rule_and_outcome_and_stay_told_when_they_are_dropped(client: Client) -> None:
    for platform in ("pinduoduo", "taobao"):
        shop = make_shop(platform)
        make_agent(shop, "a1")
        services.open_conversation(shop=shop, external_id="waits", buyer="b1", entry="goods_detail")
        services.set_presence(shop=shop, agent="a1", status="online")
    assert jobs.run("config.tally_decisions") == 4
    told = figures(client)
    assert told['fenliu_decisions_total{outcome="assigned",platform="pinduoduo",rule="PDD4"}'] == 1
    assert told['fenliu_decisions_total{outcome="queued",platform="taobao",rule="G5"}'] == 1
    Decision.objects.all().delete()
    assert jobs.run("config.tally_decisions") == 0
    assert figures(client)['fenliu_decisions_total{outcome="queued",platform="taobao",rule="G5"}'] == 1


@pytest.mark.both
def test_a_tally_that_is_broken_off_counts_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop()
    for number in range(5):
        services.open_conversation(shop=shop, external_id=f"c{number}", buyer=f"b{number}", entry="goods_detail")
    monkeypatch.setattr(tallying, "STRETCH", 2)
    assert tallying._next_stretch(shop) == 2
    assert TallyCursor.objects.get(pk=shop.pk).seq == 2
    assert tallying.tally_decisions() == 3
    assert sum(DecisionTally.objects.values_list("count", flat=True)) == 5


@pytest.mark.both
def test_queues_waits_and_people_are_told_by_platform_also_where_there_is_nobody(client: Client) -> None:
    shop = make_shop("douyin")
    make_agent(shop, "a1")
    hour_ago = timezone.now() - timedelta(hours=1)
    services.open_conversation(shop=shop, external_id="w1", buyer="b1", entry="live", now=hour_ago)
    told = figures(client)
    assert told['fenliu_waiting_conversations{platform="douyin"}'] == 1
    assert told['fenliu_longest_wait_seconds{platform="douyin"}'] >= 3600
    assert told['fenliu_waiting_conversations{platform="taobao"}'] == 0
    services.set_presence(shop=shop, agent="a1", status="online")
    told = figures(client)
    assert told['fenliu_waiting_conversations{platform="douyin"}'] == 0
    assert told['fenliu_open_conversations{platform="douyin"}'] == 1
    assert told['fenliu_unanswered_conversations{platform="douyin"}'] == 1
    assert told['fenliu_people{platform="douyin",status="online"}'] == 1


def test_a_job_is_told_of_when_it_goes_well_when_it_fails_and_when_it_does_not_run(client: Client, monkeypatch) -> None:
    know_jobs()
    name = "routing.sweep_counters"
    jobs.run(name)
    told = figures(client)
    assert told[f'fenliu_job_runs_total{{name="{name}"}}'] == 1
    assert told[f'fenliu_job_succeeded_timestamp_seconds{{name="{name}"}}'] > 0
    assert told[f'fenliu_job_late_seconds{{name="{name}"}}'] == 0
    monkeypatch.setitem(jobs.REGISTRY, name, jobs.Job(name, lambda: 1 / 0, jobs.REGISTRY[name].cron))
    with pytest.raises(ZeroDivisionError):
        jobs.run(name)
    told = figures(client)
    assert told[f'fenliu_job_failures_total{{name="{name}"}}'] == 1
    assert told[f'fenliu_job_runs_total{{name="{name}"}}'] == 1
    JobRecord.objects.filter(pk=name).update(succeeded_at=timezone.now() - timedelta(hours=3))
    assert figures(client)[f'fenliu_job_late_seconds{{name="{name}"}}'] > 3600


def test_lateness_counts_from_the_first_time_that_was_missed_in_the_installations_own_time_zone() -> None:
    since = timezone.datetime.fromisoformat("2026-03-02T09:00:00+08:00")
    now = timezone.datetime.fromisoformat("2026-03-03T04:00:00+08:00")
    assert lateness("43 3 * * *", since, now) == 17 * 60
    assert lateness("43 4 * * *", since, now) == 0


def test_a_job_that_has_never_run_is_late_once_somebody_should_have_run_it() -> None:
    now = timezone.now()
    know_jobs()

    def late() -> list[str]:
        return late_jobs(now, {row.name: row for row in JobRecord.objects.all()})

    assert late() == []
    JobRecord.objects.update(since=now - timedelta(minutes=20))
    assert "metrics.sweep_assessments" in late()


def test_a_job_of_every_minute_is_late_after_one_minute_and_others_after_five() -> None:
    now = timezone.now().replace(second=30, microsecond=0)
    know_jobs()
    JobRecord.objects.update(succeeded_at=now - timedelta(seconds=150))
    late = late_jobs(now, {row.name: row for row in JobRecord.objects.all()})
    assert "routing.sweep_time_outs" in late
    assert "routing.sweep_counters" not in late and "config.drop_old_records" not in late


@pytest.mark.both
def test_what_is_still_to_go_out_and_what_was_found_wrong_is_told(client: Client) -> None:
    delivery = make_delivery(make_shop())
    Delivery.objects.filter(pk=delivery.pk).update(state="pending", since=timezone.now() - timedelta(hours=2))
    shop = delivery.shop
    agent = make_agent(shop, "a1")
    services.set_presence(shop=shop, agent="a1", status="online")
    services.open_conversation(shop=shop, external_id="c", buyer="b", entry="goods_detail")
    AgentCounter.objects.filter(pk=agent.pk).update(open=9)
    jobs.run("routing.compare_counters", {"shop": shop.pk})
    old = {"at": timezone.now() - timedelta(days=3), "counter": "open", "counted": 1, "truth": 0}
    CounterDrift.objects.create(shop=shop, sub_account=agent, **old)
    DirtyDay.objects.create(shop=shop, date=timezone.now().date())
    told = figures(client)
    kind = delivery.outlet.kind
    assert told[f'fenliu_deliveries_pending{{kind="{kind}"}}'] == 1
    assert told[f'fenliu_delivery_oldest_seconds{{kind="{kind}"}}'] >= 7200
    assert told['fenliu_drifts{of="counters"}'] == 1
    assert told["fenliu_days_to_count"] >= 1
    assert told["fenliu_database_bytes"] > 0


def test_requests_are_counted_by_view_and_status_never_by_address(client: Client) -> None:
    before = figures(client)
    client.get("/sign-in/")
    client.get("/nothing/of/the/kind/")
    client.get("/s/no-such-shop/")
    told = figures(client)
    for key in ('method="GET",status="200",view="sign_in"', 'method="GET",status="404",view="none"'):
        name = f"fenliu_http_requests_total{{{key}}}"
        assert told[name] == before.get(name, 0) + 1
    name = 'fenliu_http_request_seconds_count{view="sign_in"}'
    assert told[name] == before.get(name, 0) + 1
    assert not any("no-such-shop" in line or "/nothing" in line for line in told)


def test_a_database_that_is_away_is_what_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_now: object) -> None:
        raise OperationalError("no database")

    monkeypatch.setattr("config.watching.tables._all", away)
    told = figures(client)
    assert told["fenliu_database_up"] == 0
    assert "fenliu_database_bytes" not in told
    assert any(name.startswith("fenliu_http_requests_total") for name in told)


GROWING = (Decision, Message, ShopEvent, BuyerDay, Rollup, RateRollup, AuditEntry, PresenceLog)


@pytest.mark.both
def test_no_scrape_reads_a_table_that_grows() -> None:
    asked: list[str] = []

    def note(execute, sql, params, many, context):
        asked.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        names = {metric.name for metric in Tables().collect()}
    assert "fenliu_decisions" in names and len(asked) >= 10
    tables = [f'"{model._meta.db_table}"' for model in GROWING]
    assert not [sql for sql in asked if any(table in sql for table in tables)]
    for model in (Conversation, Delivery, Push):
        read = [sql for sql in asked if f'FROM "{model._meta.db_table}"' in sql]
        assert read and all('"state"' in sql.partition("WHERE")[2] for sql in read), read


def test_without_a_token_only_this_machine_may_ask_and_not_through_a_proxy(client: Client) -> None:
    assert client.get("/metrics", headers={"Host": "10.1.2.3"}).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_with_a_token_whoever_sends_it_may_ask_and_nobody_else(client: Client, settings) -> None:
    settings.METRICS_TOKEN = "a-long-secret"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    given = {"Authorization": "Bearer a-long-secret", "X-Forwarded-For": "10.0.0.9"}
    assert client.get("/metrics", headers=given, REMOTE_ADDR="10.0.0.9").status_code == 200


def named_in(text: str) -> set[str]:
    return set(re.findall(r"fenliu_[a-z0-9_]+", text))


def test_the_board_and_the_alerts_ask_for_figures_that_are_there(client: Client) -> None:
    assert LAG
    told = client.get("/metrics").content.decode()
    there = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", told, re.MULTILINE):
        there |= {f"{name}{end}" for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {name}
    board = json.loads((ROOT / "deploy/grafana/fenliu.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    alerts = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert len(asked) >= 15 and len(rules) >= 10
    wanted = named_in("\n".join([*asked, *(rule["expr"] for rule in rules)]))
    assert wanted <= there, wanted - there
    unseen = {
        name for name in there if name.startswith("fenliu_") and not name.endswith(("_sum", "_count", "_created"))
    } - wanted
    assert not unseen - {"fenliu_job_succeeded_timestamp_seconds"}, f"on no board and in no alert: {unseen}"


def test_every_alert_says_what_it_means_and_operations_md_says_what_to_do() -> None:
    manual = (ROOT / "docs/operations.md").read_text()
    alerts = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    for rule in (rule for group in alerts["groups"] for rule in group["rules"]):
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket")
        assert f"### {rule['alert']}" in manual, rule["alert"]
