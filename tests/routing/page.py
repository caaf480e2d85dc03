"""The settings page as a browser uses it: what it posts is what the page before it held."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from agents.models import Shop, SubAccount
from routing.selectors import current_version


def client_of(member: SubAccount) -> Client:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(member.account)
    return client


class SettingsPage:
    """`started`: the version that the page was opened with; `document`: what its hidden field holds."""

    def __init__(self, shop: Shop, member: SubAccount, tab: str = "basic") -> None:
        self.shop, self.client, self.tab = shop, client_of(member), tab
        self.take(current_version(shop).document, current_version(shop).number)

    def take(self, document: dict[str, Any], started: int) -> None:
        self.document, self.started = document, started

    def post(self, name: str, **fields: Any) -> HttpResponse:
        data = {"document": json.dumps(self.document), "version": self.started, "tab": self.tab} | fields
        response = self.client.post(reverse(name, args=[self.shop.slug]), data)
        if response.context and "draft" in response.context:
            draft = response.context["draft"]
            self.take(draft.document, draft.version.number)
        return response

    def edit(self, op: str, **fields: Any) -> HttpResponse:
        return self.post("routing_draft", op=op, **fields)

    def pick(self, target: str, *accounts: str) -> HttpResponse:
        return self.edit("pick", target=target, agents=list(accounts))

    def type(self, **fields: Any) -> HttpResponse:
        return self.post("routing_draft", **{f"f:{place}": value for place, value in fields.items()})

    def publish(self, **fields: Any) -> HttpResponse:
        return self.post("routing_publish", **{f"f:{place}": value for place, value in fields.items()})

    def draft(self, response: HttpResponse) -> Any:
        return response.context["draft"]
