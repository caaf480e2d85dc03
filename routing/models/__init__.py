"""Who gets it: the settings' tables and versions, the lane, counters, decisions, events."""

from .decision import Decision
from .drift import CounterDrift
from .lane import AgentCounter, Lane, ShopEvent
from .settings import (
    EntryAgent,
    EntryQuestion,
    EntryRule,
    Group,
    GroupMember,
    GroupOrderStatus,
    NeverRouteMember,
    OfflineListMember,
    PageAgent,
    RoutingSettings,
)
from .simulation import Simulation
from .version import RoutingVersion

__all__ = [
    "AgentCounter",
    "CounterDrift",
    "Decision",
    "EntryAgent",
    "EntryQuestion",
    "EntryRule",
    "Group",
    "GroupMember",
    "GroupOrderStatus",
    "Lane",
    "NeverRouteMember",
    "OfflineListMember",
    "PageAgent",
    "RoutingSettings",
    "RoutingVersion",
    "ShopEvent",
    "Simulation",
]
