"""Yesterday under this draft: asked for on the settings page, watched in a dialog, an estimate that says so."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from metrics.models import Replay
from metrics.selectors.rates import metric_label
from metrics.services import ask_for_replay, cancel_replay
from routing.forms.draft import posted_draft
from routing.roster import labels_of, people_of
from routing.views.settings import refusal

QUIET = timedelta(seconds=15)
"""Not begun after so long: the worker is busy, or not there."""


@dataclass(frozen=True)
class Row:
    """One agent. `widths`: bars, in percent of the longest of all."""

    label: str
    real: dict[str, int]
    draft: dict[str, int]
    widths: tuple[float, float]

    @property
    def change(self) -> int:
        return self.draft["received"] + self.draft["offline"] - self.real["received"] - self.real["offline"]


@dataclass(frozen=True)
class Rate:
    label: str
    real: dict[str, Any]
    draft: dict[str, Any]
    pass_line: float | None

    @property
    def passes(self) -> tuple[bool | None, bool | None]:
        return self._passes(self.real["rate"]), self._passes(self.draft["rate"])

    def _passes(self, rate: float | None) -> bool | None:
        return None if rate is None or self.pass_line is None else rate >= self.pass_line


@require_POST
@shop_page(Permission.ROUTING_SEE)
def replay_start(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The form's settings on yesterday's conversations."""
    try:
        draft = posted_draft(shop, request.POST)
        asked = ask_for_replay(shop=shop, document=draft.document, by=actor.account)
    except Refused as refused:
        return refusal(refused)
    return render(request, "metrics/replay/dialog.html", _context(asked))


@require_GET
@shop_page(Permission.ROUTING_SEE)
def replay_state(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    return render(request, "metrics/replay/_body.html", _context(_found(shop, pk)))


@require_POST
@shop_page(Permission.ROUTING_SEE)
def replay_cancel(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    replay = _found(shop, pk)
    cancel_replay(replay=replay)
    replay.refresh_from_db()
    return render(request, "metrics/replay/_body.html", _context(replay))


def _found(shop: Shop, pk: int) -> Replay:
    replay = Replay.objects.filter(shop=shop, pk=pk).select_related("shop").first()
    if replay is None:
        raise Http404
    return replay


def _context(replay: Replay) -> dict[str, Any]:
    context: dict[str, Any] = {
        "replay": replay,
        "unheard": replay.state == "waiting" and timezone.now() - replay.asked_at > QUIET,
    }
    return context | _told(replay) if replay.result is not None else context


def _told(replay: Replay) -> dict[str, Any]:
    result: dict[str, Any] = replay.result or {}
    names = labels_of(people_of(replay.shop).values())
    totals = [row[side]["received"] + row[side]["offline"] for row in result["agents"] for side in ("real", "draft")]
    longest = max(totals, default=0) or 1
    alike = result["alike"]
    return {
        "rows": [_row(row, names, longest) for row in result["agents"]],
        "rates": [
            Rate(str(metric_label(one["metric"], replay.shop.platform)), one["real"], one["draft"], one["pass_line"])
            for one in result["rates"]
        ],
        "waits": result["waits"],
        "result": result,
        "alike": round(100 * alike["same"] / alike["of"]) if alike["of"] else None,
    }


def _row(row: dict[str, Any], names: dict[str, str], longest: int) -> Row:
    width = [100 * (row[side]["received"] + row[side]["offline"]) / longest for side in ("real", "draft")]
    return Row(names.get(row["account"], row["account"]), row["real"], row["draft"], (width[0], width[1]))
