"""schemathesis over the whole API, as each role, with a key and as nobody: no 500, nothing that the schema does not
say, nothing of another shop, nothing of the machine."""

import logging
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, find, given, seed
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.hostile.amount import PERCENT, SEED, part
from tests.hostile.calls import steered
from tests.hostile.world import CALLERS, HANDLE, NAMED, SECRET, World, make_world

FULL = 20_000
CHECKED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MACHINE = re.compile(
    rb'Traceback|File "|site-packages|\.py\b|'
    + re.escape(str(django_settings.BASE_DIR)).encode()
    + rb"|Error: |SELECT "
)


def load() -> Any:
    return schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


SCHEMA = load()
ALL = list(HealthCheck)
ONE = how(max_examples=50, phases=[Phase.generate], database=None, suppress_health_check=ALL)
APPLICATION = get_wsgi_application()
OPERATIONS = {result.ok().label: result.ok() for result in SCHEMA.get_all_operations()}
EACH = max(2, -(-part(FULL) // (len(OPERATIONS) * len(CALLERS))))
"""Cases of one operation as one caller, rounded up."""

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def world(caplog: pytest.LogCaptureFixture, settings) -> Iterator[World]:
    caplog.set_level(logging.CRITICAL)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # real ones are slow on purpose
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)  # as Django's own test client does
    yield make_world()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@contextmanager
def undone() -> Iterator[None]:
    """What a case changes is taken back: a main account that has disabled itself would make the rest vain."""
    block = transaction.atomic()
    block._from_testcase = True  # the services' own transactions are durable ones
    with block:
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_answers_as_it_is_described_whoever_calls(name: str, world: World) -> None:
    faults: dict[str, str] = {}
    told: Counter[int] = Counter()
    for caller in CALLERS:
        for number, cases in modes(OPERATIONS[name]):
            run(name, cases, world, caller, number, faults, told)
    assert not faults, "\n\n".join(faults.values())
    assert told.total() >= EACH * len(CALLERS), told
    assert told[2] or PERCENT < 100, f"nobody ever got through: {told}"


def modes(operation: Any) -> list[tuple[int, Any]]:
    """Half of the cases as described, half with something wrong, where something can be."""
    right, wrong = (operation.as_strategy(mode) for mode in GenerationMode)
    if not can_be_wrong(operation.label):
        return [(EACH, right)]
    return [(EACH - EACH // 2, right), (EACH // 2, wrong)]


@cache
def can_be_wrong(name: str) -> bool:
    """Of a shop's slug every text is one, so an address with nothing else has nothing to be wrong."""
    try:
        find(OPERATIONS[name].as_strategy(GenerationMode.NEGATIVE), lambda case: True, settings=ONE)
    except (NoSuchExample, Unsatisfiable):
        return False
    return True


def run(
    name: str, cases: Any, world: World, caller: str, number: int, faults: dict[str, str], told: Counter[int]
) -> None:
    """So many cases; what is wrong is gathered, one of each sort, so that one run shows all of it."""

    @seed(f"{SEED} {name} {caller} {number}")
    @how(max_examples=number, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=ALL)
    @given(case=cases, more=st.integers(0, 2**64))
    def each(case: Case, more: int) -> None:
        # Hypothesis likes small numbers and the same ones again: the choice of what is put in place is ours.
        luck = Random(f"{SEED} {name} {caller} {told.total()} {more}")
        with undone():
            status, wrong = answered(steered(case, world, luck), world, caller)
        told[status // 100] += 1
        for sort, text in wrong:
            faults.setdefault(sort, f"{caller}: {text}")

    each()


def answered(case: Case, world: World, caller: str) -> tuple[int, list[tuple[str, str]]]:
    """The status of the answer, and what is wrong with it: [(sort, text)]."""
    raised: list[BaseException] = []

    def note(sender: object, request: Any = None, **more: object) -> None:
        raised.append(sys.exc_info()[1] or RuntimeError())

    got_request_exception.connect(note)
    try:
        response = case.call(app=APPLICATION, headers=world.headers[caller])
    finally:
        got_request_exception.disconnect(note)
    where = f"{case.as_curl_command()}\n  {response.status_code}: {response.content[:300]!r}"
    if raised:
        trace = "".join(traceback.format_exception(raised[0])[-3:])
        return response.status_code, [(f"500 {trace}", f"{where}\n{trace}")]
    wrong = [(sort, f"{sort}: {where}") for sort in leaks(case, response, world, caller)]
    try:
        case.validate_response(response, checks=CHECKED)
    except FailureGroup as group:
        wrong += [(f"{response.status_code} {e.title}", f"{e.title}: {e.message}\n{where}") for e in group.exceptions]
    return response.status_code, wrong


def leaks(case: Case, response: Any, world: World, caller: str) -> list[str]:
    body = response.content
    found = ["tells of the machine"] if MACHINE.search(body) else []
    if SECRET.encode() in body or (NAMED.encode() in body and caller != "operator"):
        found.append("tells of another shop")
    sent = unquote(response.request.url or "") + repr(response.request.body)
    if HANDLE.encode() in body and HANDLE not in sent and caller != "operator":
        found.append("names another shop")
    return found
