"""Real messages of 2017 through import and assessment, against a counter that knows nothing of the project.

The counter below reads the file itself and follows METRICS 2 in the plainest way, one conversation after another.
"""

import csv
import json
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2017, 10, 25), date(2017, 12, 5)
MINUTES = {"reply_5m": 5, "reply_15m": 15, "reply_60m": 60}


def waits_of(talk: list[tuple[float, bool]]) -> list[tuple[date, float | None]]:
    """(shop day, seconds until the answer or None) of each streak; `talk` is (moment, is it an answer), in order."""
    waits, asked = [], {}
    for moment, answer in talk:
        local = datetime.fromtimestamp(moment, NEW_YORK)
        if answer:
            waits += [(day, moment - since) for day, since in asked.items()]
            asked = {}
        elif time(8) <= local.time() < time(23):
            asked.setdefault(local.date(), moment)
    return waits + [(day, None) for day in asked]


def count_file(path: Path) -> dict[tuple[str, date], tuple[int, int]]:
    """(metric, day) -> (buyers passed, buyers failed)."""
    talks, buyers = defaultdict(list), {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            moment = datetime.fromisoformat(row["sent_at"]).timestamp()
            talks[row["conversation"]].append((moment, row["sender"] == "agent"))
            buyers[row["conversation"]] = row["buyer"]
    units = defaultdict(list)
    for conversation, talk in talks.items():
        for day, wait in waits_of(sorted(talk)):
            units[buyers[conversation], day].append(wait)
    counts = defaultdict(lambda: (0, 0))
    for (_, day), waits in units.items():
        for metric, limit in MINUTES.items():
            good = all(wait is not None and wait <= limit * 60 for wait in waits)
            passed, failed = counts[metric, day]
            counts[metric, day] = (passed + good, failed + (not good))
    return counts


@pytest.mark.django_db
def test_every_day_agrees_with_an_independent_count(shared: Path) -> None:
    path = shared / "data" / "support_messages.csv"
    call_command("create_shop", "ny", platform="pinduoduo", timezone="America/New_York", stdout=StringIO())
    imported = StringIO()
    call_command("import_chats", path, shop="ny", stdout=imported)
    assert imported.getvalue().splitlines()[-1] == "read 2709, imported 2709, skipped 0, refused 0"
    printed = StringIO()
    call_command("assess", shop="ny", date_from=str(FIRST), date_to=str(LAST), json=True, stdout=printed)
    metrics = json.loads(printed.getvalue())["metrics"]

    expected = count_file(path)
    assert expected["reply_5m", date(2017, 10, 31)] == (72, 446)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    for metric in MINUTES:
        assert list(metrics[metric]) == [str(day) for day in days]
        for day in days:
            found = metrics[metric][str(day)]
            assert (found["day"]["passed"], found["day"]["failed"]) == expected[metric, day], (metric, day)
            assert found["day"]["pending"] == 0
            window = [expected[metric, day - timedelta(days=n)] for n in range(3)]
            pooled = (sum(p for p, _ in window), sum(f for _, f in window))
            assert (found["window"]["passed"], found["window"]["failed"]) == pooled, (metric, day)
