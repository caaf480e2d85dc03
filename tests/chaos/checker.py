"""What was accepted is there, once and in order; the rules held; the figures are right. Knows the HTTP API, the names
of a few tables and the documents; nothing of the product's code."""

import hmac
import http.client
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from tests.chaos.clients import LATE_DAYS
from tests.chaos.counting import METRICS, NOTHING, Rates, Said, rates, removals
from tests.chaos.record import Record, Talk
from tests.outgoing.receiver import Received

OVER_THE_CAP = {"PDD1", "DY5", "G8", "PDD5", "DY11", "G4"}
"""Rules under which the cap does not hold: recent contact, by hand, the offline list."""
OUT_OF_TURN = {"PDD1", "DY5", "G8"}
"""Rules that take a conversation out of a pool whatever its place there."""


class Checker:
    def __init__(self, port: int, database: str, shops: list[dict[str, Any]], records: Iterable[Record]) -> None:
        self.port, self.shops = port, shops
        self.talks = [talk for record in records for talk in record.talks]
        self.database = psycopg.connect(database, autocommit=True)
        self.said: dict[str, list[Said]] = {shop["slug"]: [] for shop in shops}

    def failed_items(self) -> int:
        """Items of sweeps that are noted as failing."""
        row = self.database.execute("SELECT count(*) FROM config_faileditem").fetchone()
        return int(row[0]) if row else 0

    def violations(self, received: list[Received]) -> dict[str, list[str]]:
        """By what was asked, what is wrong; everything is asked, an empty list is a pass."""
        asked: dict[str, Callable[[], Iterator[str]]] = {
            "every accepted message is there once, in its order": self._messages,
            "every accepted conversation is there, as it was left": self._conversations,
            "nobody is over the cap but by rule; pools are first in first out": self._lanes,
            "counters equal the truth": self._counters,
            "every streak equals a recount": self._rates,
            "every penalty window equals a recount": self._penalties,
            "every event was delivered at least once, and signed": lambda: self._deliveries(received),
        }
        return {what: list(wrong()) for what, wrong in asked.items()}

    # -- what there is -----------------------------------------------------------------------

    def ask(self, shop: dict[str, Any], path: str) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request("GET", f"/api/v1/shops/{shop['slug']}/{path}", headers={"Authorization": f"Token {shop['boss']}"})
        answer = line.getresponse()
        content = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content}")
        return content

    def all_of(self, shop: dict[str, Any], path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while path:
            page = self.ask(shop, path)
            found += page["results"]
            path = (page["next"] or "").rpartition(f"/shops/{shop['slug']}/")[2]
        return found

    def _of(self, shop: dict[str, Any]) -> list[Talk]:
        return [talk for talk in self.talks if talk.shop == shop["slug"]]

    # -- messages and conversations ----------------------------------------------------------

    def _messages(self) -> Iterator[str]:
        for shop in self.shops:
            for talk in self._of(shop):
                rows = self.all_of(shop, f"conversations/{talk.pk}/messages/")
                rows.sort(key=lambda row: (row["received_at"], row["id"]))
                there, accepted = [row["message_id"] for row in rows], [one.identity for one in talk.messages]
                if there != accepted:
                    yield f"{talk.external_id}: {len(accepted)} accepted, there are {_difference(accepted, there)}"
                self.said[shop["slug"]] += [
                    Said(talk.pk, talk.buyer, row["message_id"], row["sender"], datetime.fromisoformat(row["sent_at"]))
                    for row in rows
                ]

    def _conversations(self) -> Iterator[str]:
        for shop in self.shops:
            there = {row["external_id"]: row for row in self.all_of(shop, "conversations/")}
            accepted = {talk.external_id: talk for talk in self._of(shop)}
            for name in there.keys() ^ accepted.keys():
                yield f"{name}: {'accepted, and lost' if name in accepted else 'there, and never accepted'}"
            for name in there.keys() & accepted.keys():
                row, talk = there[name], accepted[name]
                if (row["state"] == "closed") != talk.closed or row["id"] != talk.pk or row["buyer"] != talk.buyer:
                    yield f"{name}: {row}, accepted {talk.closed=} {talk.pk=} {talk.buyer=}"

    # -- the rules ---------------------------------------------------------------------------

    def _lanes(self) -> Iterator[str]:
        """Each shop's events in their order once more: who holds how many, who waits where since when."""
        for shop in self.shops:
            events = self.database.execute(
                "SELECT e.seq, e.data FROM routing_shopevent e JOIN agents_shop s ON s.id = e.shop_id"
                " WHERE s.slug = %s ORDER BY e.seq",
                [shop["slug"]],
            ).fetchall()
            numbers = [seq for seq, _ in events]
            if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
                yield f"{shop['slug']}: the events' numbers have gaps"
            yield from _replayed(shop, events, self._decisions(shop))

    def _decisions(self, shop: dict[str, Any]) -> "Given":
        rows = self.database.execute(
            "SELECT d.seq, d.conversation_id, d.rule, d.pool, d.agent_id FROM routing_decision d"
            " JOIN agents_shop s ON s.id = d.shop_id WHERE s.slug = %s ORDER BY d.id",
            [shop["slug"]],
        )
        found: defaultdict[int, list[tuple[int, str, str, int | None]]] = defaultdict(list)
        for seq, *decision in rows:
            found[seq].append((decision[0], decision[1], decision[2], decision[3]))
        return found

    def _counters(self) -> Iterator[str]:
        """Open ones and those that wait for an answer, as the conversations say."""
        rows = self.database.execute(
            "SELECT a.name, coalesce(c.open, 0), coalesce(c.waiting_replies, 0), count(k.id),"
            " count(k.id) FILTER (WHERE k.unanswered_since IS NOT NULL) FROM agents_subaccount a"
            " LEFT JOIN routing_agentcounter c ON c.sub_account_id = a.id"
            " LEFT JOIN conversations_conversation k ON k.holder_id = a.id AND k.state = 'open'"
            " GROUP BY a.id, c.open, c.waiting_replies"
        )
        for name, opened, waiting, truly, truly_waiting in rows:
            if (opened, waiting) != (truly, truly_waiting):
                yield f"{name}: counted {opened} open, {waiting} waiting; there are {truly}, {truly_waiting}"
        received = self.database.execute(
            "SELECT a.name, c.received_today, count(d.id) FROM routing_agentcounter c"
            " JOIN agents_subaccount a ON a.id = c.sub_account_id JOIN agents_shop s ON s.id = a.shop_id"
            " LEFT JOIN routing_decision d ON d.agent_id = a.id AND d.outcome = 'assigned'"
            " AND d.trigger <> 'transferred' AND (d.at AT TIME ZONE s.timezone)::date = c.counted_on"
            " GROUP BY a.id, c.received_today"
        )
        for name, counted, truly in received:
            if counted != truly:
                yield f"{name}: {counted} received today, there are {truly}"

    # -- figures -----------------------------------------------------------------------------

    def _rates(self) -> Iterator[str]:
        for shop in self.shops:
            zone = ZoneInfo(shop["timezone"])
            today = datetime.now(zone).date()
            first = today - timedelta(days=LATE_DAYS + 1)
            said = self.said[shop["slug"]]
            before = rates(shop["platform"], said, zone, _now())
            told = self.ask(shop, f"reply-rates/?from={first}&to={today}&by=day")
            yield from _wrong_rates(shop, told, before, rates(shop["platform"], said, zone, _now()))

    def _penalties(self) -> Iterator[str]:
        for shop in self.shops:
            if shop["platform"] != "pinduoduo":
                continue
            zone = ZoneInfo(shop["timezone"])
            today = datetime.now(zone).date()
            figures = rates(shop["platform"], self.said[shop["slug"]], zone, _now())
            expected = removals(figures, today - timedelta(days=LATE_DAYS + 4), today)
            rows = [row for row in self.all_of(shop, "penalties/") if row["kind"] == "resource_slot_removal"]
            there = sorted(_window(row, zone) for row in rows if row["state"] != "withdrawn")
            if there != expected:
                yield f"{shop['slug']}: {there}, recounted {expected}"

    # -- webhooks ----------------------------------------------------------------------------

    def _deliveries(self, received: list[Received]) -> Iterator[str]:
        messages, opened = set(), set()
        secrets = {shop["slug"]: shop["secret"] for shop in self.shops}
        for one in received:
            body = one.json
            signed = one.headers["Fenliu-Time"].encode() + b"." + one.body
            expected = "v1=" + hmac.new(secrets[body["shop"]].encode(), signed, sha256).hexdigest()
            if not hmac.compare_digest(expected, one.headers["Fenliu-Signature"]):
                yield f"delivery {one.headers['Fenliu-Delivery']} is not signed with the shop's secret"
            if body["event"] == "message":
                messages.add(body["message"]["message_id"])
            if body["event"] == "conversation.opened":
                opened.add(body["conversation"]["external_id"])
        for talk in self.talks:
            if talk.external_id not in opened:
                yield f"{talk.external_id}: nobody was told that it was opened"
            yield from (f"{one.identity}: nobody was told" for one in talk.messages if one.identity not in messages)


Given = dict[int, list[tuple[int, str, str, int | None]]]
"""By event: (conversation, rule, pool, agent) of its decisions, in order."""


def _replayed(shop: dict[str, Any], events: list[tuple[int, Any]], decisions: Given) -> Iterator[str]:
    holder: dict[int, int] = {}
    waits: dict[int, tuple[str, int]] = {}
    for seq, data in events:
        given, before = decisions.get(seq, []), Counter(holder.values())
        for change in data.get("conversations", ()):
            state, held_by = change["now"]
            holder.pop(change["id"], None)
            if state == "open" and held_by is not None:
                holder[change["id"]] = held_by
            if state != "queued":
                yield from _out_of_turn(f"{shop['slug']} event {seq}", change["id"], given, waits, data)
        for pk, _rule, pool, agent in given:
            if agent is None:
                waits[pk] = (pool, waits[pk][1] if pk in waits else seq)
        for agent, count in Counter(holder.values()).items():
            rules = {rule for _, rule, _, to in given if to == agent}
            if count > max(shop["cap"], before[agent]) and not rules & OVER_THE_CAP:
                yield f"{shop['slug']} event {seq}: {agent} has {count}, by {rules}"


def _out_of_turn(
    where: str,
    taken: int,
    given: list[tuple[int, str, str, int | None]],
    waits: dict[int, tuple[str, int]],
    data: dict[str, Any],
) -> Iterator[str]:
    """It does not wait any more: nobody who came to its pool earlier may wait still."""
    since = waits.pop(taken, None)
    rule = next((rule for pk, rule, _, _ in given if pk == taken), None)
    if since is None or rule is None or rule in OUT_OF_TURN:
        return
    earlier = [pk for pk, (pool, at) in waits.items() if pool == since[0] and at < since[1]]
    left = [pk for pk in earlier if not _leaves(pk, data)]
    if left:
        yield f"{where}: {taken} was taken before {left} of its pool"


def _leaves(pk: int, changes: dict[str, Any]) -> bool:
    return any(change["id"] == pk and change["now"][0] != "queued" for change in changes["conversations"])


def _difference(accepted: list[str], there: list[str]) -> str:
    missing, more = Counter(accepted) - Counter(there), Counter(there) - Counter(accepted)
    return f"{len(there)}: lost {sorted(missing)}, too many {sorted(more.elements())}" + (
        "" if missing or more else ", in another order"
    )


def _wrong_rates(shop: dict[str, Any], told: Any, before: Rates, after: Rates) -> Iterator[str]:
    """Against the recounts as of the question and as of the answer: time alone makes what is pending fail, and nothing
    else of it. The answer is as of a moment between."""
    rows = {one["metric"]: {row["date"]: row for row in one["rows"]} for one in told["metrics"]}
    for metric in METRICS[shop["platform"]]:
        days = rows[metric]
        for day in {*map(date.fromisoformat, days), *(day for name, day in after if name == metric)}:
            there = days.get(str(day), {})
            figures = {name: there.get(name, 0) for name in NOTHING}
            least, most = before.get((metric, day), NOTHING), after.get((metric, day), NOTHING)
            right = figures["passed"] == most["passed"] and sum(figures.values()) == sum(most.values())
            if not right or not least["failed"] <= figures["failed"] <= most["failed"]:
                yield f"{shop['slug']} {metric} {day}: {figures}, recounted {least} to {most}"


def _window(row: dict[str, Any], zone: ZoneInfo) -> tuple[date, date, tuple[date, ...]]:
    end = datetime.fromisoformat(row["ends_at"]).astimezone(zone).date()
    return date.fromisoformat(row["opened_on"]), end, tuple(map(date.fromisoformat, row["prolonged_on"]))


def _now() -> datetime:
    return datetime.now(UTC)
