"""The robot that comes with the product: the shop's rules, by keyword or pattern, the first that fits."""

from conversations.answering import first_fit
from conversations.robots.port import Question, Reply


class PlainRobot:
    def answer(self, question: Question) -> Reply | None:
        found = first_fit(question.rules, question.text)
        if found is None:
            return None
        place, rule = found
        return Reply(rule.answer, matched=str(place))
