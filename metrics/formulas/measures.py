"""What is counted of an hour or a day for the reports: whole numbers that add up over hours, days and shops."""

from bisect import bisect_left

EDGES = (15, 30, 60, 120, 180, 300, 900, 3600)
"""Upper ends, in seconds and included, of the classes of response times; the last class has none. The thresholds of the
presets are among them, so that they fall between two classes."""

TOOK = tuple(f"took_{number}" for number in range(len(EDGES) + 1))

MEASURES = (
    "buyers",  # once a day, at the hour of their first question
    "answered_buyers",  # of them: a person answered on that day
    "robot_buyers",  # of them: the robot alone answered
    "questions",  # messages of buyers
    "answers",  # messages of people
    "replies",  # of them: those that ended a run of questions of that day
    "robot_answers",
    "characters",  # in the answers of people
    "responses",  # counted streaks that a person answered within 24 hours
    "response_seconds",  # of those waits what lies in the counted hours
    "first_responses",  # the first streak of a conversation on a day, answered by a person
    "first_seconds",
    "slow",  # streaks answered later than the strictest assessed metric asks for, or never
    "never",  # of them: never, or only after more than 24 hours
    *TOOK,
    "received",  # given by routing, as G16 counts
    "direct",  # of them: at opening, or out of a pool
    "recent",  # of them: by recent contact
    "transferred_in",  # by hand (G8)
    "transferred_out",
    "offline",  # came by the offline list
    "offline_answered",  # of them: a person has answered since
    "waits",  # stood in a pool
    "waits_over",  # of them: somebody took it
    "wait_seconds",  # until then
    "abandoned",  # of them: closed before anybody took it
    "closed",  # of what was first assigned here: is closed
    "handling_seconds",  # from the first assignment to the close
    "satisfied",
    "dissatisfied",
)

PLACE = {name: place for place, name in enumerate(MEASURES)}


def took_class(seconds: float) -> str:
    """The class of a response time."""
    return TOOK[bisect_left(EDGES, seconds)]
