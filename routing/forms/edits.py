"""What the settings page can do to a routing document, one function each. They change the document in place.

A place where agents are picked is a target: `pages.<page>`, `groups.<n>`, `offline`, `never_route`,
`entries.<entry>`, `entries.<entry>.<n>` (the n-th question).
"""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.vocabulary import Platform
from routing.engine.document import EXCLUSIVE_GROUPS, EXCLUSIVE_STATUSES, Document
from routing.engine.vocabulary import DEFAULT_WEIGHT, ENTRIES, ORDER_STATUSES, Assign

MOST_GROUPS = 100


def unknown_place() -> Refused:
    return Refused("unknown_place", _("This place of the settings is not there."), field="op")


def _group(document: Document, index: str) -> Document:
    groups: list[Document] = document.get("groups", [])
    if not index.isdecimal() or int(index) >= len(groups):
        raise unknown_place()
    return groups[int(index)]


def _entry(document: Document, entry: str) -> Document:
    if "entries" not in document or entry not in ENTRIES[Platform.DOUYIN]:
        raise unknown_place()
    found: Document = document["entries"].get(entry, {"assign": Assign.UNIFIED.value, "agents": []})
    return found


def _question(content: Document, index: str) -> str:
    questions = list(content.get("questions", {}))
    if not index.isdecimal() or int(index) >= len(questions):
        raise unknown_place()
    return str(questions[int(index)])


def picked(document: Document, platform: Platform, target: str) -> list[str]:
    """The accounts that stand at a target. Raises Refused `unknown_place`."""
    kind, _dot, rest = target.partition(".")
    if kind == "pages" and rest in ENTRIES.get(platform, ()) and "pages" in document:
        return list(document["pages"].get(rest, []))
    if kind == "groups":
        return [member["account"] for member in _group(document, rest)["members"]]
    if kind == "entries":
        entry, _dot, index = rest.partition(".")
        content = _entry(document, entry)
        return list(content["questions"][_question(content, index)] if index else content.get("agents", []))
    if target == "offline":
        return list(document["offline"]["agents"])
    if target == "never_route":
        return list(document["never_route"])
    raise unknown_place()


def pick(document: Document, platform: Platform, target: str, accounts: Sequence[str]) -> None:
    """Put these accounts at a target in place of those that stand there."""
    before = picked(document, platform, target)
    kept = [name for name in before if name in accounts]
    names = kept + [name for name in dict.fromkeys(accounts) if name not in before]
    kind, _dot, rest = target.partition(".")
    if kind == "pages":
        document["pages"][rest] = names
    elif kind == "groups":
        _pick_members(document, platform, _group(document, rest), names)
    elif kind == "entries":
        _pick_entry(document, rest, names)
    elif kind == "offline":
        document["offline"]["agents"] = names
    else:
        document["never_route"] = names


def _pick_members(document: Document, platform: Platform, group: Document, names: Sequence[str]) -> None:
    """PDD9: putting somebody in another group moves them."""
    weights = {member["account"]: member["weight"] for member in group["members"]}
    if platform in EXCLUSIVE_GROUPS:
        for other in document["groups"]:
            if other is not group:
                other["members"] = [member for member in other["members"] if member["account"] not in names]
    group["members"] = [{"account": name, "weight": weights.get(name, DEFAULT_WEIGHT)} for name in names]


def _pick_entry(document: Document, rest: str, names: Sequence[str]) -> None:
    entry, _dot, index = rest.partition(".")
    content = _entry(document, entry)
    if index:
        content["questions"][_question(content, index)] = list(names)
    else:
        document["entries"][entry] = {"assign": Assign.UNIFIED.value, "agents": list(names)}
        if not names:
            del document["entries"][entry]


def add_group(document: Document, platform: Platform, name: str) -> None:
    groups: list[Document] = document.get("groups", [])
    name = name.strip()
    if "groups" not in document:
        raise unknown_place()
    if not name:
        raise Refused("group_name", _("This must not be empty."), field="new_group")
    if any(group["name"] == name for group in groups):
        raise Refused("group_name", _("There is a group “%(name)s” already.") % {"name": name}, field="new_group")
    if len(name) > 50 or len(groups) >= MOST_GROUPS:
        raise Refused("group_name", _("At most %(most)s characters.") % {"most": 50}, field="new_group")
    groups.append({"name": name, "members": [], "order_statuses": []})


def delete_group(document: Document, platform: Platform, index: str) -> None:
    """PDD9: not while it has members."""
    group = _group(document, index)
    if group["members"]:
        raise Refused(
            "group_has_members",
            _("A group with members cannot be deleted: take them out first."),
            field=f"groups[{index}]",
        )
    document["groups"].remove(group)


def bind(document: Document, platform: Platform, index: str, status: str) -> None:
    """Bind an order status to a group; where one group is the most, it leaves the other (KS11)."""
    group = _group(document, index)
    if status not in ORDER_STATUSES:
        raise unknown_place()
    if platform in EXCLUSIVE_STATUSES:
        for other in document["groups"]:
            other["order_statuses"] = [known for known in other["order_statuses"] if known != status]
    if status not in group["order_statuses"]:
        group["order_statuses"] = [s for s in ORDER_STATUSES if s in (*group["order_statuses"], status)]


def unbind(document: Document, platform: Platform, index: str, status: str) -> None:
    group = _group(document, index)
    group["order_statuses"] = [known for known in group["order_statuses"] if known != status]


def assign(document: Document, platform: Platform, entry: str, how: str) -> None:
    """How an entry is assigned (DY1). Changing it begins anew."""
    content = _entry(document, entry)
    if how not in set(Assign):
        raise unknown_place()
    if content["assign"] == how:
        return
    if how == Assign.BY_QUESTION:
        document["entries"][entry] = {"assign": how, "questions": {}}
    else:
        document["entries"].pop(entry, None)


def add_question(document: Document, platform: Platform, entry: str, question: str) -> None:
    content, question = _entry(document, entry), question.strip()
    place = f"entries.{entry}"
    if content["assign"] != Assign.BY_QUESTION:
        raise unknown_place()
    if not question:
        raise Refused("question", _("This must not be empty."), field=place)
    if len(question) > 200:
        raise Refused("question", _("At most %(most)s characters.") % {"most": 200}, field=place)
    if question in content["questions"]:
        raise Refused("question", _("“%(name)s” is listed twice.") % {"name": question}, field=place)
    content["questions"][question] = []


def delete_question(document: Document, platform: Platform, entry: str, index: str) -> None:
    content = _entry(document, entry)
    del content["questions"][_question(content, index)]


EDITS: dict[str, tuple[Callable[..., None], int]] = {
    "group_delete": (delete_group, 1),
    "bind": (bind, 2),
    "unbind": (unbind, 2),
    "assign": (assign, 2),
    "question_delete": (delete_question, 2),
}
"""By the name a button has, with how many operands it takes: `bind|0|unpaid`."""
