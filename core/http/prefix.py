"""The path under which the installation stands on its host, as `/kefu` of https://example.cn/kefu/."""

import re
from collections.abc import MutableMapping
from typing import Any

PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def parse_prefix(text: str) -> str:
    """Return the prefix with a slash before it and none after it; empty for none. Raises ValueError."""
    prefix = text.strip().rstrip("/")
    if prefix and not PREFIX.fullmatch(prefix):
        raise ValueError(f"FENLIU_PREFIX must be a path such as /kefu, not {text!r}")
    return prefix


def take_prefix_off(scope: MutableMapping[str, Any], prefix: str) -> None:
    """Make the request's path that within the installation.

    A proxy may pass the prefix on or take it off, and probes ask without it: both are answered.
    """
    path = scope["path"]
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        scope["path"] = path[len(prefix) :] or "/"
    scope["root_path"] = prefix
