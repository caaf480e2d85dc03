"""Real messages of 2017 through import and assessment, against a counter that knows nothing of the project.

The counter below reads the file itself and follows METRICS 2 in the plainest way, one conversation after another.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2017, 10, 25), date(2017, 12, 5)


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


def threads(path: Path) -> Iterator[tuple[str, str, list[tuple[date, float | None]]]]:
    """(buyer, conversation, its waits)."""
    talks, buyers = defaultdict(list), {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            moment = datetime.fromisoformat(row["sent_at"]).timestamp()
            talks[row["conversation"]].append((moment, row["sender"] == "agent"))
            buyers[row["conversation"]] = row["buyer"]
    for conversation, talk in talks.items():
        yield buyers[conversation], conversation, waits_of(sorted(talk))


def count_file(path: Path, unit: str, seconds: int) -> dict[date, tuple[int, int]]:
    """day -> (units passed, units failed). The file ends long before the clock does: nothing is pending."""
    units = defaultdict(list)
    for buyer, conversation, waits in threads(path):
        for number, (day, wait) in enumerate(waits):
            key = {"buyer_day": buyer, "session": conversation, "round": (conversation, number)}[unit]
            units[key, day].append(wait)
    counts = defaultdict(lambda: (0, 0))
    for (_, day), waits in units.items():
        if unit == "session":
            good = None not in waits and sum(waits) / len(waits) <= seconds
        else:
            # An answer of the next day is hours late in any case: nobody asks between 23 and 8.
            good = all(wait is not None and wait <= seconds for wait in waits)
        passed, failed = counts[day]
        counts[day] = (passed + good, failed + (not good))
    return counts


METRICS = [
    ("pinduoduo", "reply_5m", "buyer_day", 300, 3, (72, 446)),
    ("pinduoduo", "reply_15m", "buyer_day", 900, 3, (206, 312)),
    ("pinduoduo", "reply_60m", "buyer_day", 3600, 3, (333, 185)),
    ("pinduoduo", "human_3m", "buyer_day", 180, 1, (44, 474)),
    ("kuaishou", "human_3m", "buyer_day", 180, 7, (44, 474)),
    ("douyin", "human_3m", "session", 180, 1, (46, 480)),
    ("douyin", "reply_2m", "session", 120, 1, (29, 497)),
    ("taobao", "human_3m", "round", 180, 30, (96, 705)),
]
"""With what is known of 2017-10-31: M1 72 of 518, M4 44 of 518, M6 46 of 526, M8 29 of 526, M7 96 of 801, …"""


@pytest.mark.django_db
@pytest.mark.parametrize("platform", ["pinduoduo", "kuaishou", "douyin", "taobao"])
def test_every_day_agrees_with_an_independent_count(shared: Path, platform: str) -> None:
    path = shared / "data" / "support_messages.csv"
    call_command("create_shop", "ny", platform=platform, timezone="America/New_York", stdout=StringIO())
    imported = StringIO()
    call_command("import_chats", path, shop="ny", stdout=imported)
    assert imported.getvalue().splitlines()[-1] == "read 2709, imported 2709, skipped 0, refused 0"
    printed = StringIO()
    call_command("assess", shop="ny", date_from=str(FIRST), date_to=str(LAST), json=True, stdout=printed)
    metrics = json.loads(printed.getvalue())["metrics"]
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    of_platform = [row for row in METRICS if row[0] == platform]
    assert list(metrics) == [row[1] for row in of_platform]
    for _, metric, unit, seconds, window_days, known in of_platform:
        expected = count_file(path, unit, seconds)
        assert expected[date(2017, 10, 31)] == known
        assert list(metrics[metric]) == [str(day) for day in days]
        for day in days:
            found = metrics[metric][str(day)]
            assert (found["day"]["passed"], found["day"]["failed"]) == expected[day], (metric, day)
            assert found["day"]["pending"] == 0
            window = [expected[day - timedelta(days=n)] for n in range(window_days)]
            pooled = (sum(p for p, _ in window), sum(f for _, f in window))
            assert (found["window"]["passed"], found["window"]["failed"]) == pooled, (metric, day)
