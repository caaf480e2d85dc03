"""How well: rates of shop days, penalty windows, and the work that is still to be done."""

from .penalties import Alert, Heading, PenaltyEntry, PenaltyWindow, Prolongation
from .rates import DayRate
from .replay import Replay
from .rollups import Attendance, BuyerDay, RateRollup, Rollup, RollupDrift
from .work import AssessmentState, DefinitionOverride, DirtyDay

__all__ = [
    "Alert",
    "AssessmentState",
    "Attendance",
    "BuyerDay",
    "DayRate",
    "DefinitionOverride",
    "DirtyDay",
    "Heading",
    "PenaltyEntry",
    "PenaltyWindow",
    "Prolongation",
    "RateRollup",
    "Replay",
    "Rollup",
    "RollupDrift",
]
