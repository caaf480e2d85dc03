"""The dialog in which people are picked (PDD10): role filter, search, ticks, the choice and its difference to now."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.vocabulary import AGENT_ROLES, Platform, Role
from core.http.parameters import posted
from routing.engine.document import EXCLUSIVE_GROUPS
from routing.forms.draft import Draft, posted_draft
from routing.forms.edits import picked
from routing.views.settings import refusal
from routing.words import PLACES, Person

EVERYBODY = ("offline", "never_route")
"""Lists that may name people without an agent role (G4)."""


@dataclass(frozen=True)
class Choice:
    """One line. `barred`: why it cannot be ticked; `note`: what ticking it would also do."""

    person: Person
    ticked: bool
    barred: str = ""
    note: str = ""


@require_POST
@shop_page(Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING)
def routing_picker(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    target = posted(request).text("target")
    try:
        draft = posted_draft(shop, request.POST)
        ticked = picked(draft.document, draft.platform, target)
    except Refused as refused:
        return refusal(refused)
    choices = choices_of(draft, target, ticked)
    everybody = target in EVERYBODY
    roles = {role for choice in choices for role in choice.person.roles if everybody or role in AGENT_ROLES}
    context = {
        "target": target,
        "choices": choices,
        "roles": [role.value for role in Role if role.value in roles],
        "title": title_of(draft, target),
        "sub": sub_of(draft, target),
        "needs_free": not everybody,
    }
    return render(request, "routing/settings/_picker.html", context)


def choices_of(draft: Draft, target: str, ticked: list[str]) -> list[Choice]:
    """Who may stand at this target; the ticked ones always, first those who can take part."""
    everybody = target in EVERYBODY
    wanted = [
        person
        for person in draft.people.values()
        if person.account in ticked or (person.enabled and (everybody or not AGENT_ROLES.isdisjoint(person.roles)))
    ]
    made = [_choice(draft, target, person, person.account in ticked) for person in wanted]
    return sorted(made, key=lambda choice: (bool(choice.barred), not _agent(choice), choice.person.label))


def _agent(choice: Choice) -> bool:
    return choice.person.is_agent


def _choice(draft: Draft, target: str, person: Person, ticked: bool) -> Choice:
    never = person.account in draft.document["never_route"]
    if target != "never_route" and never and not ticked:
        return Choice(person, ticked, barred=_("on the never-route list"))
    if not person.enabled:
        return Choice(person, ticked, note=_("disabled"))
    return Choice(
        person,
        ticked,
        note=_("on the never-route list") if target != "never_route" and never else _elsewhere(draft, target, person),
    )


def _elsewhere(draft: Draft, target: str, person: Person) -> str:
    """PDD9: ticking moves somebody out of another group."""
    kind, _dot, index = target.partition(".")
    if kind != "groups" or draft.platform not in EXCLUSIVE_GROUPS:
        return ""
    for i, group in enumerate(draft.document["groups"]):
        if str(i) != index and any(member["account"] == person.account for member in group["members"]):
            return _("moves from %(group)s") % {"group": group["name"]}
    return ""


def title_of(draft: Draft, target: str) -> str:
    kind, _dot, rest = target.partition(".")
    if kind == "groups":
        return str(draft.document["groups"][int(rest)]["name"])
    if kind in ("pages", "entries"):
        entry, _dot, index = rest.partition(".")
        words = str(PLACES[entry])
        if not index:
            return words
        return f"{words} · {list(draft.document['entries'][entry]['questions'])[int(index)]}"
    return _("Offline list") if target == "offline" else _("Never-route accounts")


def sub_of(draft: Draft, target: str) -> str:
    kind = target.partition(".")[0]
    if kind == "pages":
        return _("Buyers without a recent agent who come from this page are given to one of these, at random")
    if kind == "groups":
        weighted = draft.platform != Platform.KUAISHOU
        return _("Shared by weight among the free of the group") if weighted else _("Shared evenly in the group")
    if kind == "entries":
        return _("Only these get the conversations of this entry")
    if kind == "offline":
        return _("They get conversations while nobody is online, in turn")
    return _("They take no part in routing, whatever their role")
