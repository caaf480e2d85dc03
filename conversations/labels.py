"""Words for people: states, senders, kinds, automatic answers."""

from django.utils.translation import gettext_lazy as _

from conversations.answering import How, Part, When
from conversations.states import ClosedBy, Kind, Sender, State, Unwritten

STATES = {
    State.ROBOT: _("With the robot"),
    State.QUEUED: _("Waiting"),
    State.OPEN: _("In progress"),
    State.CLOSED: _("Closed"),
}
SENDERS = {
    Sender.BUYER: _("Buyer"),
    Sender.AGENT: _("Agent"),
    Sender.ROBOT: _("Robot"),
    Sender.AUTO: _("Automatic"),
}
KINDS = {
    Kind.TEXT: _("Text"),
    Kind.IMAGE: _("Image"),
    Kind.ORDER_CARD: _("Order card"),
    Kind.PRODUCT_CARD: _("Product card"),
}
CLOSED_BY = {
    ClosedBy.AGENT: _("closed by the agent"),
    ClosedBy.BUYER: _("closed by the buyer"),
    ClosedBy.SYSTEM: _("timed out"),
}
ANSWER_PARTS = {
    Part.GREETING: _("Greeting"),
    Part.HOT_QUESTIONS: _("Hot questions"),
    Part.MENU: _("Self-service menu"),
    Part.ROBOT: _("Robot"),
}
UNWRITTEN = {
    Unwritten.ASK_HUMAN: _("pressed the button for a person"),
    Unwritten.TAKEN_OVER: _("taken over from the robot"),
}
RULE_KINDS = {
    How.KEYWORDS: _("Keywords"),
    How.PATTERN: _("Pattern"),
}
ROBOT_WHEN = {
    When.ALWAYS: _("Always"),
    When.UNSTAFFED: _("Only outside staffed hours"),
}
