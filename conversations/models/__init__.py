"""What was said: buyers, conversations, messages."""

from .answers import AnswerItem, AnswerPart
from .buyer import Buyer
from .conversation import Conversation, ConversationName
from .message import Message
from .quick_answers import QuickAnswer

__all__ = ["AnswerItem", "AnswerPart", "Buyer", "Conversation", "ConversationName", "Message", "QuickAnswer"]
