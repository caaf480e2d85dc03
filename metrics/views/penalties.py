"""Penalty windows: why, until when, what is still missing; and what people say about them (P4, P6, P8)."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from agents.errors import Refused
from agents.labels import listed
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import download
from metrics.forms import BlackRoomForm, MarkForm
from metrics.formulas.days import day_of
from metrics.labels import MARKS
from metrics.rate_files import tracks_file
from metrics.selectors import PenaltyRow, penalty_windows, today
from metrics.selectors.timeline import timeline, told_alerts
from metrics.selectors.trend import lined_tracks
from metrics.services import enter_black_room, freshen, mark_window
from metrics.telling import banner_of, sentences, state_of, told_penalties
from metrics.telling_end import end_of
from metrics.telling_trend import rates_chart


@shop_page(Permission.PENALTIES_SEE)
def penalties(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Those in force first, the others below."""
    now = timezone.now()
    freshen(shop=shop, now=now)
    rows = penalty_windows(shop)
    told = told_penalties(shop, rows)
    line = timeline(shop, rows, now)
    rates = lined_tracks(shop, line.first, line.last) if actor.may(Permission.METRICS_ALL) else ()
    banner = banner_of(shop, rows)
    context = {
        "shop": shop,
        "now": now,
        "banner": banner,
        "state": None if banner else state_of(today(shop, now), None),
        "open_ones": [(one, end_of(one.row, shop, rates, now)) for one in told if one.row.state == "open"],
        "others": [one for one in told if one.row.state != "open"],
        "may_edit": actor.may(Permission.PENALTIES_EDIT),
        "timeline": line,
        "rates": rates,
        "rates_by_day": list(zip(*(track.rows[::-1] for track in rates), strict=True)),
        "chart": rates_chart(rates) if rates else None,
        "alerts": told_alerts(shop),
    }
    return render(request, "metrics/penalties.html", context)


@shop_page(Permission.PENALTIES_SEE)
def penalties_export(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponseBase:
    """Every window there is or was, as `format` csv or xlsx."""
    head = [
        _("Penalty"),
        _("State"),
        _("From"),
        _("To"),
        _("Days that prolonged it"),
        _("Why"),
        _("Marked"),
        _("Reason"),
    ]
    return download(request, f"{shop.slug}-penalties", head, _lines(shop))


def _lines(shop: Shop) -> Iterator[list[object]]:
    for told in told_penalties(shop, penalty_windows(shop)):
        row = told.row
        yield [
            str(row.label),
            str(row.state_label),
            row.starts_at.astimezone(shop.zone),
            row.ends_at.astimezone(shop.zone) if row.ends_at else told.until,
            listed(f"{one.day:%m-%d}" for one in row.prolongations),
            sentences(told.why),
            str(MARKS.get(row.mark, "")),
            row.mark_reason,
        ]


@shop_page(Permission.METRICS_ALL)
def penalty_rates_export(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponseBase:
    """The rates of the same ninety days that the page shows."""
    line = timeline(shop, (), timezone.now())
    head, rows = tracks_file(lined_tracks(shop, line.first, line.last))
    return download(request, f"{shop.slug}-rates-{line.first}-{line.last}", head, rows)


@shop_page(Permission.PENALTIES_EDIT)
def mark(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """Confirm, dismiss with a reason, or take the mark back (P8). GET: the dialog that asks for the reason."""
    window = _window_or_404(shop, pk)
    form = MarkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            mark_window(shop=shop, window=pk, by=actor.account, now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        else:
            messages.success(request, _("Marked."))
            return _back(request, shop)
    context = {"shop": shop, "window": window, "form": form}
    return render(request, "metrics/mark.html", context, status=422 if form.errors else 200)


@shop_page(Permission.PENALTIES_EDIT)
def black_room(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Enter that the platform announced the black room (P4), in a dialog."""
    now = timezone.now()
    posted = request.method == "POST"
    form = BlackRoomForm(request.POST if posted else None, initial={"day": day_of(now, shop.zone)})
    if posted and form.is_valid():
        try:
            enter_black_room(shop=shop, by=actor.account, now=now, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        else:
            messages.success(request, _("The black room is entered: 30 whole days from the next day on."))
            return _back(request, shop)
    return render(request, "metrics/black_room.html", {"shop": shop, "form": form}, status=422 if form.errors else 200)


def _window_or_404(shop: Shop, pk: int) -> PenaltyRow:
    found = next((row for row in penalty_windows(shop) if row.id == pk), None)
    if found is None:
        raise Http404
    return found


def _back(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The page anew: a mark may end one window and let another stand."""
    url = reverse("penalties", args=[shop.slug])
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)
