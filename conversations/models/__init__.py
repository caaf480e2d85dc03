"""What was said: buyers, conversations, messages."""

from .buyer import Buyer
from .conversation import Conversation, ConversationName
from .message import Message

__all__ = ["Buyer", "Conversation", "ConversationName", "Message"]
