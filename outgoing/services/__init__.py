"""What goes out: outlets made and changed, events followed, deliveries sent. Verbs, keyword-only."""

from .outlets import change_outlet, create_outlet, remove_outlet, renew_secret
from .repeating import repeat_delivery, send_test
from .subscribing import subscribe, unsubscribe
from .sweeping import drop_old_deliveries, stop_sending, sweep

__all__ = [
    "change_outlet",
    "create_outlet",
    "drop_old_deliveries",
    "remove_outlet",
    "renew_secret",
    "repeat_delivery",
    "send_test",
    "stop_sending",
    "subscribe",
    "sweep",
    "unsubscribe",
]
