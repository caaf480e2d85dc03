"""Late, out-of-order and repeated imports give the same figures as messages in order (METRICS 2, P5).

Random talk is imported in random pieces with assessments in between, and compared with a slow, obvious count.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agents.models import Shop, SubAccount
from conversations.services.importing import ChatFile
from metrics.formulas.measures import MEASURES
from metrics.models import Alert, DayRate, PenaltyWindow, RateRollup, Rollup
from metrics.services import assess, import_chats
from tests.metrics.rows import make_shop

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 3, 7, 12, tzinfo=UTC)  # the day before New York puts its clocks forward
HUMAN = ("agent",)
ANYBODY = ("agent", "robot")
METRICS = {
    "pinduoduo": {
        "reply_5m": ("buyer_day", 300, ANYBODY),
        "reply_15m": ("buyer_day", 900, ANYBODY),
        "reply_60m": ("buyer_day", 3600, ANYBODY),
        "human_3m": ("buyer_day", 180, HUMAN),
    },
    "kuaishou": {"human_3m": ("buyer_day", 180, HUMAN)},
    "douyin": {"human_3m": ("session", 180, HUMAN), "reply_2m": ("session", 120, HUMAN)},
    "taobao": {"human_3m": ("round", 180, HUMAN)},
}
"""METRICS 3, written down a second time: unit, T, whose answers count."""
STEPS = [0, 30, 120, 121, 180, 181, 299, 300, 301, 900, 901, 3600, 3601, 9_000, 40_000]

message = st.fixed_dictionaries(
    {
        "conversation": st.sampled_from(["c1", "c2", "c3", "c4"]),
        "sender": st.sampled_from(["buyer", "buyer", "buyer", "agent", "agent", "robot", "auto"]),
        "step": st.sampled_from(STEPS),
        "agent": st.sampled_from(["x", "y"]),
        "to_robot": st.sampled_from([False, False, True]),
    }
)


def rows_of(drawn: list[dict]) -> list[dict]:
    """Draws as rows of chat history, each a step later than the one before; c1 and c2 are one buyer's."""
    moment, rows = START, []
    for number, draw in enumerate(drawn):
        moment += timedelta(seconds=draw["step"])
        rows.append(
            {
                "conversation": draw["conversation"],
                "buyer": {"c1": "b1", "c2": "b1"}.get(draw["conversation"], draw["conversation"]),
                "sender": draw["sender"],
                "agent": draw["agent"] if draw["sender"] == "agent" else "",
                "sent_at": moment.isoformat(),
                "message_id": f"{number:04}",
                "to_robot": draw["to_robot"] and draw["sender"] == "buyer",
            }
        )
    return rows


def obvious(platform: str, rows: list[dict], now: datetime) -> dict[tuple[str, date], list[int]]:
    """(metric, day) -> [passed, failed, pending]: every question is looked at anew, from the front."""
    found: dict[tuple[str, date], list[int]] = {}
    for metric, (unit, limit, answers) in METRICS[platform].items():
        units: dict = {}
        for row, asked, answered in streaks(rows, answers, now):
            day = asked.astimezone(ZONE).date()
            key = {"buyer_day": row["buyer"], "session": row["conversation"], "round": row["message_id"]}[unit]
            units.setdefault((day, key), []).append((asked, answered))
        for (day, _key), waits in units.items():
            found.setdefault((metric, day), [0, 0, 0])[VERDICTS[unit](day, waits, limit, now)] += 1
    return found


def streaks(rows: list[dict], answers: tuple[str, ...], now: datetime) -> list[tuple[dict, datetime, datetime | None]]:
    """(first row, when it was asked, when it was answered) of each counted streak."""
    robot_counts = "robot" in answers
    rows = [row for row in rows if robot_counts or not row["to_robot"]]
    moments = [(datetime.fromisoformat(r["sent_at"]), r["sender"] != "buyer", r["message_id"], r) for r in rows]
    moments = [m for m in sorted(moments, key=lambda m: m[:3]) if m[0] <= now]
    found = []
    for index, (asked, _, _, row) in enumerate(moments):
        local = asked.astimezone(ZONE)
        if row["sender"] != "buyer" or not 8 <= local.hour < 23:
            continue
        talk = [m for m in moments if m[3]["conversation"] == row["conversation"]]
        earlier = [m for m in talk if m in moments[:index]]
        since_reply: list = []
        for m in earlier:
            since_reply = [] if m[3]["sender"] in answers else [*since_reply, m]
        running = [
            m
            for m in since_reply
            if m[3]["sender"] == "buyer"
            and m[0].astimezone(ZONE).date() == local.date()
            and 8 <= m[0].astimezone(ZONE).hour < 23
        ]
        if running:
            continue  # not the first counted message of its streak
        later = [m[0] for m in talk if m in moments[index:] and m[3]["sender"] in answers]
        found.append((row, asked, later[0] if later else None))
    return found


