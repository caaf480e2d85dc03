"""OpenID Connect: authorisation code with PKCE; of the ID token everything is checked (signature, issuer, nonce, …)."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import jwt

from agents.single_sign_on.asking import ask, text_of
from agents.single_sign_on.port import Identity, Request, SignOnFailed

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""None with a shared secret: whoever checks such a token could have made it."""
LEEWAY_SECONDS = 60
MAX_TOKEN = 16 * 1024


@dataclass(frozen=True)
class OIDC:
    """A provider that publishes what it is at /.well-known/openid-configuration."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    kind: ClassVar[str] = "oidc"

    def authorization_url(self, request: Request) -> str:
        digest = hashlib.sha256(request.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "scope": "openid profile",
            "client_id": self.client_id,
            "redirect_uri": request.return_url,
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = text_of(self._configuration(), "authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    def identify(self, code: str, request: Request) -> Identity:
        configuration = self._configuration()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": request.return_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": request.verifier,
        }
        told = ask("POST", text_of(configuration, "token_endpoint"), form=form)
        claims = self._claims(str(told.get("id_token", "")), text_of(configuration, "jwks_uri"))
        if claims.get("nonce") != request.nonce:
            raise SignOnFailed("the token belongs to another sign-in")
        parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if (len(parties) > 1 or "azp" in claims) and claims.get("azp") != self.client_id:
            raise SignOnFailed("the token was made for another program")
        name = claims.get("name") or claims.get("preferred_username") or ""
        return Identity(text_of(claims, "sub"), str(name)[:50])

    def _configuration(self) -> dict[str, Any]:
        told = ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise SignOnFailed("the provider calls itself otherwise")
        return told

    def _claims(self, token: str, jwks_url: str) -> dict[str, Any]:
        try:
            if len(token) > MAX_TOKEN:
                raise SignOnFailed("the token is too long")
            header = jwt.get_unverified_header(token)
            keys = jwt.PyJWKSet.from_dict(ask("GET", jwks_url)).keys
            kid = header.get("kid")
            found = [key for key in keys if kid is None or key.key_id == kid]
            if len(found) != 1:
                raise SignOnFailed("the token's key is not among the provider's")
            return jwt.decode(
                token,
                found[0],
                algorithms=list(ALGORITHMS),
                audience=self.client_id,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise SignOnFailed(repr(error)) from error
