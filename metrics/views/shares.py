"""Why some get many and some none 分配分析: a range of days, each agent against an even share, and the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import download
from core.http.parameters import query
from metrics.forms import ShareRangeForm
from metrics.formulas.days import day_of
from metrics.formulas.shares import Cause
from metrics.selectors.shares import AgentShare, Shares, shares
from metrics.telling import sentences
from metrics.telling_causes import CAPS, NAMES, UNCLOSED, chance_words
from metrics.telling_shares import NOT_COUNTED, WHOLE, Reason, given_out, headline, reasons, weighty

WEEK = timedelta(days=6)

LOOK: dict[str, tuple[Permission, str]] = {
    Cause.LISTS: (Permission.ROUTING_SEE, "routing_settings"),
    Cause.WEIGHT: (Permission.ROUTING_SEE, "routing_settings"),
    Cause.EVEN: (Permission.ROUTING_SEE, "routing_settings"),
    Cause.SATURATED: (Permission.ROUTING_SEE, "routing_settings"),
    Cause.OFFLINE: (Permission.SHIFTS_SEE, "shifts"),
    Cause.BREAK: (Permission.SHIFTS_SEE, "shifts"),
    Cause.FULL: (Permission.SUB_ACCOUNTS_SEE, "sub_accounts"),
    CAPS: (Permission.SUB_ACCOUNTS_SEE, "sub_accounts"),
}
"""Where a cause is looked at and mended; the conversations themselves are linked by who holds them."""


@dataclass(frozen=True)
class Told:
    """A reason with the way to what is behind it, where the reader may go there."""

    reason: Reason
    href: str


@dataclass(frozen=True)
class Row:
    """`width`: of the bar, in percent; the longest takes its half. links are empty for who may not see records."""

    agent: AgentShare
    width: float
    chance: str
    reasons: list[Told]
    minor: list[Reason]
    records: str
    open_ones: str

    @property
    def partly(self) -> int | None:
        """In how many percent of the conversations they took part; None: in all of them."""
        part = self.agent.share.due.took_part
        return round(100 * part) if part < WHOLE else None

    @property
    def difference(self) -> int:
        return round(self.agent.share.difference)

    @property
    def by_rule(self) -> int:
        return self.difference - self.by_chance

    @property
    def by_chance(self) -> int:
        return round(self.agent.share.chance)


@require_GET
@shop_page(Permission.METRICS_ALL)
def shares_page(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """`date_from`, `date_to`; without them the last seven days."""
    now = timezone.now()
    today = day_of(now, shop.zone)
    form = _form(request, today)
    context: dict[str, object] = {"shop": shop, "form": form, "ranges": _ranges(form, today)}
    if form.is_valid():
        found = _found(shop, form, now)
        context |= {
            "found": found,
            "sentence": headline(found) if found.total else "",
            "rows": _rows(found, actor),
            "behind": given_out(found),
            "aside": [(name, NOT_COUNTED[why]) for name, why in found.aside],
            "query": urlencode({"date_from": found.first, "date_to": found.last}),
        }
    return render(request, "metrics/shares/page.html", context)


@require_GET
@shop_page(Permission.METRICS_ALL)
def shares_export(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponseBase:
    """The table with every cause as a column; raises BadRequest for a range that is none."""
    now = timezone.now()
    form = _form(request, day_of(now, shop.zone))
    if not form.is_valid():
        raise BadRequest("range")
    found = _found(shop, form, now)
    head = [_("Agent"), _("Received"), _("Even share"), _("Difference"), _("Took part in (percent)")]
    head += [str(NAMES[cause]) for cause in Cause]
    head += [_("Is the rest chance?"), _("Offline ones"), _("Given by hand"), _("Taken by hand"), _("Minutes online")]
    head += [
        _("Minutes on break"),
        _("Online when buyers came (percent)"),
        _("Open now"),
        _("Open on average"),
        _("Idle on average"),
        _("Reasons"),
    ]
    return download(request, f"{shop.slug}-shares-{found.first}-{found.last}", head, _lines(found))


def _form(request: HttpRequest, today: date) -> ShareRangeForm:
    asked = query(request).form("date_from", "date_to")
    return ShareRangeForm(asked or {"date_from": today - WEEK, "date_to": today}, today=today)


def _found(shop: Shop, form: ShareRangeForm, now: datetime) -> Shares:
    return shares(shop, form.cleaned_data["date_from"], min(form.cleaned_data["date_to"], form.today), now)


def _ranges(form: ShareRangeForm, today: date) -> list[tuple[str, str, bool]]:
    """Label, query, whether shown."""
    yesterday = today - timedelta(days=1)
    given = (form.cleaned_data.get("date_from"), form.cleaned_data.get("date_to")) if form.is_valid() else (None, None)
    return [
        (words, urlencode({"date_from": first, "date_to": last}), given == (first, last))
        for words, first, last in (
            (_("Today"), today, today),
            (_("Yesterday"), yesterday, yesterday),
            (_("7 days"), today - WEEK, today),
        )
    ]


def _rows(found: Shares, actor: Actor) -> list[Row]:
    longest = max((abs(row.share.difference) for row in found.rows), default=0) or 1
    return [_row(row, longest, found, actor) for row in found.rows]


def _row(row: AgentShare, longest: float, found: Shares, actor: Actor) -> Row:
    why = reasons(row, found)
    told = [reason for reason in why if reason is why[0] or weighty(reason, row)]
    return Row(
        agent=row,
        width=50 * abs(row.share.difference) / longest,
        chance=chance_words(row, found),
        reasons=[Told(reason, _look(reason, row, found, actor)) for reason in told],
        minor=[reason for reason in why if reason not in told],
        records=_records(row, found, actor),
        open_ones=_records(row, None, actor),
    )


def _look(reason: Reason, row: AgentShare, found: Shares, actor: Actor) -> str:
    if reason.key == UNCLOSED:
        return _records(row, None, actor)
    if reason.key not in LOOK:
        return _records(row, found, actor) if reason.key == Cause.RECENT else ""
    permission, name = LOOK[reason.key]
    return reverse(name, args=[actor.shop.slug]) if actor.may(permission) else ""


def _records(row: AgentShare, found: Shares | None, actor: Actor) -> str:
    """What routing gave them in the range, or what they have open now."""
    if not actor.may(Permission.CONVERSATIONS_ALL):
        return ""
    which = {"routed": "on", "date_from": found.first, "date_to": found.last} if found else {"state": "open"}
    return f"{reverse('records', args=[actor.shop.slug])}?{urlencode({'agent': row.share.name, **which})}"


def _lines(found: Shares) -> Iterator[list[object]]:
    for row in found.rows:
        share = row.share
        yield [
            row.label,
            share.received,
            round(share.even, 1),
            round(share.difference, 1),
            round(100 * share.due.took_part, 1),
            *(round(share.parts.get(cause, 0.0), 1) for cause in Cause),
            chance_words(row, found),
            row.offline,
            row.moved_in,
            row.moved_out,
            round(row.online.total_seconds() / 60),
            round(row.on_break.total_seconds() / 60),
            "" if row.met is None else round(100 * row.met, 1),
            row.open.now,
            round(row.open.mean, 1),
            round(row.open.idle, 1),
            sentences(reason.sentence for reason in reasons(row, found)),
        ]
