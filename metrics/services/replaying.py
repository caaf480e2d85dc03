"""Yesterday under this draft: the day's real conversations through the engine with other settings, as a job."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Account, Shop
from agents.vocabulary import Platform
from config.jobs import enqueue
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.formulas.streaks import Said, find_streaks, in_order
from metrics.formulas.units import Figures, Wait, count
from metrics.models import Replay
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.past_day import PastDay
from routing.engine.compile import compile_settings
from routing.engine.document import Document
from routing.models import RoutingVersion
from routing.selectors import current_version
from routing.services import checked_document
from routing.simulator.past import Day, Outcomes, percentile
from routing.simulator.replay import Cancelled, replay

KEPT = timedelta(days=7)
SILENT = timedelta(seconds=60)
"""A run not heard of for so long was killed with its worker."""


@transaction.atomic
def ask_for_replay(*, shop: Shop, document: Any, by: Account | None, day: date | None = None) -> Replay:
    """Ask for `day` (yesterday) under `document`. Raises Refused `malformed`, `no_such_day`.

    What the same person asked for in this shop before is cancelled: one looks at one draft at a time.
    """
    today = day_of(timezone.now(), shop.zone)
    day = day or today - timedelta(days=1)
    if day >= today:
        raise Refused("no_such_day", _("Only a day that is over can be replayed."), field="day")
    whole = checked_document(shop, document)
    Replay.objects.filter(shop=shop, asked_at__lt=timezone.now() - KEPT).delete()
    Replay.objects.filter(shop=shop, asked_by=by, state__in=("waiting", "running")).update(state="cancelled")
    made = Replay.objects.create(shop=shop, day=day, document=whole, asked_by=by)
    enqueue("metrics.replay", pk=made.pk)
    return made


@transaction.atomic
def cancel_replay(*, replay: Replay) -> None:
    """Stop it, if it is not over; the run notices within a few hundred events."""
    Replay.objects.filter(pk=replay.pk, state__in=("waiting", "running")).update(state="cancelled")


def run_replay(*, pk: int) -> bool:
    """Run what was asked for; False if it is over, cancelled or being run by somebody else."""
    now = timezone.now()
    mine = Replay.objects.filter(pk=pk).filter(state="waiting") | Replay.objects.filter(
        pk=pk, state="running", alive_at__lt=now - SILENT
    )
    if not mine.update(state="running", alive_at=now, done=0, total=0):
        return False
    row = Replay.objects.select_related("shop").get(pk=pk)
    try:
        result = replayed(row)
    except Cancelled:
        return False
    except Exception:
        Replay.objects.filter(pk=pk).update(state="failed")
        raise
    Replay.objects.filter(pk=pk, state="running").update(state="done", result=result)
    return True


def to_be_run() -> Sequence[int]:
    """Replays that a runner has dropped: asked for and not begun, or begun and silent."""
    silent = timezone.now() - SILENT
    rows = Replay.objects.filter(state__in=("waiting", "running"), alive_at__lt=silent)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def replayed(row: Replay) -> dict[str, Any]:
    """Both outcomes of the day, and how near the replay of the settings then in force comes to what happened."""
    shop = row.shop
    past = PastDay(shop, row.day)
    day, real = past.read(), past.happened()
    halves = _Progress(row)
    under_draft = replay(day, compile_settings(row.document, Platform(shop.platform), 0), halves)
    halves.second_half = True
    then = replay(day, compile_settings(_document_then(shop, past), Platform(shop.platform), 0), halves)
    definitions = shop_definitions(shop).on(row.day)
    return {
        "conversations": len(day.pasts),
        "guessed_presence": day.guessed_presence,
        "agents": [_agent(account, real, under_draft) for account in _accounts(day, real, under_draft)],
        "waits": {"real": _waits(real), "draft": _waits(under_draft)},
        "rates": [_rates(definition, day, row.day, real, under_draft) for definition in definitions],
        "alike": _alike(real, then),
    }


class _Progress:
    """Writes how far the run is, and notices that nobody wants to know any more."""

    def __init__(self, row: Replay) -> None:
        self.row = row
        self.second_half = False
        self.told_at: datetime | None = None

    def __call__(self, done: int, total: int) -> None:
        now = timezone.now()
        if self.told_at is not None and now - self.told_at < timedelta(seconds=0.5):
            return
        self.told_at = now
        done = done + total if self.second_half else done
        running = Replay.objects.filter(pk=self.row.pk, state="running")
        if not running.update(done=done, total=2 * total, alive_at=now):
            raise Cancelled


def _document_then(shop: Shop, past: PastDay) -> Document:
    """The settings in force when the day ended."""
    rows = RoutingVersion.objects.filter(shop=shop, created_at__lt=past.end).order_by("-number")
    document: Document = (rows.first() or current_version(shop)).document
    return document


def _accounts(day: Day, *outcomes: Outcomes) -> list[str]:
    """Who takes conversations, and whoever got one."""
    got = {name for found in outcomes for name in (*found.received, *found.offline)} - {""}
    taking = {agent.name for agent in day.agents if agent.enabled and agent.has_agent_role}
    return sorted(taking | got)


def _agent(account: str, real: Outcomes, draft: Outcomes) -> dict[str, Any]:
    return {"account": account, "real": _figures(account, real), "draft": _figures(account, draft)}


def _figures(account: str, found: Outcomes) -> dict[str, int]:
    return {
        "received": found.received[account],
        "offline": found.offline[account],
        "most": found.most_at_once.get(account, 0),
    }


def _waits(found: Outcomes) -> dict[str, Any]:
    """Seconds."""
    median, most = percentile(found.waits, 0.5), percentile(found.waits, 1.0)
    return {
        "count": len(found.waits),
        "median": None if median is None else round(median.total_seconds()),
        "longest": None if most is None else round(most.total_seconds()),
        "unassigned": found.unassigned,
    }


def _rates(definition: Definition, day: Day, date_: date, real: Outcomes, draft: Outcomes) -> dict[str, Any]:
    return {
        "metric": definition.key,
        "pass_line": None if definition.pass_line is None else float(definition.pass_line),
        "real": _told(_counted(definition, day, date_, real)),
        "draft": _told(_counted(definition, day, date_, draft)),
    }


def _told(figures: Figures) -> dict[str, Any]:
    return {"passed": figures.passed, "failed": figures.failed, "rate": figures.rate}


def _counted(definition: Definition, day: Day, date_: date, found: Outcomes) -> Figures:
    """The day's own figures, everything until its end taken in."""
    buyers = {buyer: number for number, buyer in enumerate(dict.fromkeys(found.buyers.values()))}
    waits = []
    for number, (name, spoken) in enumerate(found.said.items()):
        said = [Said(s.at, s.sender, f"{i:06}", None, s.to_robot) for i, s in enumerate(spoken)]
        for streak in find_streaks(in_order(said), definition, day.zone):
            if streak.day == date_:
                waits.append(Wait(streak, buyers[found.buyers[name]], number, None))
    return count(waits, definition, day.end, day.zone)


def _alike(real: Outcomes, then: Outcomes) -> dict[str, int]:
    """Of the conversations that really went to somebody: how many the replay of that day's settings gave alike."""
    same = sum(then.first.get(name) == who for name, who in real.first.items())
    return {"same": same, "of": len(real.first)}
