"""Calls to providers: bounded in time and size, no redirects, JSON in and out, no database connection held."""

import json
from typing import Any
from urllib.parse import urlencode

import urllib3

from agents.single_sign_on.port import SignOnFailed
from core.hashing import release_connections
from core.json_text import parse_json

TIMEOUT = urllib3.Timeout(connect=3, read=5, total=8)
MAX_BYTES = 256 * 1024
_http = urllib3.PoolManager(num_pools=8, maxsize=4, retries=False, timeout=TIMEOUT)


def ask(
    method: str,
    url: str,
    *,
    form: dict[str, str] | None = None,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object of the answer. Raises SignOnFailed."""
    given = dict(headers or {}) | {"Accept": "application/json"}
    data: bytes | None = None
    if form is not None:
        data, given["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
    elif body is not None:
        data, given["Content-Type"] = json.dumps(body).encode(), "application/json"
    release_connections()
    try:
        answer = _http.request(method, url, body=data, headers=given, preload_content=False, redirect=False)
        try:
            content = answer.read(MAX_BYTES + 1)
        finally:
            answer.close()
        told = parse_json(content) if len(content) <= MAX_BYTES else None
    except (urllib3.exceptions.HTTPError, ValueError, RecursionError) as error:
        raise SignOnFailed(f"{url}: {error!r}") from error
    if answer.status >= 400 or not isinstance(told, dict):
        raise SignOnFailed(f"{url}: {answer.status}")
    return told


def text_of(told: dict[str, Any], key: str) -> str:
    """A text of an answer that must be there. Raises SignOnFailed."""
    value = told.get(key)
    if not isinstance(value, str) or not value or len(value) > 255:
        raise SignOnFailed(f"no {key} in the answer")
    return value
