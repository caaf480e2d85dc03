"""Turns to hash: how many at once, in which order, how many wait, and that no connection is held."""

import threading
import time

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, identify_hasher, make_password
from django.db import connection, transaction

from core.hashing import Argon2, HashingBusy, HashingLine, release_connections

REAL = ["core.hashing.Argon2", "core.hashing.PBKDF2"]

pytestmark = pytest.mark.django_db


class Turns:
    """Threads that take a turn and keep it until `release`."""

    def __init__(self, line: HashingLine) -> None:
        self.line, self.release, self.lock = line, threading.Event(), threading.Lock()
        self.running = self.most = self.refused = 0
        self.order: list[int] = []
        self.threads: list[threading.Thread] = []

    def begin(self, count: int) -> None:
        for number in range(count):
            thread = threading.Thread(target=self._one, args=(len(self.threads) + number,))
            self.threads.append(thread)
            thread.start()

    def _one(self, number: int) -> None:
        try:
            with self.line.turn():
                with self.lock:
                    self.running += 1
                    self.most = max(self.most, self.running)
                    self.order.append(number)
                self.release.wait(10)
                with self.lock:
                    self.running -= 1
        except HashingBusy:
            with self.lock:
                self.refused += 1

    def wait_for(self, state: str, count: int) -> None:
        deadline = time.monotonic() + 10
        while getattr(self, state) != count:
            assert time.monotonic() < deadline, f"{state}: {getattr(self, state)}, not {count}"
            time.sleep(0.005)

    def end(self) -> None:
        self.release.set()
        for thread in self.threads:
            thread.join(10)


def test_beyond_those_that_run_and_wait_a_hash_is_refused_while_the_others_still_run() -> None:
    turns = Turns(HashingLine(2, 3, 10))
    turns.begin(2)
    turns.wait_for("running", 2)
    turns.begin(20)
    turns.wait_for("refused", 17)
    turns.end()
    assert (turns.most, len(turns.order)) == (2, 5)


def test_a_wait_that_lasts_too_long_is_refused_and_leaves_the_line() -> None:
    turns = Turns(HashingLine(1, 1, 0.05))
    turns.begin(1)
    turns.wait_for("running", 1)
    for refused in (1, 2):
        turns.begin(1)
        turns.wait_for("refused", refused)
    turns.end()
    with turns.line.turn():
        pass


def test_a_command_waits_in_a_line_of_any_length() -> None:
    turns = Turns(HashingLine(1, 0, None))
    turns.begin(6)
    turns.wait_for("running", 1)
    turns.end()
    assert (turns.most, len(turns.order), turns.refused) == (1, 6, 0)


def test_a_turn_within_a_turn_is_the_same_one_and_an_error_gives_it_back() -> None:
    line = HashingLine(1, 0, 0)
    with pytest.raises(ZeroDivisionError), line.turn(), line.turn():
        raise ZeroDivisionError
    with line.turn():
        pass


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_given_back_before_a_hash_but_not_out_of_a_transaction() -> None:
    connection.ensure_connection()
    release_connections()
    assert connection.connection is None
    with transaction.atomic():
        connection.ensure_connection()
        release_connections()
        assert connection.connection is not None


@pytest.mark.parametrize("work", ["right", "wrong", "new"])
def test_every_use_of_a_hasher_takes_a_turn(settings, monkeypatch, work: str) -> None:
    settings.PASSWORD_HASHERS = REAL
    hashed = make_password("one-Long-password")
    line = HashingLine(1, 0, 0)
    monkeypatch.setattr("core.hashing.hashing_line", lambda: line)
    other = Turns(line)
    other.begin(1)
    other.wait_for("running", 1)
    with pytest.raises(HashingBusy):
        make_password("x") if work == "new" else check_password("one-Long-password" if work == "right" else "x", hashed)
    other.end()


def test_an_old_hash_is_made_anew_by_the_first_right_password(settings) -> None:
    settings.PASSWORD_HASHERS = REAL
    old, kept = PBKDF2PasswordHasher().encode("one-Long-password", "salt"), []
    assert not check_password("wrong", old, kept.append)
    assert kept == []
    assert check_password("one-Long-password", old, lambda password: kept.append(make_password(password)))
    assert isinstance(identify_hasher(kept[0]), Argon2)
