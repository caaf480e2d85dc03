"""Two people changed the settings at once: what the later one typed, put on top of what the earlier one published."""

from typing import Any

from routing.engine.document import Document

_ABSENT = object()


def merge(base: Document, mine: Document, theirs: Document) -> Document:
    """Each place that I changed from `base` as I have it, every other as `theirs`. Groups go by name."""
    merged: Document = _merge(_named(base), _named(mine), _named(theirs))
    if "groups" in merged:
        merged["groups"] = [
            {
                "name": name,
                "members": [{"account": account, "weight": weight} for account, weight in group["members"].items()],
                "order_statuses": group["order_statuses"],
            }
            for name, group in merged["groups"].items()
        ]
    return merged


def _named(document: Document) -> Document:
    if "groups" not in document:
        return document
    groups = {
        group["name"]: {
            "members": {member["account"]: member["weight"] for member in group["members"]},
            "order_statuses": group["order_statuses"],
        }
        for group in document["groups"]
    }
    return document | {"groups": groups}


def _merge(base: Any, mine: Any, theirs: Any) -> Any:
    if mine == base:
        return theirs
    if theirs == base:
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        base = base if isinstance(base, dict) else {}
        merged = {
            key: _merge(base.get(key, _ABSENT), mine.get(key, _ABSENT), theirs.get(key, _ABSENT))
            for key in [*theirs, *(key for key in mine if key not in theirs)]
        }
        return {key: value for key, value in merged.items() if value is not _ABSENT}
    if isinstance(mine, list) and isinstance(theirs, list) and isinstance(base, list):
        kept = [item for item in theirs if item in mine or item not in base]
        return kept + [item for item in mine if item not in kept and item not in base]
    return mine
