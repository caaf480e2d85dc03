"""The recent agent as the rules may use it (G13, G19, G20)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from routing.engine.members import RECENT_AWAY, RECENT_NONE, RECENT_ONLINE, STATUS_ONLINE
from routing.engine.settings import RecentContact
from routing.engine.types import Agent, Contact, Recent
from routing.engine.vocabulary import Found

OFF = RECENT_NONE, Found.RECENT_CONTACT_OFF
NOBODY = RECENT_NONE, Found.NO_RECENT_CONTACT
TOO_OLD = RECENT_NONE, Found.CONTACT_TOO_OLD
SILENT = RECENT_NONE, Found.RECENT_AGENT_SILENT
GONE = RECENT_NONE, Found.RECENT_AGENT_GONE
AWAY = RECENT_AWAY, Found.RECENT_AGENT_AWAY
FULL = RECENT_NONE, Found.RECENT_AGENT_FULL
ONLINE = RECENT_ONLINE, Found.RECENT_AGENT_ONLINE


def recent_agent(
    rule: RecentContact,
    agents: Mapping[str, Agent],
    contact: Contact | None,
    at: datetime,
    without: Collection[str] = (),
) -> tuple[Recent, Found]:
    """What `contact` comes to at `at`, and the code why. `without`: the silent (G21)."""
    enabled, within, respect_max_concurrent = rule
    if not enabled:
        return OFF
    if contact is None:
        return NOBODY
    if within is not None and at - contact.at > within:
        return TOO_OLD
    if contact.agent in without:
        return SILENT
    agent = agents.get(contact.agent)
    if agent is None or agent.barred is not None:
        return GONE
    if agent.status != STATUS_ONLINE:
        return AWAY
    return FULL if respect_max_concurrent and agent.full else ONLINE
