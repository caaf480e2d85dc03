"""Hours of attendance: how long everybody was online and on a break, and the most they held at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from metrics.formulas.attendance import Change, Hour, most_at_once, seconds_by_hour
from metrics.formulas.days import day_end, day_start
from metrics.models import Attendance
from metrics.selectors.presence import switches_between
from metrics.services.rollups import insert_attendance
from routing.engine.vocabulary import Outcome
from routing.models import Decision

HOUR = timedelta(hours=1)
PRESENT = (Status.ONLINE, Status.BREAK)


def count_attendance(shop: Shop, first: date, last: date, now: datetime) -> None:
    """The hours of these shop days up to now, anew. Needs a transaction with the shop's row locked.

    Days whose log has been dropped keep what was counted of them.
    """
    first = max(first, shop.kept_from or first)
    if first > last:
        return
    start, end = day_start(first, shop.zone), min(now, day_end(last, shop.zone))
    hours = list(_hours(start, end))
    switches = switches_between(shop, start, end)
    standing, changes = _standing(shop, start), _changes(shop, start, end)
    lines = [(local.date(), local.hour) for local in (begin.astimezone(shop.zone) for begin, _ in hours)]
    rows: dict[tuple[int, date, int], list[int]] = {}
    for agent in SubAccount.objects.for_shop(shop).order_by("pk").values_list("pk", flat=True):
        lasted = seconds_by_hour(*switches.of(agent), hours, PRESENT)
        most = most_at_once(standing[agent], changes[agent], hours)
        for line, seconds, held in zip(lines, lasted, most, strict=True):
            if not (seconds or held):
                continue
            online, away = round(seconds.get(Status.ONLINE, 0)), round(seconds.get(Status.BREAK, 0))
            if online or away or held:
                # An hour that a clock change repeats is one line.
                row = rows.setdefault((agent, *line), [0, 0, 0])
                row[:] = row[0] + online, row[1] + away, max(row[2], held)
    Attendance.objects.filter(shop=shop, date__gte=first, date__lte=last).delete()
    insert_attendance((shop.pk, *of, *row) for of, row in rows.items())


def _hours(start: datetime, end: datetime) -> Iterator[Hour]:
    while start < end:
        yield start, min(start + HOUR, end)
        start += HOUR


def _standing(shop: Shop, start: datetime) -> Counter[int]:
    """How many each held when the days began."""
    last = Decision.objects.filter(shop=shop, conversation=OuterRef("pk"), at__lt=start).order_by("-number")
    rows = (
        Conversation.objects.for_shop(shop)
        .filter(Q(closed_at__gte=start) | ~Q(state=State.CLOSED), imported=False, opened_at__lt=start)
        .order_by()
        .annotate(outcome=Subquery(last.values("outcome")[:1]), held_by=Subquery(last.values("agent")[:1]))
    )
    held = rows.exclude(outcome=Outcome.QUEUED).filter(held_by__isnull=False)
    return Counter(held.values_list("held_by", flat=True))


def _changes(shop: Shop, start: datetime, end: datetime) -> defaultdict[int, list[Change]]:
    """By sub-account: what they were given, and what was taken from them or closed."""
    found: defaultdict[int, list[Change]] = defaultdict(list)
    before = Decision.objects.filter(
        shop=shop, conversation=OuterRef("conversation"), number__lt=OuterRef("number")
    ).order_by("-number")
    decided = (
        Decision.objects.filter(shop=shop, at__gte=start, at__lt=end)
        .order_by()
        .annotate(was=Subquery(before.values("agent")[:1]))
        .values_list("at", "agent_id", "was")
    )
    for at, agent, was in decided:
        if was is not None:
            found[was].append((at, -1))
        if agent is not None:
            found[agent].append((at, 1))
    closed = Conversation.objects.for_shop(shop).filter(
        closed_at__gte=start, closed_at__lt=end, imported=False, holder__isnull=False
    )
    for moment, holder in closed.order_by().values_list("closed_at", "holder_id"):
        if moment is not None and holder is not None:
            found[holder].append((moment, -1))
    for changes in found.values():
        changes.sort()
    return found
