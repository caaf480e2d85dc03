"""The audit log: who changed what, when, from where, before and after; filtered, and out as CSV."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.audit import audit_entries, each_entry
from agents.models import AuditEntry, Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import download_csv
from core.http.parameters import query
from routing.forms.audit import AuditFilterForm
from routing.roster import labels_of, people_of
from routing.words import audit_sentences, audit_subject

PER_PAGE, CHUNK = 40, 500


@dataclass(frozen=True)
class Line:
    entry: AuditEntry
    who: str
    subject: str
    sentences: list[str]


@require_GET
@shop_page(Permission.AUDIT_SEE)
def audit(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    form = AuditFilterForm(query(request).form())
    page = Paginator(audit_entries(shop, form.filters()), PER_PAGE).get_page(query(request).text("page"))
    names = labels_of(people_of(shop).values())
    asked = query(request).sent(without="page")
    context = {
        "form": form,
        "page": page,
        "lines": [line_of(entry, shop, names) for entry in page],
        "query": f"{urlencode(asked)}&" if asked else "",
        "asked": bool(asked),
    }
    return render(request, "routing/audit/log.html", context)


@require_GET
@shop_page(Permission.AUDIT_SEE)
def audit_csv(request: HttpRequest, shop: Shop, actor: Actor) -> StreamingHttpResponse:
    """What the filters leave, all of it, as a stream: memory does not grow with the log."""
    form = AuditFilterForm(query(request).form())
    rows = each_entry(audit_entries(shop, form.filters()), CHUNK)
    names = labels_of(people_of(shop).values())
    head = [_("When"), _("Who"), _("From where"), _("What"), _("Of what"), _("What changed")]
    cells = (cells_of(line_of(entry, shop, names), shop) for entry in rows)
    return download_csv(request, f"{shop.slug}-audit", head, cells)


def cells_of(line: Line, shop: Shop) -> list[str]:
    at = timezone.localtime(line.entry.at, shop.zone).isoformat(timespec="seconds")
    action = str(line.entry.get_action_display())
    return [at, line.who, line.entry.address, action, line.subject, "; ".join(line.sentences)]


def line_of(entry: AuditEntry, shop: Shop, names: Mapping[str, str]) -> Line:
    who = entry.by.label if entry.by is not None else entry.by_name
    subject = audit_subject(entry.action, entry.subject, names)
    sentences = audit_sentences(entry.before, entry.after, shop.platform, names)
    return Line(entry, who or _("the product itself"), subject, sentences)
