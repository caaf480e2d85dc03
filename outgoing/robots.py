"""Group robots: what each takes and how it says no. They answer 200 to everything, the code stands in the JSON.

Formats: 企业微信 developer.work.weixin.qq.com/document/path/91770, 钉钉 open.dingtalk.com (自定义机器人), 飞书
open.feishu.cn (自定义机器人使用指南).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from core.json_text import parse_json
from outgoing.http import Answer
from outgoing.signing import dingtalk_sign, feishu_sign
from outgoing.vocabulary import OutletKind

MOST = 2000
"""Bytes of a text: 企业微信 takes 2048, the others more."""


@dataclass(frozen=True, slots=True)
class Call:
    url: str
    body: bytes


def robot_call(kind: str, url: str, secret: str, text: str, now: datetime) -> Call:
    """The text as this robot takes it."""
    return CALLS[OutletKind(kind)](url, secret, _cut(text), now)


def read_answer(answer: Answer) -> Answer:
    """An answer that was accepted by HTTP and refused in its JSON is a failure."""
    if not answer.accepted:
        return answer
    try:
        told = parse_json(answer.text)
    except ValueError:
        return replace(answer, error="robot")
    return answer if isinstance(told, dict) and _code(told) == 0 else replace(answer, error="robot")


def _code(told: dict[str, Any]) -> object:
    """企业微信 and 钉钉 call it errcode, 飞书 code, and StatusCode before that."""
    return next((told[name] for name in ("errcode", "code", "StatusCode") if name in told), None)


def _wecom(url: str, _secret: str, text: str, _now: datetime) -> Call:
    return Call(url, _json({"msgtype": "text", "text": {"content": text}}))


def _dingtalk(url: str, secret: str, text: str, now: datetime) -> Call:
    body = _json({"msgtype": "text", "text": {"content": text}})
    if not secret:
        return Call(url, body)
    milliseconds = int(now.timestamp() * 1000)
    joint = "&" if "?" in url else "?"
    signed = f"timestamp={milliseconds}&sign={quote_plus(dingtalk_sign(secret, milliseconds))}"
    return Call(f"{url}{joint}{signed}", body)


def _feishu(url: str, secret: str, text: str, now: datetime) -> Call:
    told: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret:
        seconds = int(now.timestamp())
        told = {"timestamp": str(seconds), "sign": feishu_sign(secret, seconds), **told}
    return Call(url, _json(told))


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def _cut(text: str) -> str:
    """At most MOST bytes, no character torn."""
    whole = text.encode()
    return text if len(whole) <= MOST else whole[: MOST - 3].decode("utf-8", "ignore") + "…"


CALLS: dict[OutletKind, Callable[[str, str, str, datetime], Call]] = {
    OutletKind.WECOM: _wecom,
    OutletKind.DINGTALK: _dingtalk,
    OutletKind.FEISHU: _feishu,
}
HOMES = {
    OutletKind.WECOM: ("qyapi.weixin.qq.com",),
    OutletKind.DINGTALK: ("oapi.dingtalk.com", "api.dingtalk.com"),
    OutletKind.FEISHU: ("open.feishu.cn", "open.larksuite.com"),
}
"""Where each platform's robots live: an address of another one's is a mistake."""


def robot_at(host: str) -> OutletKind | None:
    """Whose robot lives at this host, None where it is nobody's known."""
    return next((kind for kind, hosts in HOMES.items() if host in hosts), None)
