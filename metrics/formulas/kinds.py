"""The penalties of METRICS section 4: what there is and how long each lasts."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    RESOURCE_SLOT_REMOVAL = "resource_slot_removal"
    RESOURCE_SLOT_BAN = "resource_slot_ban"
    AD_REMOVAL = "ad_removal"
    ACTIVITY_BAN = "activity_ban"
    BLACK_ROOM = "black_room"


@dataclass(frozen=True, slots=True)
class Term:
    """How long a kind lasts: so many whole shop days, and until so many days in a row passed on their own (P3)."""

    days: int
    passing_run: int = 0


TERMS: dict[Kind, Term] = {
    Kind.RESOURCE_SLOT_REMOVAL: Term(3),
    Kind.RESOURCE_SLOT_BAN: Term(3),
    Kind.AD_REMOVAL: Term(3),
    Kind.ACTIVITY_BAN: Term(3, passing_run=3),
    Kind.BLACK_ROOM: Term(30),
}

FIRST_FOUR = (Kind.RESOURCE_SLOT_REMOVAL, Kind.RESOURCE_SLOT_BAN, Kind.AD_REMOVAL, Kind.ACTIVITY_BAN)
"""What M1-M3 carry; the platform alone sends a shop to the black room (P4)."""
