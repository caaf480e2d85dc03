"""URLs for tests of the shell: every page that the navigation may name, whether it is built yet or not."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from agents.context import NAVIGATION
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from config.urls import urlpatterns as real


@shop_page(Permission.SHOP_SEE)
def anything(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return render(request, "agents/shop_home.html")


names = [entry.name for _title, entries in NAVIGATION for entry in entries] + ["own_presence", "shop_anything"]
urlpatterns = [*real, *(path(f"t/<slug:shop>/{name}/", anything, name=name) for name in names)]
