"""deploy/ for high availability: the files agree with each other, and what is missing is told in one line."""

import configparser
import re
import sys

import pytest
import yaml

from tests.nightly import cluster, high_availability
from tests.operations.pooler import read_shipped

PATRONI = yaml.safe_load((cluster.DEPLOY / "patroni/patroni.yml").read_text())
HAPROXY = (cluster.DEPLOY / "haproxy/haproxy.cfg").read_text()


@pytest.fixture
def pooler() -> configparser.ConfigParser:
    return read_shipped()


def test_the_pooler_leads_to_the_port_of_the_primary(pooler: configparser.ConfigParser) -> None:
    [bound] = re.findall(r"bind 127\.0\.0\.1:(\d+)", HAPROXY)
    assert f"host=127.0.0.1 port={bound} " in pooler["databases"]["fenliu"]
    assert pooler["pgbouncer"]["pool_mode"] == "transaction"


def test_the_pooler_refuses_options_instead_of_dropping_them(pooler: configparser.ConfigParser) -> None:
    assert "ignore_startup_parameters" not in pooler["pgbouncer"]


def test_a_node_that_is_not_the_primary_loses_its_connections() -> None:
    assert "uri /primary" in HAPROXY and "on-marked-down shutdown-sessions" in HAPROXY
    host, _, port = PATRONI["restapi"]["connect_address"].partition(":")
    assert f"server pg1 {host}:5432 check port {port}" in HAPROXY


def test_only_a_standby_that_confirmed_every_commit_is_promoted() -> None:
    dcs = PATRONI["bootstrap"]["dcs"]
    assert dcs["synchronous_mode"] is True
    assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"], "Patroni's own rule"
    kept = dcs["postgresql"]["parameters"]
    assert (kept["fsync"], kept["full_page_writes"], kept["synchronous_commit"]) == ("on", "on", "on")


def test_patroni_does_not_keep_its_lock_over_the_interface_that_lets_two_have_it() -> None:
    assert "etcd" in PATRONI and "etcd3" not in PATRONI
    assert "ETCD_ENABLE_V2=true" in (cluster.DEPLOY / "etcd/etcd.env").read_text()


@pytest.mark.parametrize(("demanded", "code"), [("0", 0), ("1", 1)])
def test_a_missing_program_is_told_in_one_line(demanded: str, code: int, monkeypatch, capsys) -> None:
    monkeypatch.setattr(cluster, "PROGRAMS", ("no-such-program",))
    monkeypatch.setenv("FENLIU_DEMAND_SERVERS", demanded)
    monkeypatch.setattr(sys, "argv", ["high_availability"])
    assert high_availability.main() == code
    assert capsys.readouterr().out == "SKIPPED high availability: no no-such-program\n"
