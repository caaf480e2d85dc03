"""Saving what a shop answers by itself. Each saving is recorded; one that stands on something older is told so."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Account, Shop
from agents.services import record_changes
from agents.vocabulary import AuditAction
from conversations.answering import BadPattern, Content, How, Item, Part, compiled, pattern_fits, plain, words_of
from conversations.models import AnswerItem, AnswerPart
from conversations.selectors import content_of

LONGEST_TEXT, LONGEST_ANSWER = 500, 1000
LONGEST_ASK = {Part.HOT_QUESTIONS: 50, Part.MENU: 20, Part.ROBOT: 200}
MOST_ITEMS = {Part.HOT_QUESTIONS: 20, Part.MENU: 20, Part.ROBOT: 100}
MOST_MISSES = 10

Problems = dict[str, str]


class StaleAnswers(Conflict):
    """Somebody saved this part since the form was opened; `row` says who and when."""

    def __init__(self, row: AnswerPart) -> None:
        super().__init__("stale_answers", _("Somebody else saved this in the meantime."), field="token")
        self.row = row


def save_answers(
    *, shop: Shop, part: Part, content: Content, seen: str | None = None, by: Account | None = None
) -> AnswerPart:
    """Put one part in force. `seen`: the token of what the form was opened with ("": nothing), None asks nothing.

    Raises StaleAnswers, and Refused `invalid_answers` whose field is the first place of `problems_of`. An item keeps
    its key while it stays: a buyer's chat may name it.
    """
    problems = problems_of(part, content)
    if problems:
        field, message = next(iter(problems.items()))
        raise Refused("invalid_answers", message, field=field, status=422)
    with transaction.atomic():
        # The first saving has no row to lock yet: whoever comes second waits at the unique constraint, then here.
        AnswerPart.objects.bulk_create(
            [AnswerPart(shop=shop, part=part, saved_at=timezone.now())], ignore_conflicts=True
        )
        row = AnswerPart.objects.select_for_update().get(shop=shop, part=part)
        if seen is not None and seen != row.token:
            raise StaleAnswers(row)
        items = AnswerItem.objects.filter(shop=shop, part=row)
        before = content_of(row, tuple(Item(i.ask, i.answer, How(i.how), i.on, i.pk) for i in items))
        row.on, row.text = content.on, content.text
        row.robot_when, row.robot_misses = content.when, content.misses
        row.robot_human_words = content.human_words
        row.token, row.saved_at, row.saved_by = uuid4().hex, timezone.now(), by
        row.save()
        _write_items(row, content.items)
        record_changes(
            shop=shop,
            action=AuditAction.ANSWERS_CHANGED,
            subject=part.value,
            before=told(part, before),
            after=told(part, content),
        )
    return row


def _write_items(row: AnswerPart, items: Iterable[Item]) -> None:
    known = {item.pk: item for item in AnswerItem.objects.filter(shop=row.shop_id, part=row)}
    kept: set[int] = set()
    for position, item in enumerate(items, 1):
        found = None if item.pk is None or item.pk in kept else known.get(item.pk)
        stored = found or AnswerItem(shop_id=row.shop_id, part=row)
        stored.position, stored.ask, stored.answer = position, item.ask, item.answer
        stored.how, stored.on = item.how, item.on
        stored.save()
        kept.add(stored.pk)
    AnswerItem.objects.filter(shop=row.shop_id, part=row).exclude(pk__in=kept).delete()


def told(part: Part, content: Content) -> dict[str, Any]:
    """A part as the audit log tells it: what it has, and nothing that is another part's."""
    found: dict[str, Any] = {"on": content.on, "text": content.text}
    if part != Part.GREETING:
        found["items"] = [_told_item(part, item) for item in content.items]
    if part == Part.ROBOT:
        found |= {"when": content.when.value, "misses": content.misses, "human_words": content.human_words}
    if part == Part.HOT_QUESTIONS:
        del found["text"]
    return found


def _told_item(part: Part, item: Item) -> dict[str, Any]:
    whole = asdict(item)
    keys = ("ask", "answer", "how", "on") if part == Part.ROBOT else ("ask", "answer")
    return {key: str(whole[key]) if key == "how" else whole[key] for key in keys}


# -- what is wrong with it ------------------------------------------------------------------------------------------


def problems_of(part: Part, content: Content) -> Problems:
    """What keeps a part from being saved, by place: `text`, `items`, `items.2.ask`, `misses`, `human_words`."""
    found: Problems = {}
    needed = {Part.GREETING: _("Write the greeting before you switch it on."), Part.ROBOT: _("Write what it says.")}
    if content.on and part in needed and not content.text:
        found["text"] = needed[part]
    _limit(found, "text", content.text, LONGEST_TEXT)
    if part == Part.ROBOT:
        _check_robot(found, content)
    if part in MOST_ITEMS:
        _check_items(found, part, content)
    return found


def _check_robot(found: Problems, content: Content) -> None:
    if not 1 <= content.misses <= MOST_MISSES:
        found["misses"] = _("A whole number from 1 to %(most)s.") % {"most": MOST_MISSES}
    words = words_of(content.human_words)
    if content.on and not words:
        found["human_words"] = _("At least one word: buyers must have a way out of the robot.")
    elif any(not plain(word) for word in words):
        found["human_words"] = _("A word must be more than punctuation.")
    _limit(found, "human_words", content.human_words, LONGEST_ASK[Part.ROBOT])


def _check_items(found: Problems, part: Part, content: Content) -> None:
    if content.on and not content.items:
        found["items"] = EMPTY_LISTS[part]()
    if len(content.items) > MOST_ITEMS[part]:
        found["items"] = _("At most %(most)s.") % {"most": MOST_ITEMS[part]}
    asked: dict[str, int] = {}
    for n, item in enumerate(content.items):
        ask, answer = f"items.{n}.ask", f"items.{n}.answer"
        if not item.ask:
            found[ask] = _("This field is required.")
        elif part == Part.ROBOT:
            _check_rule(found, ask, item)
        else:
            same = asked.setdefault(plain(item.ask), n)
            if not plain(item.ask):
                found[ask] = _("It must be more than punctuation.")
            elif same != n:
                found[ask] = _("The same as number %(number)s.") % {"number": same + 1}
        _limit(found, ask, item.ask, LONGEST_ASK[part])
        if not item.answer:
            found[answer] = _("This field is required.")
        _limit(found, answer, item.answer, LONGEST_ANSWER)


EMPTY_LISTS = {
    Part.HOT_QUESTIONS: lambda: _("Add a question before you switch them on."),
    Part.MENU: lambda: _("Add a line before you switch the menu on."),
    Part.ROBOT: lambda: _("Add a rule before you switch the robot on."),
}


def _check_rule(found: Problems, place: str, rule: Item) -> None:
    if rule.how == How.KEYWORDS:
        if not all(plain(word) for word in words_of(rule.ask)) or not words_of(rule.ask):
            found[place] = _("A keyword must be more than punctuation.")
        return
    try:
        compiled(rule.ask)
    except BadPattern as error:
        found[place] = _("This pattern cannot be used: %(why)s") % {"why": error}
        return
    if pattern_fits(rule.ask, ""):
        found[place] = _("This pattern fits everything, even nothing at all.")


def _limit(found: Problems, place: str, text: str | Promise, most: int) -> None:
    if len(str(text)) > most:
        found[place] = _("Longer than %(most)s characters.") % {"most": most}
