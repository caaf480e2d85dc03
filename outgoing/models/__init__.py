from .outlet import Delivery, Outlet
from .push import Push, PushCursor, PushSubscription
from .sending import Leased, Sending

__all__ = ["Delivery", "Leased", "Outlet", "Push", "PushCursor", "PushSubscription", "Sending"]
