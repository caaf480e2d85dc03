"""Automatic answers for tests, saved through the service."""

from collections.abc import Iterable
from typing import Any

from agents.models import Shop
from conversations.answering import Content, How, Item, Part, When
from conversations.models import AnswerPart
from conversations.services.answers import save_answers

GREETING = "您好，小满家居为您服务。"
HOT = [("发什么快递？", "默认发中通。"), ("几天能到", "一般 2 到 4 天。")]
MENU = [("查物流", "请点订单里的“查看物流”。"), ("申请退款", "请点“申请售后”。")]
RULES = [("发货, 什么时候发", "48 小时内发货。"), ("退款，退钱", "1 到 3 天原路退回。")]
UNKNOWN = "这个我还不会，回复“人工”转人工客服。"


def items(pairs: Iterable[tuple[str, str]], how: How = How.KEYWORDS) -> tuple[Item, ...]:
    return tuple(Item(ask, answer, how) for ask, answer in pairs)


def save(shop: Shop, part: Part, **content: Any) -> AnswerPart:
    return save_answers(shop=shop, part=part, content=Content(**({"on": True} | content)))


def set_greeting(shop: Shop, text: str = GREETING) -> AnswerPart:
    return save(shop, Part.GREETING, text=text)


def set_hot(shop: Shop, pairs: Iterable[tuple[str, str]] = HOT) -> AnswerPart:
    return save(shop, Part.HOT_QUESTIONS, items=items(pairs))


def set_menu(shop: Shop, text: str = "需要哪种帮助？") -> AnswerPart:
    return save(shop, Part.MENU, text=text, items=items(MENU))


def set_robot(shop: Shop, when: When = When.ALWAYS, **content: Any) -> AnswerPart:
    given = {"text": UNKNOWN, "items": items(RULES), "when": when, "misses": 2} | content
    return save(shop, Part.ROBOT, **given)
