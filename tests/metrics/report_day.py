"""A small day that reports are reckoned from by hand."""

from datetime import timedelta

from agents.models import Shop
from metrics.services import sweep_shop
from tests.agents.factories import make_shop
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_agent, make_conversation, say


def small_day() -> Shop:
    """Two agents on DAY: one answers in 1 and 10 minutes, the other never; one buyer the day before, in 3 minutes."""
    made = make_shop()
    fast, lazy = make_agent(made, "fast"), make_agent(made, "lazy")
    for buyer, asked, answered in (("甲", "10:00", "10:01"), ("乙", "20:00", "20:10")):
        talk = make_conversation(made, buyer)
        say(talk, "buyer", asked, dirty=True)
        say(talk, "agent", answered, who=fast, text="好的亲", dirty=True)
    silent = make_conversation(made, "丙")
    say(silent, "agent", "19:00", who=lazy, dirty=True)
    say(silent, "buyer", "20:30", dirty=True)
    before = make_conversation(made, "甲")
    say(before, "buyer", "10:00", DAY - timedelta(days=1), dirty=True)
    say(before, "agent", "10:03", DAY - timedelta(days=1), who=fast, dirty=True)
    sweep_shop(shop=made, now=at("12:00", DAY + timedelta(days=1)))
    return made
