"""The settings' versions: who, when, what changed; publish an old one again."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission, may_any
from agents.views.access import shop_page
from core.http.parameters import query
from routing import services
from routing.engine.difference import difference
from routing.forms.versions import CompareForm
from routing.models import RoutingVersion
from routing.roster import labels_of, people_of
from routing.selectors import current_version, versions
from routing.words import change_sentences

PAGE = 20


@dataclass(frozen=True)
class Line:
    version: RoutingVersion
    sentences: list[str]
    in_force: bool


@dataclass(frozen=True)
class Comparison:
    old: RoutingVersion
    new: RoutingVersion
    sentences: list[str]


def compared(form: CompareForm, shop: Shop, names: dict[str, str]) -> Comparison | None:
    """What would have to be changed to get from the one version to the other, in words."""
    if not form.is_valid():
        return None
    old, new = form.found["old"], form.found["new"]
    changes = difference(old.document, new.document)
    return Comparison(old, new, change_sentences(changes, shop.platform, names))


@require_GET
@shop_page(Permission.ROUTING_SEE)
def routing_versions(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    page = Paginator(versions(shop).defer("document"), PAGE).get_page(query(request).text("page"))
    names = labels_of(people_of(shop).values())
    form = CompareForm(query(request).form("old", "new"), shop=shop)
    now = current_version(shop).number
    context = {
        "form": form,
        "compared": compared(form, shop, names),
        "now": now,
        "page": page,
        "lines": [Line(row, change_sentences(row.changes, shop.platform, names), row.number == now) for row in page],
        "may_restore": may_any(actor, (Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING)),
    }
    return render(request, "routing/settings/versions.html", context)


@require_POST
@shop_page(Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING)
def routing_restore(request: HttpRequest, shop: Shop, actor: Actor, number: int) -> HttpResponse:
    """Publish version `number` again."""
    try:
        version = services.restore(shop=shop, number=number, actor=actor)
    except Refused as refused:
        if refused.code == "unknown_version":
            raise Http404 from None
        messages.error(request, str(refused.message))
    else:
        words = _("Version %(old)s is in force again, as version %(number)s.")
        messages.success(request, words % {"old": number, "number": version.number})
    return redirect("routing_versions", shop.slug)
