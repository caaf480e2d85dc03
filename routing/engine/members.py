"""Members of the enumerations that the engine looks at most, as plain names: in Python 3.11 to find one on its class
goes through a hook of the class, at several times the cost of a name."""

from agents.vocabulary import Status
from conversations.states import Sender, State
from routing.engine.types import Recent
from routing.engine.vocabulary import Excluded, Found, Outcome, Trigger

SENDER_BUYER, SENDER_AGENT, SENDER_AUTO = Sender.BUYER, Sender.AGENT, Sender.AUTO
TRIGGER_OPENED, TRIGGER_DRAINED = Trigger.OPENED, Trigger.DRAINED
TRIGGER_REASSIGNED, TRIGGER_TRANSFERRED = Trigger.REASSIGNED, Trigger.TRANSFERRED
STATUS_ONLINE, STATUS_BREAK = Status.ONLINE, Status.BREAK
STATE_QUEUED, STATE_OPEN, STATE_CLOSED = State.QUEUED, State.OPEN, State.CLOSED
OUTCOME_ASSIGNED, OUTCOME_OFFLINE, OUTCOME_QUEUED = Outcome.ASSIGNED, Outcome.OFFLINE, Outcome.QUEUED
RECENT_NONE, RECENT_AWAY, RECENT_ONLINE = Recent.NONE, Recent.AWAY, Recent.ONLINE
FOUND_NONE_FREE, FOUND_RECENT_AGENT_AWAY = Found.NONE_FREE, Found.RECENT_AGENT_AWAY
EXCLUDED_NEVER_ROUTE = Excluded.NEVER_ROUTE
