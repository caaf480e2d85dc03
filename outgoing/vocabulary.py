"""What goes out, and where to: words that programs see. Pure."""

from enum import StrEnum


class OutletKind(StrEnum):
    """Where something goes. A webhook is told what happens, the others what people should look at."""

    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    EMAIL = "email"


ALERT_KINDS = (OutletKind.WECOM, OutletKind.DINGTALK, OutletKind.FEISHU, OutletKind.EMAIL)
SIGNED_KINDS = (OutletKind.DINGTALK, OutletKind.FEISHU)
"""Robots that may have a secret of their own to sign with."""


class WebhookEvent(StrEnum):
    OPENED = "conversation.opened"
    ASSIGNED = "conversation.assigned"
    QUEUED = "conversation.queued"
    CLOSED = "conversation.closed"
    MESSAGE = "message"
    PENALTY_OPENED = "penalty.opened"
    PENALTY_PROLONGED = "penalty.prolonged"
    PENALTY_WITHDRAWN = "penalty.withdrawn"
    PENALTY_ENDED = "penalty.ended"


class AlertEvent(StrEnum):
    HEADING = "heading"
    PENALTY_OPENED = "penalty.opened"
    PENALTY_PROLONGED = "penalty.prolonged"
    PENALTY_WITHDRAWN = "penalty.withdrawn"
    PENALTY_ENDED = "penalty.ended"
    QUEUE = "queue"
    MORNING = "morning"
    UNDELIVERED = "undelivered"


TEST = "test"
"""What a delivery is called that somebody asked for to see whether it arrives."""


class DeliveryState(StrEnum):
    """Failed is tried again; given up is not, unless somebody repeats it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given_up"


DUE_STATES = (DeliveryState.PENDING, DeliveryState.FAILED)


class OffBecause(StrEnum):
    """Who or what switched an outlet off; nothing while it is on."""

    ON = ""
    PERSON = "person"
    GONE = "gone"
    FAILING = "failing"
