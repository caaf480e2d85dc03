"""Stand-ins for providers of identities: an OpenID provider, WeCom, DingTalk and Feishu on one port."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "fenliu", "client-secret"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Providers:
    """`subject`: who is signed in there. `claims`, `key`, `algorithm`: what the ID token says in place of the truth."""

    def __init__(self, url: str) -> None:
        self.url, self.subject = url, "employee-7"
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm, self.slow, self.member = "RS256", False, True
        self.codes: dict[str, dict[str, str]] = {}

    def settings(self) -> dict[str, dict[str, str]]:
        base = {"login": self.url, "api": self.url}
        return {
            "oidc": {"issuer": self.url, "client_id": CLIENT, "client_secret": SECRET, "label": "公司账号"},
            "wecom": {"corp_id": "corp", "agent_id": "1000002", "secret": SECRET, **base},
            "dingtalk": {"client_id": CLIENT, "client_secret": SECRET, **base},
            "feishu": {"app_id": CLIENT, "app_secret": SECRET, **base},
        }

    def sign_in(self, url: str) -> str:
        """Sign in at the page `url`; the address that the browser is sent back to."""
        query = dict(parse_qsl(urlsplit(url).query))
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?code={code}&state={query['state']}"

    def answer(self, path: str, query: dict[str, str], body: dict[str, str], header: str) -> dict[str, Any]:
        named = {
            "/.well-known/openid-configuration": self._configuration,
            "/jwks": self._keys,
            "/token": lambda: self._token(body),
            "/cgi-bin/gettoken": lambda: {"errcode": 0, "access_token": "app-token"},
            "/cgi-bin/auth/getuserinfo": lambda: self._wecom(query),
            "/v1.0/oauth2/userAccessToken": lambda: {"accessToken": self._used(body, body.get("clientSecret"))},
            "/v1.0/contact/users/me": lambda: {"unionId": self.subject, "nick": "小满"},
            "/open-apis/authen/v2/oauth/token": lambda: {"code": 0, "access_token": self._proved(body)},
            "/open-apis/authen/v1/user_info": lambda: {"code": 0, "data": {"union_id": self.subject, "name": "小满"}},
        }
        return named[path]()

    def _configuration(self) -> dict[str, Any]:
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        paths = ("/authorize", "/token", "/jwks")
        return {"issuer": self.url} | {name: self.url + path for name, path in zip(names, paths, strict=True)}

    def _keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [public | {"kid": "k1", "alg": "RS256", "use": "sig"}]}

    def _used(self, body: dict[str, str], secret: str | None) -> str:
        assert secret == SECRET
        self.codes.pop(body["code"])  # a code is good once
        return "user-token"

    def _proved(self, body: dict[str, str]) -> str:
        """PKCE: whoever brings the code is who asked for it."""
        digest = hashlib.sha256(body["code_verifier"].encode()).digest()
        asked = self.codes[body["code"]]
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
        assert asked["redirect_uri"] == body["redirect_uri"]
        return self._used(body, body.get("client_secret"))

    def _token(self, body: dict[str, str]) -> dict[str, Any]:
        nonce = self.codes[body["code"]]["nonce"]
        self._proved(body)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": self.subject, "nonce": nonce, "name": "小满"}
        claims |= {"iat": now, "exp": now + 300} | self.claims
        token = jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": "k1"})
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def _wecom(self, query: dict[str, str]) -> dict[str, Any]:
        assert query["access_token"] == "app-token"
        if self.codes.pop(query["code"], None) is None:
            return {"errcode": 40029, "errmsg": "invalid code"}
        return {"errcode": 0} | ({"userid": self.subject} if self.member else {"openid": "stranger"})


@contextmanager
def identity_providers() -> Iterator[Providers]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            in_json = self.headers["Content-Type"] == "application/json"
            self._answer(json.loads(raw) if in_json else {key: v[0] for key, v in parse_qs(raw).items()})

        def _answer(self, body: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            try:
                told = made.answer(parts.path, dict(parse_qsl(parts.query)), body, "")
                status = 200
            except (AssertionError, KeyError) as error:
                status, told = 400, {"error": repr(error)}
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Providers(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
