"""Feishu (飞书): scan sign-in by OAuth 2 with PKCE. `union_id` is unique among the developer's apps."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.single_sign_on.asking import ask, text_of
from agents.single_sign_on.port import Identity, Request, SignOnFailed


@dataclass(frozen=True)
class Feishu:
    app_id: str
    app_secret: str = field(repr=False)
    login: str
    api: str
    label: ClassVar[str | Promise] = _("Feishu")
    kind: ClassVar[str] = "feishu"

    def authorization_url(self, request: Request) -> str:
        digest = hashlib.sha256(request.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.app_id,
            "redirect_uri": request.return_url,
            "state": request.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.login}/open-apis/authen/v1/authorize?{urlencode(query)}"

    def identify(self, code: str, request: Request) -> Identity:
        body = {
            "grant_type": "authorization_code",
            "client_id": self.app_id,
            "client_secret": self.app_secret,
            "code": code,
            "redirect_uri": request.return_url,
            "code_verifier": request.verifier,
        }
        token = text_of(ask("POST", f"{self.api}/open-apis/authen/v2/oauth/token", body=body), "access_token")
        headers = {"Authorization": f"Bearer {token}"}
        told = ask("GET", f"{self.api}/open-apis/authen/v1/user_info", headers=headers)
        data = told.get("data")
        if told.get("code") != 0 or not isinstance(data, dict):
            raise SignOnFailed(f"user_info: {told.get('code')}")
        return Identity(text_of(data, "union_id"), str(data.get("name", ""))[:50])
