"""Reading the shops' event rows: where each shop stands, and what came after a number."""

from collections.abc import Collection
from dataclasses import dataclass

from agents.models import Shop
from config.statements import Read, Rows
from routing.models import Lane, ShopEvent
from routing.stream.cursor import Cursor
from routing.stream.telling import Told, tell

PIECE = 200
"""Events read at once."""


def numbers(shops: Collection[int]) -> Cursor:
    """The number of each shop's last event; 0 for one in which nothing has happened."""
    found: dict[int, int] = dict(_numbers(sorted(shops)))
    return {shop: found.get(shop, 0) for shop in shops}


def news(shop: Shop, after: int, until: int | None = None) -> list[Told]:
    """The next events after a number, at most PIECE of them."""
    rows = _events(shop.pk, after)
    return tell(shop, rows if until is None else [row for row in rows if row.seq <= until])


def next_numbers(shop: Shop, after: int) -> list[int]:
    """The numbers of the next events, at most PIECE of them."""
    return [row.seq for row in _events(shop.pk, after)]


_numbers = Read(lambda shops: Lane.objects.filter(pk__in=shops).values_list("pk", "seq"))
_events = Rows(
    ShopEvent, lambda shop, after: ShopEvent.objects.filter(shop=shop, seq__gt=after).order_by("seq")[:PIECE]
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a reader begins: from `cursor` on; the shops in `reset` are to be loaded anew, what they missed is no
    longer kept."""

    cursor: Cursor
    reset: tuple[int, ...]


def start(shops: Collection[int], given: Cursor | None, most: int) -> Start:
    """A reader's beginning: now for a shop that `given` does not know, else where they were. A number that lies ahead
    of the shop's own (its database was put back), before what is kept, or further behind than `most` events over all
    shops cannot be gone on from."""
    now = numbers(shops)
    if given is None:
        return Start(now, ())
    behind = {shop: now[shop] - given[shop] for shop in shops if shop in given and given[shop] < now[shop]}
    lost = {shop for shop in shops if given.get(shop, 0) > now[shop]}
    left = most
    for shop, missed in sorted(behind.items(), key=lambda item: item[1]):
        if missed > left or _oldest_event(shop, now[shop]) > given[shop] + 1:
            lost.add(shop)
        else:
            left -= missed
    places = {shop: now[shop] if shop in lost else given.get(shop, now[shop]) for shop in shops}
    return Start(places, tuple(sorted(lost)))


def _oldest_event(shop: int, last: int) -> int:
    """The number of the oldest event that is kept: the first row of an index, however many follow."""
    oldest = ShopEvent.objects.filter(shop=shop).order_by("seq").values_list("seq", flat=True)[:1]
    return next(iter(oldest), last + 1)
