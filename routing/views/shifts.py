"""Shifts 排班 (S3): the week, somebody's shift on a day, a week copied, whether the status follows."""

import json
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.labels import WEEKDAYS
from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.services import copy_week, set_follows, set_shift
from agents.shifts import WeekCopy, kinds_of, plan_of, staff_of, week_copy
from agents.views.access import shop_page
from core.http.parameters import posted, query
from routing.forms.shifts import FREE, CellForm, CopyForm
from routing.views.refusals import refusal
from routing.views.shifts_board import day_name, make_board, offers, shown_week

SHOWN_CHANGES = 40


@require_GET
@shop_page(Permission.SHIFTS_SEE)
def shifts(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    board = make_board(shop, actor, query(request).text("week"), timezone.now())
    context = {"board": board, "offers": [] if board.kinds else offers()}
    return render(request, "routing/shifts/page.html", context)


def done(request: HttpRequest, shop: Shop, said: str) -> HttpResponse:
    """The board anew, with a passing message."""
    if not getattr(request, "htmx", False):
        return redirect(reverse("shifts", args=[shop.slug]))
    response = HttpResponse(status=204)
    told = {"dialogClose": True, "toast": {"text": said, "tone": "success"}, "shifts": True}
    response["HX-Trigger"] = json.dumps(told)
    return response


def cell_of(shop: Shop, value: str) -> tuple[SubAccount, date]:
    """ "a1/2026-11-23": the person and the day that a cell stands for; 404 for what is none of this shop's."""
    name, _slash, text = value.rpartition("/")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    row = staff_of(shop).filter(name=name).first()
    if row is None or shown_week(text, timezone.localdate()) != shown_week(None, day):
        raise Http404
    return row, day


@shop_page(Permission.SHIFTS_EDIT)
def shift_cell(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Somebody's shift: on this date alone, or on every such weekday."""
    given = posted(request) if request.method == "POST" else query(request)
    cell = given.text("cell")
    if not cell:
        return refusal(Refused("no_cell", _("Choose a day of somebody in the plan.")))
    who, day = cell_of(shop, cell)
    kinds = kinds_of(shop)
    plan = plan_of(shop, day, day, kinds)
    now, usual = plan.shift_on(who.name, day), plan.pattern.get(who.name, {}).get(day.weekday())
    form = CellForm(request.POST or None, kinds=kinds, initial={"kind": now or FREE})
    if request.method == "POST" and form.is_valid():
        weekly = form.cleaned_data["weekly"]
        try:
            set_shift(shop=shop, who=who, day=day, kind=form.chosen, weekly=weekly)
        except Refused as refused:
            form.refuse(refused)
        else:
            told = {"who": who.label, "shift": form.chosen.name if form.chosen else _("free")}
            if weekly:
                said = _("%(who)s, every %(day)s: %(shift)s") % (told | {"day": WEEKDAYS[day.weekday()]})
            else:
                said = _("%(who)s, %(day)s: %(shift)s") % (told | {"day": day_name(day)})
            return done(request, shop, said)
    names = {kind.pk: kind.name for kind in kinds}
    context = {
        "form": form,
        "cell": cell,
        "who": who.label,
        "day": day,
        "weekday": WEEKDAYS[day.weekday()],
        "kinds": kinds,
        "chosen": form["kind"].value(),
        "usual": names.get(usual, _("free")) if usual else _("free"),
        "exception": now != usual,
    }
    return render(request, "routing/shifts/_cell.html", context, status=422 if form.errors else 200)


@shop_page(Permission.SHIFTS_EDIT)
def shift_copy(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """A week copied to another; what it will change is said before."""
    today = timezone.localdate()
    source = shown_week(query(request).text("source"), today)
    given = query(request).form("target")
    form = CopyForm(request.POST or given, initial={"target": source + timedelta(days=7)})
    target = form.cleaned_data["target"] if form.is_bound and form.is_valid() else form.initial["target"]
    target = shown_week(target.isoformat(), today)
    if request.method == "POST" and form.is_valid():
        try:
            copy = copy_week(shop=shop, source=source, target=target, seen=form.cleaned_data["seen"])
        except Refused as refused:
            form.refuse(refused)
        else:
            words = _("The week of %(target)s is now as that of %(source)s: %(count)s changed.")
            told = {"target": f"{target:%m-%d}", "source": f"{source:%m-%d}", "count": len(copy.changes)}
            return done(request, shop, words % told)
    if form.is_bound and source == target and not form.errors:
        form.add_error("target", _("That is the same week."))
    copy = week_copy(shop, source, target)
    context = {
        "form": form,
        "source": source,
        "source_end": source + timedelta(days=6),
        "target": target,
        "target_end": target + timedelta(days=6),
        "copy": copy,
        "lines": _told(copy),
        "more": max(0, len(copy.changes) - SHOWN_CHANGES),
    }
    return render(request, "routing/shifts/_copy.html", context, status=422 if request.method == "POST" else 200)


def _told(copy: WeekCopy) -> list[dict[str, str]]:
    free = _("free")
    return [
        {
            "who": change.row.label,
            "day": day_name(change.day),
            "before": copy.name(change.before) or free,
            "after": copy.name(change.after) or free,
        }
        for change in copy.changes[:SHOWN_CHANGES]
    ]


@require_POST
@shop_page(Permission.SHIFTS_EDIT)
def shift_follow(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    follows = posted(request).text("follows") == "1"
    set_follows(shop=shop, follows=follows)
    words = _("From the next beginning or end of a shift on, the status follows it.")
    return done(request, shop, words if follows else _("The status follows the shift no longer."))
