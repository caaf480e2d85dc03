from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from agents.models import Account, Shop
from agents.permissions import Actor, Permission
from agents.selectors import my_sub_accounts, visible_shops
from agents.views.access import account_page, shop_page

FIRST_PAGES = (
    ("conversations", Permission.CONVERSATIONS_OWN),
    ("reply_rates", Permission.METRICS_OWN),
    ("sub_accounts", Permission.SUB_ACCOUNTS_SEE),
)
"""The first page of a shop that the role may see: an agent's conversations, else the figures, else the people."""

SHOWN_SHOPS = 100


@account_page
def home(request: HttpRequest, account: Account) -> HttpResponse:
    """Straight into the only shop there is, else the choice of shops."""
    places = list(my_sub_accounts(account))
    if len(places) == 1 and not account.is_operator:
        return redirect("shop_home", places[0].shop.slug)
    shops = list(visible_shops(account)[: SHOWN_SHOPS + 1])
    mine = {place.shop_id: place for place in places}
    rows = [{"shop": shop, "place": mine.get(shop.pk)} for shop in shops[:SHOWN_SHOPS]]
    return render(request, "agents/home.html", {"rows": rows, "more": len(shops) > SHOWN_SHOPS})


@shop_page(Permission.SHOP_SEE)
def shop_home(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """A shop's door: the first page that the role may see."""
    for name, permission in FIRST_PAGES:
        if not actor.may(permission):
            continue
        try:
            return redirect(reverse(name, args=[shop.slug]))
        except NoReverseMatch:
            continue
    return render(request, "agents/shop_home.html")
