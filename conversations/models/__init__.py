"""What was said: buyers, conversations, messages."""

from .answers import AnswerItem, AnswerPart
from .buyer import Buyer
from .conversation import Conversation, ConversationName
from .message import Message

__all__ = ["AnswerItem", "AnswerPart", "Buyer", "Conversation", "ConversationName", "Message"]
