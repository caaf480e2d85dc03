"""What a buyer does, and what a shop sets for it."""

from .settings import save_chat
from .talking import Card, Opening, ask_human, close, rate, say

__all__ = ["Card", "Opening", "ask_human", "close", "rate", "save_chat", "say"]
