"""Who may come in, and from where they go on: asked once, with a connection that is given back at once."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from agents.errors import Refused
from agents.models import Account, AuthToken, Shop
from agents.permissions import Actor
from agents.selectors import KeyPrincipal
from agents.services import record_live_reading
from core.http.parameters import MAX_BODY_TEXT, query
from routing.stream.cursor import Cursor, MalformedCursor, read
from routing.stream.readers import PersonAccess, Views
from routing.stream.telling import MemberView


@dataclass(frozen=True, slots=True)
class Entered:
    access: PersonAccess
    views: Views
    cursor: Cursor | None


def enter(request: Request) -> Entered:
    """A person by session or token (a program's key is refused: CONTRACT 5 does not mark the stream).

    `Last-Event-ID`, or `last_event_id` in the address where no header can be set, says from where. Raises
    NotAuthenticated, PermissionDenied, Refused `invalid_cursor`.
    """
    if isinstance(request.user, KeyPrincipal):
        raise PermissionDenied(_("A key may not do this."))
    if not isinstance(request.user, Account):
        raise NotAuthenticated
    cursor = given_cursor(request._request)
    token = request.auth.pk if isinstance(request.auth, AuthToken) else None
    session = None if token is not None else request._request.session.session_key
    access = PersonAccess(request.user.pk, request.user.password, session, token)
    (views,) = PersonAccess.views_of([access])
    if views is None:
        raise NotAuthenticated
    _note_leaders(request.user, views)
    return Entered(access, views, cursor)


def _note_leaders(account: Account, views: Views) -> None:
    """Their streams tell every word said in the shop: noted as a reading, once an hour."""
    leading = [pk for pk, view in views.items() if isinstance(view, MemberView) and view.everything]
    for shop in Shop.objects.filter(pk__in=leading) if leading else ():
        record_live_reading(actor=Actor(shop, account=account))


def given_cursor(request: HttpRequest) -> Cursor | None:
    """Raises Refused `invalid_cursor`."""
    word = request.headers.get("Last-Event-ID") or query(request).text("last_event_id", most=MAX_BODY_TEXT)
    if not word:
        return None
    try:
        return read(word)
    except MalformedCursor:
        message = _("This is not an event id of this stream.")
        raise Refused("invalid_cursor", message, field="Last-Event-ID", status=400) from None
