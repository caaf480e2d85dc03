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

from agents.models import Shop
from conversations.services.importing import ChatFile
from metrics.models import AgentDayRate, Alert, DayRate, PenaltyWindow
from metrics.services import assess, import_chats
from tests.metrics.rows import make_shop

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 3, 7, 12, tzinfo=UTC)  # the day before New York puts its clocks forward
LIMIT = {"reply_5m": 300, "reply_15m": 900, "reply_60m": 3600}
STEPS = [0, 30, 299, 300, 301, 900, 901, 3600, 3601, 9_000, 40_000]

message = st.fixed_dictionaries(
    {
        "conversation": st.sampled_from(["c1", "c2", "c3", "c4"]),
        "sender": st.sampled_from(["buyer", "buyer", "buyer", "agent", "agent", "robot", "auto"]),
        "step": st.sampled_from(STEPS),
        "agent": st.sampled_from(["x", "y"]),
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
            }
        )
    return rows


def obvious(rows: list[dict], now: datetime) -> dict[tuple[str, date], list[int]]:
    """(metric, day) -> [passed, failed, pending]: every question is looked at anew, from the front."""
    moments = [(datetime.fromisoformat(r["sent_at"]), r["sender"] != "buyer", r["message_id"], r) for r in rows]
    moments = [m for m in sorted(moments, key=lambda m: m[:3]) if m[0] <= now]
    units: dict = {}
    for index, (asked, _, _, row) in enumerate(moments):
        local = asked.astimezone(ZONE)
        if row["sender"] != "buyer" or not 8 <= local.hour < 23:
            continue
        talk = [m for m in moments if m[3]["conversation"] == row["conversation"]]
        earlier = [m for m in talk if m in moments[:index]]
        since_reply: list = []
        for m in earlier:
            since_reply = [] if m[3]["sender"] in ("agent", "robot") else [*since_reply, m]
        running = [
            m
            for m in since_reply
            if m[3]["sender"] == "buyer"
            and m[0].astimezone(ZONE).date() == local.date()
            and 8 <= m[0].astimezone(ZONE).hour < 23
        ]
        if running:
            continue  # not the first counted message of its streak
        later = [m[0] for m in talk if m in moments[index:] and m[3]["sender"] in ("agent", "robot")]
        units.setdefault((row["buyer"], local.date()), []).append((asked, later[0] if later else None))
    found: dict[tuple[str, date], list[int]] = {}
    for (_, day), streaks in units.items():
        for metric, limit in LIMIT.items():
            waits = [((end or now) - asked).total_seconds() for asked, end in streaks]
            open_ones = [end for _, end in streaks if end is None]
            verdict = 1 if max(waits) > limit else 2 if open_ones else 0
            found.setdefault((metric, day), [0, 0, 0])[verdict] += 1
    return found


def put_in(shop: Shop, rows: list[dict], now: datetime) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chats.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        import_chats(shop=shop, file=ChatFile(path), strict=True, now=now, on_refused=pytest.fail)


def everything(shop: Shop) -> list:
    """All that an assessment leaves, without what tells when it was found."""
    rates = DayRate.objects.filter(shop=shop).exclude(passed=0, failed=0, pending=0)
    agents = AgentDayRate.objects.filter(shop=shop)
    windows = PenaltyWindow.objects.filter(shop=shop).exclude(state="withdrawn")
    return [
        sorted(
            rates.values_list(
                "metric", "date", "passed", "failed", "pending", "window_passed", "window_failed", "assessed", "passes"
            ),
            key=str,
        ),
        sorted(agents.values_list("metric", "date", "agent__name", "passed", "failed", "pending"), key=str),
        sorted(windows.values_list("kind", "opened_on", "starts_at", "ends_at", "state", "run"), key=str),
    ]


class AnyOrder(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(drawn=st.lists(message, min_size=1, max_size=25), seed=st.integers(0, 10_000), wait=st.sampled_from(STEPS))
    def test_pieces_in_any_order_count_as_the_whole_and_as_the_obvious_way(
        self, drawn: list[dict], seed: int, wait: int
    ) -> None:
        rows, rng = rows_of(drawn), Random(seed)
        now = datetime.fromisoformat(rows[-1]["sent_at"]) + timedelta(seconds=wait)
        first, last = START.date() - timedelta(days=1), now.astimezone(ZONE).date()

        whole = make_shop(timezone=ZONE.key)
        put_in(whole, rows, now)
        assess(shop=whole, date_from=first, date_to=last, now=now)

        pieces = make_shop(timezone=ZONE.key)
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
        assert figures == obvious(rows, now)
        assert everything(pieces) == everything(whole)
        events = Alert.objects.filter(shop=pieces).values_list("window", "event", "date")
        assert len(events) == len(set(events))
