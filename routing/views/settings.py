"""Routing settings 分流设置: the page, its draft, publishing."""

import json
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from core.http.parameters import posted, query
from routing import services
from routing.engine.vocabulary import Mode
from routing.forms.draft import Draft, fresh_draft, posted_draft
from routing.views.settings_board import BASIC, GROUPS, NEVER, OFFLINE, Board
from routing.views.settings_try import TryIt

AT_ONCE = (BASIC, OFFLINE, NEVER)
"""Tabs on which 确认 publishes (PDD10), unless something else waits to be published."""


def context_of(board: Board, asked: TryIt) -> dict[str, Any]:
    known, answer = asked.run()
    return {"board": board, "draft": board.draft, "asked": asked, "known": known, "answer": answer}


def editor(
    request: HttpRequest, draft: Draft, actor: Actor, *, status: int = 200, said: str = "", close: bool = False
) -> HttpResponse:
    """The whole of the page below its shell, as an answer to htmx; `said` is shown as a passing message."""
    context = context_of(Board(draft, actor, posted(request).text("tab")), TryIt.posted(draft, posted(request)))
    response = render(request, "routing/settings/_editor.html", context, status=status)
    events: dict[str, Any] = {"toast": {"text": said, "tone": "success"}} if said else {}
    if close:
        events["dialogClose"] = True
    if events:
        response["HX-Trigger"] = json.dumps(events)
    return response


def refusal(refused: Refused) -> HttpResponse:
    """What no page of ours sends, or what the role forbids: said as a message, the page stays as it is."""
    response = HttpResponse(status=refused.status)
    response["X-Message"] = quote(str(refused.message))
    return response


@require_GET
@shop_page(Permission.ROUTING_SEE)
def routing_settings(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    draft = fresh_draft(shop)
    tab = query(request).text("tab")
    if not tab and draft.document.get("mode", Mode.BASIC) != Mode.BASIC:
        tab = GROUPS
    context = context_of(Board(draft, actor, tab), TryIt.posted(draft, query(request)))
    return render(request, "routing/settings/page.html", context)


@require_POST
@shop_page(Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING)
def routing_draft(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The form with what was typed and pressed in it, worked out anew. 确认 in the dialog of a card publishes."""
    try:
        draft = posted_draft(shop, request.POST)
    except Refused as refused:
        return refusal(refused)
    picked = posted(request).text("op") == "pick"
    if picked and draft.untouched and draft.ready and draft.changes and posted(request).text("tab") in AT_ONCE:
        return publish(request, draft, actor)
    return editor(request, draft, actor, close=picked)


@require_POST
@shop_page(Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING)
def routing_publish(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """发布: the draft as the next version. Overtaken or with errors it comes back with nothing typed lost."""
    try:
        draft = posted_draft(shop, request.POST)
    except Refused as refused:
        return refusal(refused)
    if not draft.ready:
        return editor(request, draft, actor, status=422)
    return publish(request, draft, actor) if draft.changes else editor(request, draft, actor)


def publish(request: HttpRequest, draft: Draft, actor: Actor) -> HttpResponse:
    number = draft.version.number
    try:
        version = services.publish(shop=draft.shop, document=draft.document, actor=actor, expected_version=number)
    except services.StaleVersion:
        return editor(request, posted_draft(draft.shop, request.POST), actor, status=422, close=True)
    except Refused as refused:
        draft.object_to(Refused(refused.code, refused.message, field="form"))
        return editor(request, draft, actor, status=422, close=True)
    said = _("Version %(number)s is published and in force.") % {"number": version.number}
    return editor(request, fresh_draft(draft.shop), actor, said=said, close=True)


@require_POST
@shop_page(Permission.ROUTING_EDIT)
def routing_hide(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """隐藏页面, or show it again. The draft stays as it is: hiding is no setting that routes."""
    try:
        draft = posted_draft(shop, request.POST)
        page, hidden = posted(request).text("page"), posted(request).text("hidden") == "1"
        services.hide_page(shop=shop, page=page, hidden=hidden, actor=actor)
    except Refused as refused:
        return refusal(refused)
    return editor(request, draft, actor)


@require_POST
@shop_page(Permission.ROUTING_SEE)
def routing_try(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Try it alone: recomputed on every change of its fields."""
    try:
        draft = posted_draft(shop, request.POST)
    except Refused as refused:
        return refusal(refused)
    asked = TryIt.posted(draft, posted(request))
    return render(request, "routing/settings/_try.html", context_of(Board(draft, actor), asked))
