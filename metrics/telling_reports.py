"""The reports' figures in words, and the range in a sentence that a shop owner would say."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from agents.labels import WEEKDAYS
from metrics.formulas.figures import BY_KEY, Family, Figure, Unit
from metrics.selectors.reports import Amount, Report, WeekHour
from metrics.telling import sentences
from metrics.templatetags.rates import percent
from routing.words import PLACES, status_words

Words = str | Promise

FAMILIES: dict[Family, Words] = {
    Family.BUYERS: later("Who came"),
    Family.REPLIES: later("How they were answered"),
    Family.ROUTING: later("Routing"),
    Family.PEOPLE: later("People"),
}

FIGURES: dict[str, tuple[Words, Words]] = {
    "buyers": (
        later("Consulting buyers"),
        later("Buyers who wrote, each once a day, at the hour of their first message."),
    ),
    "answered_buyers": (later("Answered buyers"), later("Of them those whom a person answered on that day.")),
    "robot_buyers": (later("By the robot alone"), later("Of them those whom nobody but the robot answered.")),
    "unanswered_buyers": (later("Unanswered buyers"), later("Of them those whom nobody answered on that day.")),
    "first_response": (
        later("First response"),
        later(
            "Mean time to a person's first answer in a conversation, day by day; only the counted hours of it count."
        ),
    ),
    "mean_response": (
        later("Mean response"),
        later("Mean time from a question to a person's answer within 24 hours; only the counted hours of it count."),
    ),
    "slow": (
        later("Slow replies"),
        later("Questions that were answered later than the strictest assessed metric asks for, or never."),
    ),
    "never": (
        later("Never answered"),
        later("Questions that are older than that and have no answer, or one after more than 24 hours."),
    ),
    "questions": (later("Questions"), later("Messages of buyers, advertising and cards too.")),
    "answers": (later("Answers"), later("Messages of people; automatic and robot's ones do not count.")),
    "answer_ratio": (later("Answers to a question"), later("Answers ÷ questions.")),
    "characters": (later("Characters"), later("Of all answers of people together.")),
    "satisfaction": (later("Satisfaction"), later("Satisfied ÷ all ratings.")),
    "ratings": (later("Ratings"), later("Buyers who rated a conversation that was over.")),
    "received": (
        later("Received"),
        later("Conversations that routing gave: at opening, out of a pool, or again; not those given by hand."),
    ),
    "direct": (later("Direct in"), later("Of them those given at opening or out of a pool.")),
    "transferred_in": (later("Transferred in"), later("Given by hand.")),
    "transferred_out": (later("Transferred out"), later("Given away by hand.")),
    "recent_share": (
        later("Returning buyers"),
        later("Part of what was received that went to whom the buyer knew already."),
    ),
    "offline": (later("Offline messages"), later("Conversations that came by the offline list.")),
    "offline_open": (later("Of them unanswered"), later("Offline messages that no person has answered yet.")),
    "waits": (later("Waits"), later("Conversations that stood in a pool because nobody was free.")),
    "wait": (later("Mean wait"), later("Mean time in the pool of those whom somebody took.")),
    "abandoned": (later("Abandoned waits"), later("Closed while they still stood in a pool.")),
    "handling": (later("Handling time"), later("Mean time from the first assignment to the close.")),
    "most_open": (
        later("Most at once"),
        later(
            "The most conversations that one agent held at the same time; for several people the most of any of them."
        ),
    ),
    "online": (later("Online"), later("Time with the status online, all agents together.")),
    "break": (later("On a break"), later("Time with the status break, all agents together.")),
}
"""Label and definition, by the key of metrics.formulas.figures."""

RATE_DEFINITION = later("Units of the metric that passed ÷ those that passed or failed, over all days of the range.")


def figure_text(unit: Unit, value: float | None) -> str:
    """As people read it: 1,204 · 1:12 · 96.1% · 1.08; None is "—"."""
    if value is None:
        return "—"
    if unit is Unit.PERCENT:
        return f"{percent(value)}%"
    if unit is Unit.SECONDS:
        return duration(value)
    return f"{value:.2f}" if unit is Unit.RATIO else f"{value:,.0f}"


def duration(seconds: float) -> str:
    """0:45 · 12:05 · 3:07:00."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken(seconds: float) -> str:
    """45 s · 12 min 5 s · 3 h 7 min: in a sentence 12:05 would be a time of day."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes and rest:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(minutes)s min") % {"minutes": minutes} if minutes else _("%(seconds)s s") % {"seconds": rest}


def change_text(figure: Figure, now: float | None, before: float | None) -> tuple[str, str]:
    """("+12 %", tone): against the range before; tone `bad` where it costs, "" elsewhere. Empty without one of both."""
    if now is None or not before:
        return "", ""
    part = (now - before) / before
    if figure.unit is Unit.PERCENT:
        points = 100 * (now - before)
        if abs(points) < 0.05:
            return "", ""
        return _("%(points)s points") % {"points": f"{points:+.1f}"}, _tone(figure, part)
    if abs(part) < 0.005:
        return "", ""
    return f"{part:+.0%}", _tone(figure, part)


def _tone(figure: Figure, change: float) -> str:
    return "bad" if figure.better * change < 0 and abs(change) >= WORTH_RED else ""


def hour_words(hour: int) -> str:
    return f"{hour:02}:00"


def line_words(by: str, key: Any, platform: str, names: Mapping[str, str]) -> str:
    """What a line of a report is called; `names` by the key of the rollups."""
    if by == "day":
        return date_format(key, "m-d D")
    if by == "weekday":
        return str(WEEKDAYS[key])
    if by == "hour":
        return hour_words(key)
    if by == "entry":
        return str(PLACES.get(key, key) or _("Not known"))
    if by == "order_status":
        return status_words(key, platform) if key else _("Not known")
    if by == "group":
        return key or _("In no group")
    return names.get(str(key), "") or _("Nobody held it")


WORTH_RED = 0.1
"""A worsening by less is no alarm."""


def headline(report: Report) -> str:
    """Empty where nobody came."""
    now, before = report.total.now, report.total.before
    buyers = BY_KEY["buyers"].of(now.amounts)
    if not buyers:
        return ""
    said = [_who_came(report, now)]
    mean, earlier = (BY_KEY["mean_response"].of(one.amounts) for one in (now, before))
    if mean is not None and earlier is not None and abs(mean - earlier) >= 1:
        words = (
            _("That is %(time)s slower than before.") if mean > earlier else _("That is %(time)s faster than before.")
        )
        said.append(words % {"time": spoken(abs(mean - earlier))})
    return sentences(said)


def _who_came(report: Report, now: Amount) -> str:
    mean = BY_KEY["mean_response"].of(now.amounts)
    answered = now.amounts["answered_buyers"] + now.amounts["robot_buyers"]
    values = {
        "days": report.range.length,
        "buyers": f"{now.amounts['buyers']:,}",
        "part": percent(answered / now.amounts["buyers"]),
        "mean": "—" if mean is None else spoken(mean),
    }
    if report.range.length == 1:
        return _("%(buyers)s buyers came, %(part)s%% were answered, after %(mean)s on average.") % values
    return _("In %(days)s days %(buyers)s buyers came, %(part)s%% were answered, after %(mean)s on average.") % values


def busy_hours(hours: Mapping[int, WeekHour]) -> str:
    """The busiest hour, and the one with the most slow replies."""
    came = [(one.buyers, hour) for hour, one in hours.items() if one.buyers]
    slow = [(one.slow, hour) for hour, one in hours.items() if one.slow]
    if not came:
        return ""
    said = [_("Busiest: %(hour)s:00.") % {"hour": max(came)[1]}]
    if slow:
        said.append(_("Most slow replies: %(hour)s:00.") % {"hour": max(slow)[1]})
    return sentences(said)
