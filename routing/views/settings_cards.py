"""The parts of the settings page, as its templates take them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from routing.words import Person


def counted(people: Sequence[Person]) -> str:
    return _("%(count)s set · %(free)s free now") % {
        "count": len(people),
        "free": sum(person.free for person in people),
    }


@dataclass(frozen=True)
class Tab:
    slug: str
    label: str
    href: str
    active: bool
    count: str = ""
    told: bool = False
    """Something there should be looked at."""


@dataclass(frozen=True)
class Place:
    """A card: agents set for a page, an entry or a question. `target` as in routing.forms.edits."""

    title: str | Promise
    target: str
    people: list[Person]
    code: str = ""

    @property
    def counted(self) -> str:
        return counted(self.people)


@dataclass(frozen=True)
class Member:
    person: Person
    place: str
    weight: str
    share: str
    error: str = ""


@dataclass(frozen=True)
class GroupCard:
    index: str
    name: str
    typed_name: str
    members: list[Member]
    statuses: list[tuple[str, str]]
    addable: list[tuple[str, str, str]]
    """Order status, its words, the group that has it now (it would move) or empty."""
    error: str = ""
    name_error: str = ""

    @property
    def counted(self) -> str:
        return counted([member.person for member in self.members])


@dataclass(frozen=True)
class Cell:
    """A cell of the order-status cover."""

    status: str
    words: str
    groups: list[str]
    share: int | None


@dataclass(frozen=True)
class EntryCard:
    code: str
    title: str | Promise
    told: str | Promise
    by_question: bool
    agents: Place
    questions: list[Place] = field(default_factory=list)
    error: str = ""