def buyer_day(day: date, waits: list, limit: int, now: datetime) -> int:
    longest = max(((answered or now) - asked).total_seconds() for asked, answered in waits)
    return 1 if longest > limit else 2 if any(answered is None for _, answered in waits) else 0


def one_round(day: date, waits: list, limit: int, now: datetime) -> int:
    [(asked, answered)] = waits
    if (answered or now).astimezone(ZONE).date() != day or ((answered or now) - asked).total_seconds() > limit:
        return 1
    return 2 if answered is None else 0


def session(day: date, waits: list, limit: int, now: datetime) -> int:
    open_ones = [asked for asked, answered in waits if answered is None]
    if any((now - asked).total_seconds() > limit for asked in open_ones):
        return 1
    if open_ones:
        return 2
    mean = sum((answered - asked).total_seconds() for asked, answered in waits) / len(waits)
    return 0 if mean <= limit else 1


VERDICTS = {"buyer_day": buyer_day, "round": one_round, "session": session}


def put_in(shop: Shop, rows: list[dict], now: datetime) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chats.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        import_chats(shop=shop, file=ChatFile(path), strict=True, now=now, on_refused=pytest.fail)


def everything(shop: Shop) -> list:
    """All that an assessment leaves, without what tells when it was found."""
    rates = DayRate.objects.filter(shop=shop).exclude(passed=0, failed=0, pending=0)
    names = {str(pk): name for pk, name in SubAccount.objects.filter(shop=shop).values_list("pk", "name")}
    units = RateRollup.objects.filter(shop=shop).exclude(passed=0, failed=0, pending=0)
    amounts = Rollup.objects.filter(shop=shop).values_list("dimension", "key", "date", "hour", *MEASURES)
    windows = PenaltyWindow.objects.filter(shop=shop).exclude(state="withdrawn")
    return [
        sorted(
            rates.values_list(
                "metric", "date", "passed", "failed", "pending", "window_passed", "window_failed", "assessed", "passes"
            ),
            key=str,
        ),
        sorted(
            (dimension, names.get(key, key), *row)
            for dimension, key, *row in units.values_list(
                "dimension", "key", "metric", "date", "hour", "passed", "failed", "pending"
            )
        ),
        sorted((dimension, names.get(key, key), *row) for dimension, key, *row in amounts if any(row[2:])),
        sorted(windows.values_list("kind", "opened_on", "starts_at", "ends_at", "state", "run"), key=str),
    ]


class AnyOrder(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        drawn=st.lists(message, min_size=1, max_size=25),
        seed=st.integers(0, 10_000),
        wait=st.sampled_from(STEPS),
        platform=st.sampled_from(sorted(METRICS)),
    )
    def test_pieces_in_any_order_count_as_the_whole_and_as_the_obvious_way(
        self, drawn: list[dict], seed: int, wait: int, platform: str
    ) -> None:
        rows, rng = rows_of(drawn), Random(seed)
        now = datetime.fromisoformat(rows[-1]["sent_at"]) + timedelta(seconds=wait)
        first, last = START.date() - timedelta(days=1), now.astimezone(ZONE).date()

        whole = make_shop(platform, timezone=ZONE.key)
        put_in(whole, rows, now)
        assess(shop=whole, date_from=first, date_to=last, now=now)

        pieces = make_shop(platform, timezone=ZONE.key)
        shuffled = [*rows, *rng.sample(rows, k=len(rows) // 2)]
        rng.shuffle(shuffled)
        while shuffled:
            size = rng.randint(1, len(shuffled))
            put_in(pieces, shuffled[:size], now)
            shuffled = shuffled[size:]
            if rng.random() < 0.5:
                day = START.date() + timedelta(days=rng.randint(0, 3))
                assess(shop=pieces, date_from=day, date_to=day, now=now)
        assess(shop=pieces, date_from=last, date_to=last, now=now)

        figures = {
            (row.metric, row.date): [row.passed, row.failed, row.pending]
            for row in DayRate.objects.filter(shop=whole).exclude(passed=0, failed=0, pending=0)
        }
        assert figures == obvious(platform, rows, now)
        assert everything(pieces) == everything(whole)
        events = Alert.objects.filter(shop=pieces).values_list("window", "event", "date")
        assert len(events) == len(set(events))
