"""`/metrics`: all figures in Prometheus' text form, for who may have them."""

import os
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from config.watching.processes import NAME, is_alive
from config.watching.tables import Tables

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """With METRICS_TOKEN set: for who sends it (`Authorization: Bearer …`, else 401). Without: for who asks from this
    machine and not through a proxy; for anybody else there is no such page."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    elif not is_local(request):
        return HttpResponseNotFound()
    return HttpResponse(all_figures(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _has_token(request: HttpRequest) -> bool:
    keyword, _space, given = request.headers.get("Authorization", "").partition(" ")
    return keyword.lower() == "bearer" and constant_time_compare(given.strip(), settings.METRICS_TOKEN)


def is_local(request: HttpRequest) -> bool:
    """A proxy on this machine comes from here too; it says for whom."""
    if any(request.META.get(name) for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def all_figures() -> bytes:
    """Of all processes of this server, and of the tables."""
    tables = CollectorRegistry()
    tables.register(Tables())
    return generate_latest(_processes()) + generate_latest(tables)


def _processes() -> CollectorRegistry:
    folder = os.environ.get(NAME)
    if folder is None:
        return REGISTRY
    forget_the_dead(Path(folder))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def forget_the_dead(folder: Path) -> None:
    """What only living processes have (open streams) goes with them; what they have counted stays."""
    for file in folder.glob("gauge_live*_*.db"):
        process = file.stem.rpartition("_")[2]
        if not is_alive(process):
            with suppress(FileNotFoundError):
                file.unlink()
