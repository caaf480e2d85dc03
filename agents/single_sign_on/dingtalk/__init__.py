"""DingTalk (钉钉): scan sign-in by OAuth 2. `unionId` is unique among the company's apps."""

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.single_sign_on.asking import ask, text_of
from agents.single_sign_on.port import Identity, Request


@dataclass(frozen=True)
class DingTalk:
    client_id: str
    client_secret: str = field(repr=False)
    login: str
    api: str
    label: ClassVar[str | Promise] = _("DingTalk")
    kind: ClassVar[str] = "dingtalk"

    def authorization_url(self, request: Request) -> str:
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": request.return_url,
            "state": request.state,
            "scope": "openid",
            "prompt": "consent",
        }
        return f"{self.login}/oauth2/auth?{urlencode(query)}"

    def identify(self, code: str, request: Request) -> Identity:
        body = {
            "clientId": self.client_id,
            "clientSecret": self.client_secret,
            "code": code,
            "grantType": "authorization_code",
        }
        token = text_of(ask("POST", f"{self.api}/v1.0/oauth2/userAccessToken", body=body), "accessToken")
        headers = {"x-acs-dingtalk-access-token": token}
        told = ask("GET", f"{self.api}/v1.0/contact/users/me", headers=headers)
        return Identity(text_of(told, "unionId"), str(told.get("nick", ""))[:50])
