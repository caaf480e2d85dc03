"""`/healthz` tells whether this process can do its work, and nothing else."""

from unittest import mock

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

pytestmark = pytest.mark.django_db


def test_all_is_well(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_migrations_that_are_behind_answer_503(client: Client) -> None:
    with mock.patch.object(MigrationExecutor, "migration_plan", return_value=[("agents", "0003")]):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "migrations"})


def test_a_database_that_does_not_answer_is_503_without_its_address(client: Client) -> None:
    with mock.patch("config.health.MigrationExecutor", side_effect=OperationalError("host 10.0.0.1 refused")):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "database"})
