from .outlet import Delivery, Outlet
from .sending import Leased, Sending

__all__ = ["Delivery", "Leased", "Outlet", "Sending"]
