"""The shifts themselves 班次, and templates."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.labels import listed
from agents.models import ShiftKind, Shop
from agents.permissions import Actor, Permission
from agents.services import remove_kind, save_kind, use_template
from agents.services.shift_templates import ROTATED_WEEKS, TEMPLATES
from agents.shifts import kinds_of, staff_of
from agents.views.access import shop_page
from core.http.parameters import query
from routing.forms.shifts import KindForm, TemplateForm
from routing.views.refusals import refusal
from routing.views.shifts import done
from routing.views.shifts_board import offers


@require_GET
@shop_page(Permission.SHIFTS_EDIT)
def shift_kinds(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return render(request, "routing/shifts/_kinds.html", {"kinds": kinds_of(shop)})


@shop_page(Permission.SHIFTS_EDIT)
def shift_kind_new(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return _kind_form(request, shop, None)


@shop_page(Permission.SHIFTS_EDIT)
def shift_kind(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    return _kind_form(request, shop, _found(shop, pk))


def _found(shop: Shop, pk: int) -> ShiftKind:
    kind = ShiftKind.objects.filter(shop=shop, pk=pk).first()
    if kind is None:
        raise Http404
    return kind


def _kind_form(request: HttpRequest, shop: Shop, kind: ShiftKind | None) -> HttpResponse:
    initial = {"name": kind.name, "times": kind.told, "colour": kind.colour} if kind else None
    form = KindForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_kind(shop=shop, kind=kind, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, shop, _("Saved: %(name)s %(times)s") % {"name": saved.name, "times": saved.told})
    form.focus()
    context = {"form": form, "kind": kind}
    return render(request, "routing/shifts/_kind.html", context, status=422 if form.errors else 200)


@require_POST
@shop_page(Permission.SHIFTS_EDIT)
def shift_kind_remove(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    kind = _found(shop, pk)
    try:
        remove_kind(shop=shop, kind=kind, today=timezone.localdate())
    except Refused as refused:
        return refusal(refused)
    return done(request, shop, _("“%(name)s” is gone.") % {"name": kind.name})


@shop_page(Permission.SHIFTS_EDIT)
def shift_template(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """A plan with one click: a template's shifts, and who works by them."""
    people = [(row.name, row.label) for row in staff_of(shop) if row.is_agent]
    form = TemplateForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            kinds = use_template(shop=shop, today=timezone.localdate(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, shop, _said(kinds, len(form.cleaned_data["accounts"])))
    first = query(request).text("template") or TEMPLATES[0].key
    context = {
        "form": form,
        "offers": offers(),
        "people": people,
        "chosen": form["template"].value() or first,
        "ticked": form["accounts"].value() or [],
        "weeks": ROTATED_WEEKS,
    }
    return render(request, "routing/shifts/_template.html", context, status=422 if form.errors else 200)


def _said(kinds: Iterable[ShiftKind], people: int) -> str:
    names = listed(kind.name for kind in kinds)
    if people:
        return _("Planned: %(people)s people work by %(names)s.") % {"people": people, "names": names}
    return _("The shifts are there: %(names)s. Click a day to plan somebody.") % {"names": names}
