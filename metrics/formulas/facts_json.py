"""Facts as JSON, short: they are kept for every buyer and day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from metrics.formulas.facts import Facts, Held
from metrics.formulas.holders import Holding
from metrics.formulas.streaks import Streak

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def written(facts: Facts) -> dict[str, Any]:
    """{"about": [[conversation, entry, order status]…], "streaks": {counting: [[conversation, asked, answered or null,
    sender, author, [[since, agent]…]]…]}, "done": [[conversation, hour, agent, {measure: amount}]…]}; times in
    microseconds since 1970, UTC."""
    return {
        "about": [[conversation, *about] for conversation, about in facts.about.items()],
        "streaks": {counting: [_streak(held) for held in streaks] for counting, streaks in facts.streaks.items()},
        "done": [[*place, amounts] for place, amounts in facts.done.items()],
    }


def _streak(held: Held) -> list[Any]:
    streak = held.streak
    return [
        held.conversation,
        _number(streak.asked_at),
        None if streak.answered_at is None else _number(streak.answered_at),
        streak.sender,
        streak.author,
        [[_number(holding.since), holding.agent] for holding in held.holdings],
    ]


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def read(kept: dict[str, Any], day: date) -> Facts:
    return Facts(
        about={conversation: (entry, status) for conversation, entry, status in kept["about"]},
        streaks={counting: [_held(day, *one) for one in streaks] for counting, streaks in kept["streaks"].items()},
        done={(conversation, hour, agent): amounts for conversation, hour, agent, amounts in kept["done"]},
    )


def _held(
    day: date,
    conversation: int,
    asked: int,
    answered: int | None,
    sender: str,
    author: int | None,
    holdings: list[tuple[int, int | None]],
) -> Held:
    streak = Streak(day, _moment(asked), None if answered is None else _moment(answered), sender, author)
    return Held(conversation, streak, tuple(Holding(_moment(since), agent) for since, agent in holdings))


def _moment(number: int) -> datetime:
    return EPOCH + timedelta(microseconds=number)
