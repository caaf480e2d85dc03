"""The signatures that go with what is sent: ours, DingTalk's, Feishu's. Pure."""

import base64
import hmac
from hashlib import sha256


def webhook_signature(secret: str, time: int, body: bytes) -> str:
    """`v1=` and the hexadecimal HMAC-SHA256 of time, a full stop and the body, by the webhook's secret."""
    return f"v1={hmac.new(secret.encode(), f'{time}.'.encode() + body, sha256).hexdigest()}"


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """钉钉 加签: Base64 of HMAC-SHA256 by the secret over `{milliseconds}\\n{secret}`; not yet quoted for a URL."""
    return _base64(hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), sha256).digest())


def feishu_sign(secret: str, seconds: int) -> str:
    """飞书 签名校验: Base64 of HMAC-SHA256 by `{seconds}\\n{secret}` over nothing."""
    return _base64(hmac.new(f"{seconds}\n{secret}".encode(), b"", sha256).digest())


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
