"""How well: rates of shop days, penalty windows, and the work that is still to be done."""

from .penalties import Alert, Heading, PenaltyEntry, PenaltyWindow, Prolongation
from .rates import AgentDayRate, DayRate
from .replay import Replay
from .work import AssessmentState, DefinitionOverride, DirtyDay

__all__ = [
    "AgentDayRate",
    "Alert",
    "AssessmentState",
    "DayRate",
    "DefinitionOverride",
    "DirtyDay",
    "Heading",
    "PenaltyEntry",
    "PenaltyWindow",
    "Prolongation",
    "Replay",
]
