"""Signing out: presence ends at once, and what is still open is asked about first."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseRedirectBase
from django_htmx.http import HttpResponseClientRedirect

from agents.errors import Refused
from agents.models import Account, SubAccount
from agents.permissions import Actor
from agents.views.access import signed_in
from agents.views.sign_in import SignOut
from core.http.parameters import posted
from routing import services
from routing.selectors import presence_of_session
from routing.services import Ended, Leaving
from routing.views.presence import ask_leaving, count_open


class SignOutView(SignOut):
    """Sign out. Without script, or with nothing open, conversations stay as they are (G9)."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:  # type: ignore[override]
        account = signed_in(request)
        if account is not None:
            asked = _leave(request, account)
            if asked is not None:
                return asked
        response = super().post(request, *args, **kwargs)
        if getattr(request, "htmx", False) and isinstance(response, HttpResponseRedirectBase):
            return HttpResponseClientRedirect(response.url)
        return response


def _leave(request: HttpRequest, account: Account) -> HttpResponse | None:
    """End the presence that the session holds; the dialog where it has to be asked first, or was refused."""
    places = presence_of_session(account, request.session.session_key or "")
    then, to = posted(request).text("then"), posted(request).text("to")
    device = request.headers.get("User-Agent", "")[:200]
    if then not in set(Leaving):
        if getattr(request, "htmx", False) and count_open(places)["open"]:
            return _ask(request, account, places)
        services.end_presence(places=places, reason=Ended.SIGNED_OUT, by=account, device=device)
        return None
    try:
        for place in places:
            services.go_offline(
                shop=place.shop,
                agent=place.name,
                then=Leaving(then),
                to=to,
                by=account,
                device=device,
                reason=Ended.SIGNED_OUT.value,
            )
    except Refused as refused:
        return _ask(request, account, places, refused)
    return None


def _ask(
    request: HttpRequest, account: Account, places: list[SubAccount], refused: Refused | None = None
) -> HttpResponse:
    actor = Actor(places[0].shop, account=account, sub_account=places[0])
    return ask_leaving(request, actor, places, refused, signing_out=True)
