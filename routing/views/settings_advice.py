"""Advice beside the settings: on the tab where it is mended, and what this draft would bring about."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.engine.advice import Advised
from routing.engine.vocabulary import ORDER_STATUSES
from routing.forms.draft import Draft


@dataclass(frozen=True)
class Told:
    """`new`: not so under the settings in force."""

    sentence: str
    tab: str
    new: bool
    in_cover: bool
    """The order-status cover says it already, with the button that mends it."""


TAB_OF = {"pages": "basic", "groups": "advanced", "entries": "queueing", "offline": "offline"}


def advice_of(draft: Draft, slugs: Sequence[str]) -> list[Told]:
    before = {line.key for line in draft.advice(draft.version.document)} if draft.changes else set()
    return [
        Told(
            sentence=line.sentence,
            tab=_tab(line.place, draft, slugs),
            new=bool(draft.changes) and line.key not in before,
            in_cover=line.code == Advised.STATUS_UNBOUND,
        )
        for line in draft.advice(draft.document)
    ]


def _tab(place: str, draft: Draft, slugs: Sequence[str]) -> str:
    if place in ORDER_STATUSES:
        return "advanced"
    found = TAB_OF.get(place.partition(".")[0])
    if found in slugs:
        return str(found)
    steered = draft.document.get("mode", "basic") != "basic"
    return "advanced" if steered and "advanced" in slugs else slugs[0]
