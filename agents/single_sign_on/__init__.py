"""Single sign-on: the providers that this installation is set up for. A new one is a folder and a line here."""

from collections.abc import Callable, Mapping

from django.conf import settings

from .dingtalk import DingTalk
from .feishu import Feishu
from .oidc import OIDC
from .port import Identity, Provider, Request, SignOnFailed
from .wecom import WeCom

KINDS: Mapping[str, Callable[..., Provider]] = {
    "oidc": OIDC,
    "wecom": WeCom,
    "dingtalk": DingTalk,
    "feishu": Feishu,
}


def providers() -> dict[str, Provider]:
    """By kind, those of settings.SINGLE_SIGN_ON."""
    return {kind: KINDS[kind](**values) for kind, values in settings.SINGLE_SIGN_ON.items()}


__all__ = ["Identity", "Provider", "Request", "SignOnFailed", "providers"]
