"""WeCom (企业微信): scan sign-in of a self-built app. The member's id is unique in the company."""

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.single_sign_on.asking import ask, text_of
from agents.single_sign_on.port import Identity, Request, SignOnFailed


@dataclass(frozen=True)
class WeCom:
    corp_id: str
    agent_id: str
    secret: str = field(repr=False)
    login: str
    api: str
    label: ClassVar[str | Promise] = _("WeCom")
    kind: ClassVar[str] = "wecom"

    def authorization_url(self, request: Request) -> str:
        query = {
            "login_type": "CorpApp",
            "appid": self.corp_id,
            "agentid": self.agent_id,
            "redirect_uri": request.return_url,
            "state": request.state,
        }
        return f"{self.login}/wwlogin/sso/login?{urlencode(query)}"

    def identify(self, code: str, request: Request) -> Identity:
        token = text_of(self._ask("/cgi-bin/gettoken", corpid=self.corp_id, corpsecret=self.secret), "access_token")
        # Who is no member of the company has an openid and no userid.
        member = text_of(self._ask("/cgi-bin/auth/getuserinfo", access_token=token, code=code), "userid")
        return Identity(f"{self.corp_id}:{member}", member)

    def _ask(self, path: str, **query: str) -> dict[str, Any]:
        told = ask("GET", f"{self.api}{path}?{urlencode(query)}")
        if told.get("errcode", 0) != 0:
            raise SignOnFailed(f"{path}: {told.get('errcode')}")
        return told
