"""The door of the buyers' interface: which shop, from which website, how often, and who (docs/chat.md)."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.api.parsing import TextJSONParser
from agents.errors import Forbidden, Refused, TooMany
from agents.models import Shop
from chat.limits import CALLS, READS
from chat.models import ChatSettings
from chat.origins import same_host
from chat.selectors import chat_of
from chat.tokens import BadToken, Identity, read_token
from conversations.services.blocks import is_blocked
from core.http.addresses import network_of
from core.http.parameters import query
from core.limits import Limit

KEYWORD = "Chat"
LARGEST_JSON = 16 * 1024
CORS = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "600",
}


class Door:
    """Past it there is a chat, and the website may show it: 404, 403, and 429 for an address that calls too often.

    `buyer` says who it is: 401 without a good token, 429 for a buyer who calls too often. No cookie is looked at, so
    none can be made use of. `origin`: the listed website that calls; empty for our own page or a program.
    """

    def __init__(self, request: HttpRequest, slug: str) -> None:
        translation.activate(language_of(query(request).text("lang")))
        chat = chat_of(slug)
        if chat is None:
            raise Http404
        self.chat: ChatSettings = chat
        self.shop: Shop = chat.shop
        self.origin = self._origin(request)
        self.address = str(request.META.get("REMOTE_ADDR", ""))
        self.network = network_of(self.address)
        self._token = token_in(request.headers.get("Authorization", ""))
        spend(CALLS, self.network)

    def _origin(self, request: HttpRequest) -> str:
        origin = request.headers.get("Origin", "")
        if not origin or same_host(origin, request.get_host()):
            return ""
        if origin not in self.chat.origins:
            said = _("The website %(origin)s is not listed in the shop's chat settings.") % {"origin": shown(origin)}
            raise Forbidden("origin_not_listed", said)
        return origin

    def known(self, limit: Limit = READS) -> Identity | None:
        """Who it is, None for who has no token yet."""
        if not self._token:
            self.refuse_blocked("")
            return None
        try:
            identity = read_token(self.shop, self._token)
        except BadToken:
            raise AuthenticationFailed(_("This token is not valid here."), code="invalid_token") from None
        self.refuse_blocked(identity.buyer)
        spend(limit, f"{self.shop.pk}:{identity.buyer}")
        return identity

    def refuse_blocked(self, buyer: str) -> None:
        """Raise Forbidden `blocked` for a buyer or an address that the shop has blocked, before anything costs more."""
        if is_blocked(shop=self.shop, buyer=buyer, network=self.network, now=timezone.now()):
            raise Forbidden("blocked", _("The shop takes no messages from here at the moment."))

    def buyer(self, limit: Limit = READS) -> Identity:
        identity = self.known(limit)
        if identity is None:
            raise NotAuthenticated(_("The Authorization header is “Chat”, a space, and the token."))
        return identity


class ChatView(APIView):
    """A view under /chat/<slug:shop>/. `self.door`, `self.shop` and `self.buyer` are set before the handler runs."""

    schema = None
    authentication_classes = ()
    permission_classes = ()
    parser_classes: Sequence[type[BaseParser]] = (TextJSONParser,)
    largest: ClassVar[int] = LARGEST_JSON
    limits: ClassVar[dict[str, Limit]] = {}
    """By method; a buyer's other calls count as reads."""
    token_needed = True

    door: Door
    shop: Shop
    buyer: str = ""
    identity: Identity | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.door = Door(request._request, kwargs["shop"])
        self.shop = self.door.shop
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS":
            return
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.largest:
            raise Refused("too_large", _("This is more than can be sent at once."), status=413)
        limit = self.limits.get(request.method or "", READS)
        self.identity = self.door.buyer(limit) if self.token_needed else self.door.known(limit)
        self.buyer = self.identity.buyer if self.identity else ""

    def get_authenticate_header(self, request: Request) -> str:
        """Makes "who are you" answer 401, not 403."""
        return KEYWORD

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        return Response(status=204)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["Vary"] = "Origin"
        door: Door | None = getattr(self, "door", None)
        if door is not None and door.origin:
            answer.headers["Access-Control-Allow-Origin"] = door.origin
            for name, value in CORS.items():
                answer.headers[name] = value
        return answer


def language_of(given: str | None) -> str:
    """Chinese, or English where it is asked for."""
    return "en" if (given or "").lower().startswith("en") else "zh-hans"


def token_in(header: str) -> str:
    """The token of an `Authorization: Chat …` header, empty for any other."""
    keyword, _space, token = header.partition(" ")
    return token.strip() if keyword.lower() == KEYWORD.lower() else ""


def shown(origin: str) -> str:
    """As much of an Origin header as is an origin."""
    parts = urlsplit(origin)
    return f"{parts.scheme}://{parts.netloc}"[:80] if parts.netloc else origin[:20]


def spend(limit: Limit, who: str) -> None:
    """Count a call. Raises TooMany."""
    wait = limit.spend(who)
    if wait:
        raise TooMany(_("Too many at once: please try again in %(wait)s seconds.") % {"wait": wait}, wait)
