"""Why a pool's buyers wait, as one would say it: the named blocker, with figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from agents.labels import listed
from agents.templatetags.fenliu import lasting
from agents.vocabulary import Status
from metrics.selectors.overview import Hand
from metrics.selectors.wall import Pool
from routing.words import pool_words

NAMED = 3
"""So many people are named one by one; of more the number is said."""


@dataclass(frozen=True, slots=True)
class PoolTold:
    """`why` in one or two sentences; `back`: who is on a break and could be asked back."""

    pool: Pool
    title: str
    why: str
    back: Hand | None
    room: int | None
    """How many more `back` could take; None is no limit."""


def told_pool(pool: Pool, hands: Mapping[str, Hand], platform: str, now: datetime) -> PoolTold:
    there = [hands[name] for name in pool.waits_for if name in hands]
    breaks = sorted((hand for hand in there if hand.status == Status.BREAK), key=lambda hand: hand.since or now)
    back = next((hand for hand in breaks if hand.cap is None or hand.load < hand.cap), None)
    room = None if back is None or back.cap is None else back.cap - back.load
    return PoolTold(pool, pool_words(pool.key, platform), _why(pool, there, breaks, now), back, room)


def _why(pool: Pool, there: list[Hand], breaks: list[Hand], now: datetime) -> str:
    if pool.rule == "G5":
        return _("Nobody is online, and no offline list takes it. It goes on as soon as somebody comes online.")
    online = [hand for hand in there if hand.status == Status.ONLINE]
    offline = len(there) - len(online) - len(breaks)
    parts = []
    if online:
        loads = [f"{hand.load}/{hand.cap}" if hand.cap else str(hand.load) for hand in online]
        many = len(set(loads)) > NAMED
        told = _("%(least)s and more") % {"least": min(loads, key=len)} if many else listed(dict.fromkeys(loads))
        parts.append(_("%(count)s online, all full (%(loads)s)") % {"count": len(online), "loads": told})
    if breaks:
        parts.append(_breaks(breaks, now))
    if offline:
        parts.append(_("%(count)s offline") % {"count": offline})
    if not parts:
        return _bound(pool)
    return _("%(standing)s. %(rule)s") % {"standing": _(", ").join(parts), "rule": _bound(pool)}


def _breaks(breaks: list[Hand], now: datetime) -> str:
    if len(breaks) > NAMED:
        return _("%(count)s on a break") % {"count": len(breaks)}
    told = [f"{hand.label} {lasting(hand.since, now)}" if hand.since else hand.label for hand in breaks]
    return _("%(count)s on a break (%(names)s)") % {"count": len(breaks), "names": listed(told)}


def _bound(pool: Pool) -> str:
    if pool.rule == "KS6":
        return _("By the rules it waits for this group and is not given to others.")
    if pool.rule == "DY7":
        return _("By the rules it waits for the agents of this entry.")
    return _("Whoever of the shop becomes free takes it.")
