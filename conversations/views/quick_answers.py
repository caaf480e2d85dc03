"""Quick answers 快捷回复: the bar above the answer box, and the dialog in which they are kept."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.forms.quick_answers import QuickAnswerForm
from conversations.services.quick_answers import may_edit, quick_answers, remove_quick_answer, save_quick_answer
from core.http.parameters import query


@require_GET
@shop_page(Permission.CONVERSATIONS_OWN)
def quick_bar(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The bar again, after something in the dialog has changed."""
    return render(request, "conversations/quick/_bar.html", {"quick": quick_answers(shop, actor.sub_account)})


@require_http_methods(["GET", "POST"])
@shop_page(Permission.CONVERSATIONS_OWN)
def quick_edit(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """GET: the dialog, with `?pk=` to change one. POST: save; refused with its words (422)."""
    if request.method == "GET":
        return render(
            request, "conversations/quick/dialog.html", _context(actor, _form_of(actor, query(request).text("pk")))
        )
    form = QuickAnswerForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            save_quick_answer(
                actor=actor, pk=given["pk"], title=given["title"], text=given["text"], for_shop=given["for_shop"]
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
    if form.errors:
        return render(request, "conversations/quick/_body.html", _context(actor, form), status=422)
    return _changed(render(request, "conversations/quick/_body.html", _context(actor, QuickAnswerForm())))


@require_POST
@shop_page(Permission.CONVERSATIONS_OWN)
def quick_remove(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    form = QuickAnswerForm()
    try:
        remove_quick_answer(actor=actor, pk=pk)
    except Refused as refused:
        if refused.status == 404:
            raise Http404 from None
        form = QuickAnswerForm({})
        form.errors.clear()
        form.add_error(None, str(refused.message))
        return render(request, "conversations/quick/_body.html", _context(actor, form), status=422)
    return _changed(render(request, "conversations/quick/_body.html", _context(actor, form)))


def _changed(response: HttpResponse) -> HttpResponse:
    return trigger_client_event(response, "quickAnswers", {})


def _form_of(actor: Actor, pk: str | None) -> QuickAnswerForm:
    rows = {str(row.pk): row for row in quick_answers(actor.shop, actor.sub_account)}
    row = rows.get(pk or "")
    if row is None or not may_edit(actor, row.owner):
        return QuickAnswerForm()
    return QuickAnswerForm(
        initial={"pk": row.pk, "title": row.title, "text": row.text, "for_shop": row.owner_id is None}
    )


def _context(actor: Actor, form: QuickAnswerForm) -> dict[str, object]:
    rows = quick_answers(actor.shop, actor.sub_account)
    return {
        "form": form,
        "own": [row for row in rows if row.owner_id is not None],
        "shops": [row for row in rows if row.owner_id is None],
        "edits_shops": may_edit(actor, None),
        "shop": actor.shop,
    }
