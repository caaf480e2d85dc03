"""What changed between two routing documents, place by place."""

from typing import Any

from routing.engine.document import Document

Change = dict[str, Any]
"""{"path": "pages.goods_detail", "added": […], "removed": […]} for lists of names, else {"path", "before", "after"}."""


def difference(before: Document, after: Document) -> list[Change]:
    """The changes from one whole document to another, in the order of the keys."""
    return _changes("", _named(before), _named(after))


def _named(document: Document) -> Document:
    """Groups by their name and members by account, so that a moved line is no change."""
    named = dict(document)
    if "groups" in named:
        named["groups"] = {
            group["name"]: {
                "order_statuses": group["order_statuses"],
                "members": {member["account"]: member["weight"] for member in group["members"]},
            }
            for group in named["groups"]
        }
    return named


def _changes(path: str, before: Any, after: Any) -> list[Change]:
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [*before, *(key for key in after if key not in before)]
        return [
            change
            for key in keys
            for change in _changes(f"{path}.{key}" if path else key, before.get(key), after.get(key))
        ]
    if _names(before) and _names(after):
        old, new = before or [], after or []
        added = [name for name in new if name not in old]
        removed = [name for name in old if name not in new]
        return [{"path": path, "added": added, "removed": removed}] if added or removed else []
    return [{"path": path, "before": before, "after": after}]


def _names(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))
