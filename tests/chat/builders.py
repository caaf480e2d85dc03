"""A shop with its chat on, and buyers who use it."""

from typing import Any

from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client

from agents.models import Shop
from chat.services import save_chat
from chat.tokens import make_token
from core.limits import breaker
from tests.agents.factories import make_shop

ORIGIN = "https://www.xiaoman.example"


def make_chat(shop: Shop | None = None, platform: str = "pinduoduo", origins: tuple[str, ...] = (ORIGIN,)) -> Shop:
    shop = shop or make_shop(platform=platform)
    save_chat(shop=shop, on=True, origins=origins)
    return shop


class BuyerOf:
    """A browser of a buyer. Without a name it is somebody new, who gets one by entering."""

    def __init__(self, shop: Shop, name: str = "") -> None:
        self.shop, self.client, self.number = shop, Client(), 0
        self.base = f"/chat/{shop.slug}/"
        self.token = make_token(shop, name) if name else ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        if self.token:
            headers.setdefault("Authorization", f"Chat {self.token}")
        how: dict[str, Any] = {"headers": headers}
        if body is not None and not any(hasattr(value, "read") for value in body.values()):
            how |= {"content_type": "application/json"}
        return getattr(self.client, method)(self.base + path, **({"data": body} if body is not None else {}), **how)

    def enters(self, **body: Any) -> dict[str, Any]:
        told = self.call("post", "start/", body).json()
        self.token = told.get("token") or self.token
        return dict(told)

    def writes(self, text: str = "在吗", **body: Any) -> HttpResponse:
        self.number += 1
        body = {"message_id": f"message-{self.number:04}", **({"text": text} if text else {}), **body}
        return self.call("post", "messages/", body)

    def state(self) -> dict[str, Any]:
        return dict(self.call("get", "updates/?after=0").json())

    def log(self) -> list[tuple[str, str]]:
        return [(message["from"], message["text"]) for message in self.state()["messages"]]


def forget_limits() -> None:
    caches["limits"].clear()
    breaker.succeeded()
