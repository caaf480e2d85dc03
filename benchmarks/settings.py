"""The settings page of a shop with 200 agents and 20 groups, beside a bare view with a list of the same 200 rows."""

import statistics
import time
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.management import call_command
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

import config.urls
from agents.models import Account, Shop, SubAccount
from agents.services import create_shop
from agents.vocabulary import Platform
from benchmarks.table import Row
from routing import services

AGENTS, GROUPS, VERSIONS, TIMES = 200, 20, 500, 31
LIST = """<!doctype html><title>{{ shop }}</title><table>{% for row in rows %}<tr><td>{{ row.name }}</td>
<td>{{ row.account.display_name }}</td><td>{{ row.status }}</td><td>{{ row.counter.open }}</td>
<td>{{ row.max_concurrent }}</td></tr>{% endfor %}</table>"""
TEMPLATE = engines["django"].from_string(LIST)


def prepare(platform: Platform) -> Shop:
    slug = f"bench-large-{platform.value}"
    found = Shop.objects.filter(slug=slug).first()
    if found is not None:
        return found
    with transaction.atomic():
        shop = create_shop(slug=slug, platform=platform, main=f"{slug}-main", password="bench-Pass-1")
        names = []
        for n in range(AGENTS):
            account = Account.objects.create(account=f"{slug}-{n:03}", display_name=f"客服{n:03}", home_shop=shop)
            names.append(
                SubAccount.objects.create(shop=shop, name=account.account, account=account, roles=["agent"]).name
            )
    for n in range(VERSIONS):
        services.publish(shop=shop, document=_document(platform, names, n))
    for name in names[:50]:
        services.set_presence(shop=shop, agent=name, status="online")
    return shop


def _document(platform: Platform, names: list[str], n: int) -> dict[str, object]:
    offline = {"offline": {"agents": [names[n % AGENTS]]}}
    if platform == Platform.DOUYIN:
        questions = {f"问题{i}": names[i::5] for i in range(5)}
        return offline | {"entries": {"goods_detail": {"assign": "by_question", "questions": questions}}}
    each = AGENTS // GROUPS
    groups = [
        {"name": f"组{i}", "members": [{"account": name} for name in names[i * each : (i + 1) * each]]}
        for i in range(GROUPS)
    ]
    return offline | {"groups": groups}


@login_required
def bare_list(request: HttpRequest, slug: str) -> HttpResponse:
    rows = SubAccount.objects.filter(shop__slug=slug).select_related("account", "counter").order_by("name")
    return HttpResponse(TEMPLATE.render({"shop": slug, "rows": rows}, request))


urlpatterns = [path("bare/<slug:slug>/", bare_list), *config.urls.urlpatterns]
"""This module is a URL configuration, the product's with the bare view in it: behind the same middleware and the same
sign-in, and none that would have to be built anew between two requests, as a change of it would."""


def _times(client: Client, page: str, bare: str) -> tuple[float, float]:
    """Medians in seconds, taken in turn: what else the machine does hits both alike."""
    taken: dict[str, list[float]] = {page: [], bare: []}
    for _ in range(TIMES):
        for url in (page, bare):
            start = time.perf_counter()
            response = client.get(url)
            taken[url].append(time.perf_counter() - start)
            assert response.status_code == 200, url
    return statistics.median(taken[page][1:]), statistics.median(taken[bare][1:])


def rows() -> Iterator[Row]:
    plain_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain_files}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=storages, ROOT_URLCONF="benchmarks.settings"):
        yield from _rows()


def _rows() -> Iterator[Row]:
    call_command("migrate", verbosity=0)
    for platform in Platform:
        shop = prepare(platform)
        client = Client()
        client.force_login(Account.objects.get(account=f"{shop.slug}-main"))
        tab = "queueing" if platform == Platform.DOUYIN else "advanced"
        whole, plain = _times(client, f"/s/{shop.slug}/routing/?tab={tab}", f"/bare/{shop.slug}/")
        yield Row(f"{platform.value}: a bare view's list of {AGENTS} rows", f"{plain * 1000:.1f} ms")
        yield Row(
            f"{platform.value}: settings, {AGENTS} agents, {GROUPS} groups, {VERSIONS} versions",
            f"{whole * 1000:.1f} ms",
            f"{whole / plain:.1f} × the bare view's time",
        )
