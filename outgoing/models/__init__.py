from .outlet import ConfirmationMail, Delivery, Outlet, Recipient
from .push import Push, PushCursor, PushSubscription
from .sending import Leased, Sending

__all__ = [
    "ConfirmationMail",
    "Delivery",
    "Leased",
    "Outlet",
    "Push",
    "PushCursor",
    "PushSubscription",
    "Recipient",
    "Sending",
]
