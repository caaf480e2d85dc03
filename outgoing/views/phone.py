"""The workbench as an app on the phone: what a browser needs to install it, and to be pushed to."""

from pathlib import Path

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from agents.errors import Refused
from agents.models import Account
from agents.views.access import account_page
from core.http.parameters import posted
from outgoing.services import subscribe, unsubscribe
from outgoing.vapid import public_key

WORKER = Path(settings.BASE_DIR) / "static" / "js" / "service_worker.js"
COLOURS = {"background_color": "#f5f6f8", "theme_color": "#2f5bd7"}
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What the app is called and looks like when it is installed."""
    icons = [
        {"src": static(f"img/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in ICONS
    ]
    root = reverse("home")
    told = {
        "name": _("Fenliu"),
        "short_name": _("Fenliu"),
        "description": _("The shop's customer service: conversations, status, reply rates."),
        "id": root,
        "start_url": root,
        "scope": root,
        "display": "standalone",
        "icons": icons,
        **COLOURS,
    }
    return JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the top, because a worker sees no page above its own address."""
    answer = HttpResponse(WORKER.read_text(), content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = reverse("home")
    return answer


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What stands there when there is no network; the worker keeps it."""
    return render(request, "outgoing/offline.html")


@require_GET
@account_page
def push_key(request: HttpRequest, account: Account) -> HttpResponse:
    """What a browser subscribes with."""
    return JsonResponse({"key": public_key()})


class SubscriptionForm(forms.Form):
    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=50)
    again = forms.BooleanField(required=False)


@require_POST
@account_page
def push_subscribe(request: HttpRequest, account: Account) -> HttpResponse:
    form = SubscriptionForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": _("The browser's keys are none.")}, status=422)
    browser = request.headers.get("User-Agent", "")
    try:
        session = request.session.session_key or ""
        subscribe(account=account, session=session, user_agent=browser, **form.cleaned_data)
    except Refused as refused:
        return JsonResponse({"message": str(refused.message)}, status=refused.status)
    return JsonResponse({}, status=201)


@require_POST
@account_page
def push_unsubscribe(request: HttpRequest, account: Account) -> HttpResponse:
    unsubscribe(account=account, endpoint=posted(request).text("endpoint", most=2000))
    return HttpResponse(status=204)
