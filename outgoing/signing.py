"""The signatures that go with what is sent: ours, DingTalk's, Feishu's. Pure."""

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256


def webhook_signature(secret: str, time: int, body: bytes) -> str:
    """`v1=` and the hexadecimal HMAC-SHA256 of time, a full stop and the body, by the webhook's secret."""
    return f"v1={hmac.new(secret.encode(), f'{time}.'.encode() + body, sha256).hexdigest()}"


WHSEC = "whsec_"


def standard_secret(secret: str) -> str:
    """The webhook's secret as Standard Webhooks' libraries take it: `whsec_` and the Base64 of its bytes."""
    return WHSEC + _base64(secret.encode())


def standard_signature(secrets: Sequence[str], message: str, time: int, body: bytes) -> str:
    """`v1,` and the Base64 HMAC-SHA256 of id, time and body, for each valid secret, separated by spaces.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signed = f"{message}.{time}.".encode() + body
    return " ".join(f"v1,{_base64(hmac.new(secret.encode(), signed, sha256).digest())}" for secret in secrets)


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """钉钉 加签: Base64 of HMAC-SHA256 by the secret over `{milliseconds}\\n{secret}`; not yet quoted for a URL."""
    return _base64(hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), sha256).digest())


def feishu_sign(secret: str, seconds: int) -> str:
    """飞书 签名校验: Base64 of HMAC-SHA256 by `{seconds}\\n{secret}` over nothing."""
    return _base64(hmac.new(f"{seconds}\n{secret}".encode(), b"", sha256).digest())


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
