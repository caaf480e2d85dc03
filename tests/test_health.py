"""Whether this process answers, may be given requests, and whether the jobs run: `/livez`, `/readyz`, `/healthz`."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from config import jobs
from config.models import JobRecord
from config.watching.job_records import know_jobs

pytestmark = pytest.mark.django_db

PROBES = ("/livez", "/readyz", "/healthz")


def answers(client: Client) -> list[tuple[int, dict[str, str]]]:
    found = [client.get(url) for url in PROBES]
    return [(response.status_code, response.json()) for response in found]


def test_all_is_well(client: Client) -> None:
    jobs.run("routing.sweep_counters")
    assert answers(client) == [(200, {"status": "ok"}), (200, {"status": "ok", "jobs": "ok"}), (200, {"status": "ok"})]


def test_migrations_that_are_behind_take_no_requests_and_are_no_reason_to_restart(client: Client) -> None:
    with mock.patch.object(MigrationExecutor, "migration_plan", return_value=[("agents", "0003")]):
        found = answers(client)
    assert found == [(200, {"status": "ok"}), (503, {"status": "migrations"}), (503, {"status": "migrations"})]


def test_a_database_that_does_not_answer_is_503_without_its_address_and_no_reason_to_restart(client: Client) -> None:
    with mock.patch("config.health.MigrationExecutor", side_effect=OperationalError("host 10.0.0.1 refused")):
        found = answers(client)
    assert found == [(200, {"status": "ok"}), (503, {"status": "database"}), (503, {"status": "database"})]


def test_a_worker_that_is_down_is_told_and_pages_go_on(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "jobs": "never"}
    know_jobs()
    JobRecord.objects.update(succeeded_at=timezone.now() - timedelta(hours=1))
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "jobs": "late"})
    assert client.get("/healthz").json() == {"status": "ok"}


def test_probes_answer_whatever_the_host_and_without_tls(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["shop.example"]
    for url in (*PROBES, "/metrics"):
        assert client.get(url, headers={"Host": "10.9.8.7"}).status_code == 200, url
    assert client.get("/sign-in/", headers={"Host": "10.9.8.7"}).status_code == 400


def test_probes_are_only_asked(client: Client) -> None:
    for url in (*PROBES, "/metrics"):
        assert client.post(url).status_code == 405, url
