"""A passkey in software, and an app that shows codes: what people hold in their hands."""

import base64
import hashlib
import json
import secrets
import time
from typing import Any

import cbor2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from agents.models import Account
from agents.services.second_factors import add_totp, new_totp_secret

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Passkey:
    """One P-256 key for one website, without attestation."""

    def __init__(self, origin: str = "http://testserver", *, verifies: bool = True) -> None:
        self.origin, self.verifies = origin, verifies
        self.host = origin.split("//")[1].rsplit(":", 1)[0]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.counter = secrets.token_bytes(32), 0

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer of `navigator.credentials.create`."""
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested})
        return self._credential(
            {"clientDataJSON": b64(self._client("webauthn.create", options)), "attestationObject": b64(data)}
        )

    def prove(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer of `navigator.credentials.get`."""
        self.counter += 1
        client, data = self._client("webauthn.get", options), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
        )

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")


class App:
    """Shows the codes of one secret. `later` moves its clock, so that a code is not one used already."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, later: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(int(time.time()) + later)


def give_app(account: Account) -> tuple[App, list[str]]:
    """An app for the account, and its recovery codes. The present code is used up by it."""
    app = App(new_totp_secret())
    codes = add_totp(account=account, secret=app.secret, code=app.code(), name="手机", session_key="")
    account.refresh_from_db()
    return app, codes
