"""What a person does in a conversation: write, close, hand over, take. Each answers the part of the page it changes.

The pages themselves, with their clocks, stand in metrics.views.workbench: they need what metrics knows.
"""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from agents.errors import Refused
from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.identities import person_namespace
from conversations.models import Conversation
from conversations.states import ClosedBy, Kind, Sender
from core.http.parameters import MAX_BODY_TEXT, posted, query
from routing.handover import handover_targets
from routing.selectors import visible_conversations
from routing.services import close_conversation, post_message, transfer_conversation
from routing.views.refusals import refusal, said

LONGEST_REASON = 500


def visible_or_404(actor: Actor, pk: int) -> Conversation:
    row = visible_conversations(actor).select_related("shop").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def holder_or_403(actor: Actor, row: Conversation) -> SubAccount:
    """Only who holds a conversation writes in it, a leader no less (CONTRACT 5)."""
    if actor.sub_account is None or row.holder_id != actor.sub_account.pk:
        raise PermissionDenied
    return actor.sub_account


def changed(response: HttpResponse, text: str = "") -> HttpResponse:
    """Tell the page that a conversation is no longer as it was."""
    if text:
        trigger_client_event(response, "toast", {"text": text, "tone": "success"})
    return trigger_client_event(response, "conversationChanged", {})


@require_POST
@shop_page(Permission.MESSAGES_WRITE)
def conversation_post(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """An answer, text or image, as oneself and now; a refused one comes back with its words (422)."""
    row = visible_or_404(actor, pk)
    author = holder_or_403(actor, row)
    image = request.FILES.get("image")
    text = posted(request).text("text", most=MAX_BODY_TEXT).strip()
    parts: list[tuple[str, str, bytes | None]] = []
    if image is not None:
        # One byte more than is allowed is enough to see that it is too large.
        parts.append((Kind.IMAGE, "", image.read(settings.MAX_IMAGE_BYTES + 1)))
    if text or image is None:
        parts.append((Kind.TEXT, text, None))
    given_id = posted(request).text("message_id") or uuid4().hex
    try:
        for kind, words, content in parts:
            post_message(
                shop=shop,
                conversation=row.external_id,
                sender=Sender.AGENT,
                author=author,
                kind=kind,
                text=words,
                image=content,
                message_id=f"web:{given_id[:40]}:{kind}",
                namespace=person_namespace(author.pk),
            )
    except Refused as refused:
        return answer_box(request, row, text=text, error=said(refused), status=422)
    return changed(answer_box(request, row))


def answer_box(
    request: HttpRequest, row: Conversation, *, text: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    context = {"conversation": row, "text": text, "error": error, "message_id": uuid4().hex, "writable": True}
    return render(request, "conversations/_answer.html", context, status=status)


@require_POST
@shop_page(Permission.CONVERSATIONS_CLOSE)
def conversation_close(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """End a conversation that one holds; leaders end any. Its place is free at once (G7)."""
    row = visible_or_404(actor, pk)
    if not actor.may(Permission.CONVERSATIONS_ALL):
        holder_or_403(actor, row)
    try:
        close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.AGENT)
    except Refused as refused:
        return refusal(refused)
    return changed(HttpResponse(status=204), _("Closed."))


@shop_page(Permission.TRANSFER_OWN, Permission.TRANSFER_ALL)
def conversation_transfer(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """Hand over by hand, over the cap too (G8). GET: the people who are online now; `panel`: without a dialog."""
    row = visible_or_404(actor, pk)
    if request.method != "POST":
        panel = query(request).has("panel")
        template = "conversations/_transfer_form.html" if panel else "conversations/transfer.html"
        return render(request, template, transfer_context(actor, row) | {"panel": panel})
    to, reason = posted(request).text("to"), posted(request).text("reason", most=MAX_BODY_TEXT).strip()
    try:
        if not to:
            raise Refused("required", _("Choose who is to have the conversation."), field="to")
        if len(reason) > LONGEST_REASON:
            raise Refused("too_long", _("The reason is longer than %(most)s characters.") % {"most": LONGEST_REASON})
        transfer_conversation(shop=shop, conversation=row.external_id, by=_own_name(actor), to=to, reason=reason)
    except Refused as refused:
        context = transfer_context(actor, row) | {"error": said(refused), "to": to, "reason": reason}
        return render(request, "conversations/_transfer_form.html", context, status=422)
    done = _("Transferred to %(name)s.") % {"name": to}
    again = visible_conversations(actor).filter(pk=pk).first()
    if again is None:
        # An agent who gave it away no longer sees it.
        messages.success(request, done)
        return HttpResponseClientRedirect(reverse("conversations", args=[shop.slug]))
    response = render(request, "conversations/_transfer_form.html", transfer_context(actor, again))
    trigger_client_event(response, "dialogClose", {})
    return changed(response, done)


def transfer_context(actor: Actor, row: Conversation) -> dict[str, object]:
    return {"conversation": row, "shop": actor.shop, "targets": handover_targets(actor, row)}


@require_POST
@shop_page(Permission.TRANSFER_OWN, Permission.TRANSFER_ALL)
def conversation_take(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """Take a waiting conversation: a transfer to oneself (G8)."""
    row = visible_or_404(actor, pk)
    own = _own_name(actor)
    try:
        transfer_conversation(shop=shop, conversation=row.external_id, by=own, to=own)
    except Refused as refused:
        return refusal(refused)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(_open(shop, pk))
    return redirect(_open(shop, pk))


def _open(shop: Shop, pk: int) -> str:
    return reverse("conversation", args=[shop.slug, pk])


def _own_name(actor: Actor) -> str:
    if actor.sub_account is None:
        raise PermissionDenied
    return actor.sub_account.name
