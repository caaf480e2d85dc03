"""Metric definitions 指标口径: the presets with their sources, a shop's own values, and what a change would have made
of the last days."""

from fractions import Fraction

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from agents.errors import Refused
from agents.labels import listed
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.vocabulary import Platform
from metrics.forms import OverrideForm
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition, definitions_on
from metrics.labels import KINDS
from metrics.models import DefinitionOverride
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.rates import metric_label
from metrics.services import preview_override, set_override, sweep_shop

UNITS: dict[str, tuple[str | Promise, str | Promise]] = {
    "buyer_day": (gettext_lazy("a buyer a day"), gettext_lazy("all their questions of the day were answered in time")),
    "round": (gettext_lazy("each question"), gettext_lazy("it was answered in time, on the same day")),
    "session": (gettext_lazy("a conversation a day"), gettext_lazy("its answers came in time on average")),
}
"""What one unit is, and when it passes (METRICS 2)."""


@shop_page(Permission.METRICS_ALL)
def definitions(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    today = day_of(timezone.now(), shop.zone)
    own = DefinitionOverride.objects.filter(shop=shop).select_related("created_by")
    # S2 says that the robot's answers count on Pinduoduo, S3 that only people's do.
    disputed = shop.platform == Platform.PINDUODUO and any(d.counts_robot for d in definitions_on(shop.platform, today))
    context = {
        "shop": shop,
        "rows": [_told(definition, shop) for definition in shop_definitions(shop).on(today)],
        "overrides": [_override(row, shop) for row in own],
        "may_edit": actor.may(Permission.METRICS_EDIT),
        "robot_disputed": disputed,
    }
    return render(request, "metrics/definitions/page.html", context)


@require_http_methods(["GET", "POST"])
@shop_page(Permission.METRICS_EDIT)
def definition_edit(request: HttpRequest, shop: Shop, actor: Actor, metric: str) -> HttpResponse:
    """The dialog; POST sets the shop's own values from a day on."""
    definition = _definition_or_404(shop, metric)
    form = _form(request, shop, definition)
    if request.method == "POST" and form.is_valid():
        wanted = form.override(metric)
        try:
            set_override(
                shop=shop,
                metric=metric,
                valid_from=wanted.valid_from,
                valid_to=wanted.valid_to,
                counts_robot=wanted.counts_robot,
                penalties=wanted.penalties,
                by=actor.account,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        else:
            sweep_shop(shop=shop, now=timezone.now())
            messages.success(request, _("Saved. The days from then on have been counted again."))
            url = reverse("definitions", args=[shop.slug])
            return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)
    context = {"shop": shop, "form": form, "told": _told(definition, shop)}
    return render(request, "metrics/definitions/edit.html", context, status=422 if form.errors else 200)


@require_POST
@shop_page(Permission.METRICS_EDIT)
def definition_preview(request: HttpRequest, shop: Shop, actor: Actor, metric: str) -> HttpResponse:
    """The last 30 days under what the form says, whatever day it is to hold from."""
    form = _form(request, shop, _definition_or_404(shop, metric))
    days = preview_override(shop=shop, override=form.override(metric), now=timezone.now()) if form.is_valid() else []
    changed = [day for day in days if day.differs]
    context = {
        "days": changed[::-1],
        "asked": len(days),
        "fails_now": sum(day.now.passes is False for day in days),
        "fails_then": sum(day.then.passes is False for day in days),
        "form": form,
    }
    return render(request, "metrics/definitions/_preview.html", context)


def _definition_or_404(shop: Shop, metric: str) -> Definition:
    found = shop_definitions(shop).find(metric, day_of(timezone.now(), shop.zone))
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, shop: Shop, definition: Definition) -> OverrideForm:
    initial = {
        "valid_from": day_of(timezone.now(), shop.zone),
        "penalties": [kind.value for kind in definition.penalties],
    }
    return OverrideForm(request.POST if request.method == "POST" else None, initial=initial)


def _told(definition: Definition, shop: Shop) -> dict[str, object]:
    unit, passes = UNITS[definition.unit]
    return {
        "definition": definition,
        "label": metric_label(definition.key, shop.platform),
        "unit": unit,
        "passes": passes,
        "line": None if definition.pass_line is None else float(100 * definition.pass_line),
        "minutes": Fraction(definition.threshold_seconds, 60),
        "penalties": listed(KINDS[kind] for kind in definition.penalties),
    }


def _override(row: DefinitionOverride, shop: Shop) -> dict[str, object]:
    kinds = None if row.penalties is None else listed(label for kind, label in KINDS.items() if kind in row.penalties)
    return {"row": row, "label": metric_label(row.metric, shop.platform), "penalties": kinds}
