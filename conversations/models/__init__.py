"""What was said: buyers, conversations, messages, what buyers thought of it."""

from .answers import AnswerItem, AnswerPart
from .blocks import Block, BuyerAddress
from .buyer import Buyer
from .conversation import Conversation, ConversationName
from .erased import ErasedBuyer
from .message import Message
from .missing import MissingImage
from .quick_answers import QuickAnswer
from .rating import Rating

__all__ = [
    "AnswerItem",
    "AnswerPart",
    "Block",
    "Buyer",
    "BuyerAddress",
    "Conversation",
    "ConversationName",
    "ErasedBuyer",
    "Message",
    "MissingImage",
    "QuickAnswer",
    "Rating",
]
