"""Outlets and deliveries in words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.templatetags.fenliu import lasting
from core.json_text import parse_json
from outgoing.labels import DELIVERY_STATES, ERRORS
from outgoing.models import Delivery, Outlet
from outgoing.selectors import told_address
from outgoing.vocabulary import DeliveryState, OutletKind
from routing.words.outgoing import EVENTS

ICONS = {
    OutletKind.WEBHOOK: "webhook",
    OutletKind.WECOM: "brand-wechat",
    OutletKind.DINGTALK: "message-2",
    OutletKind.FEISHU: "send",
    OutletKind.EMAIL: "mail",
}
TROUBLE = timedelta(minutes=5)
"""Failing for so long is said in red; before that the next attempts may well mend it."""
TONES = {
    DeliveryState.DELIVERED: "ok",
    DeliveryState.FAILED: "warn",
    DeliveryState.GIVEN_UP: "bad",
    DeliveryState.PENDING: "off",
}


@dataclass(frozen=True)
class OutletTold:
    """`tone` of its state: ok, warn, bad, off. `events`: what it is told of, in words."""

    row: Outlet
    icon: str
    address: str
    events: str
    tone: str
    state: str


def told_outlet(row: Outlet) -> OutletTold:
    tone, state = _standing(row, timezone.now())
    events = _(", ").join(str(EVENTS[event]) for event in row.events)
    return OutletTold(row, ICONS[OutletKind(row.kind)], told_address(row), events, tone, state)


def _standing(row: Outlet, now: datetime) -> tuple[str, str]:
    if not row.on:
        tone = "off" if row.off_because == "person" else "bad"
        return tone, _("Off: %(why)s") % {"why": row.get_off_because_display()}
    waiting: int = getattr(row, "waiting", 0)
    if row.failing_since and now - row.failing_since >= TROUBLE:
        words = _("Nothing has arrived for %(time)s, %(count)s wait")
        return "bad", words % {"time": lasting(row.failing_since, now), "count": waiting}
    if row.failing and waiting:
        return "warn", _("%(count)s to be tried again") % {"count": waiting}
    return "ok", _("Switched on")


@dataclass(frozen=True)
class AttemptTold:
    at: datetime
    result: str
    answer: str
    ms: int


@dataclass(frozen=True)
class DeliveryTold:
    row: Delivery
    event: str
    tone: str
    state: str
    result: str
    body: str
    attempts: list[AttemptTold]


def told_deliveries(rows: Iterable[Delivery]) -> list[DeliveryTold]:
    return [_told(row) for row in rows]


def _told(row: Delivery) -> DeliveryTold:
    state = DeliveryState(row.state)
    attempts = [
        AttemptTold(datetime.fromisoformat(entry["at"]), _result(entry), entry["answer"], entry["ms"])
        for entry in reversed(row.log)
    ]
    result = attempts[0].result if attempts else ""
    event = str(EVENTS.get(row.event, row.event))
    return DeliveryTold(row, event, TONES[state], str(DELIVERY_STATES[state]), result, _body(row.body), attempts)


def _result(entry: dict[str, Any]) -> str:
    """What came back, in a few words: the status, and what went wrong."""
    status = f"HTTP {entry['status']}" if entry["status"] else ""
    error = str(ERRORS.get(entry["error"], entry["error"]))
    return " · ".join(part for part in (status, error) if part) or _("accepted")


def _body(body: str) -> str:
    """JSON with a line for each key, a text as it is."""
    try:
        return json.dumps(parse_json(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def told_delivery_result(row: Delivery) -> str:
    """What became of a delivery that somebody has just asked for."""
    if row.state == DeliveryState.DELIVERED:
        return _("It has arrived.")
    last = row.last
    if last is None or row.state == DeliveryState.PENDING:
        return _("It is on its way.")
    detail = f" {last['answer'][:200]}" if last["answer"] else ""
    return _("It has not arrived: %(why)s") % {"why": f"{_result(last)}{detail}"}
