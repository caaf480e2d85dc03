"""The records: every conversation that one may see. One whole record, with what metrics knows, is in metrics.views."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.models import Conversation
from core.http.parameters import query
from routing.forms.records import RecordFilterForm
from routing.selectors import filtered, visible_conversations
from routing.words import PLACES, status_words

PER_PAGE = 30


@shop_page(Permission.CONVERSATIONS_OWN)
def records(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """All of the shop for leaders, an agent's own; a fixed number of queries, however many there are."""
    sees_all = actor.may(Permission.CONVERSATIONS_ALL)
    form = RecordFilterForm(query(request).form(), shop=shop, choose_agent=sees_all)
    rows = filtered(visible_conversations(actor), shop, form.filters()).order_by("-opened_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(query(request).text("page"))
    asked = query(request).sent(without="page")
    context = {
        "shop": shop,
        "form": form,
        "page": page,
        "rows": [_row(row, shop) for row in page],
        "query": f"{urlencode(asked)}&" if asked else "",
        "asked": bool(asked),
        "sees_all": sees_all,
    }
    return render(request, "conversations/records.html", context)


def _row(row: Conversation, shop: Shop) -> dict[str, object]:
    return {
        "conversation": row,
        "entry": PLACES.get(row.entry, row.entry),
        "order_status": status_words(row.order_status, shop.platform) if row.order_status else "",
    }
