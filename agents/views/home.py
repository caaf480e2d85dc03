from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.forms import ShopForm
from agents.models import Account, Shop
from agents.permissions import Actor, Permission
from agents.selectors import invitations_to, my_sub_accounts, suspended_places, visible_shops
from agents.services import create_shop
from agents.views.access import account_page, operator_page, shop_page

FIRST_PAGES = (
    ("shop_overview", Permission.METRICS_ALL),
    ("conversations", Permission.CONVERSATIONS_OWN),
    ("reply_rates", Permission.METRICS_OWN),
    ("sub_accounts", Permission.SUB_ACCOUNTS_SEE),
)
"""The first page of a shop that the role may see: how it stands for who leads it, else an agent's conversations."""

SHOWN_SHOPS = 100


@account_page
def home(request: HttpRequest, account: Account) -> HttpResponse:
    """Straight into the only shop there is, else the choice of shops; but first the invitations to be answered."""
    places = list(my_sub_accounts(account))
    invitations, suspended = list(invitations_to(account, timezone.now())), suspended_places(account)
    if len(places) == 1 and not account.is_operator and not invitations and not suspended:
        return redirect("shop_home", places[0].shop.slug)
    shops = list(visible_shops(account)[: SHOWN_SHOPS + 1])
    mine = {place.shop_id: place for place in places}
    rows = [{"shop": shop, "place": mine.get(shop.pk)} for shop in shops[:SHOWN_SHOPS]]
    context = {"rows": rows, "more": len(shops) > SHOWN_SHOPS, "invitations": invitations}
    context["suspended"] = suspended
    return render(request, "agents/home.html", context)


@operator_page
def shop_new(request: HttpRequest, account: Account) -> HttpResponse:
    """An operator makes a shop and its first main account; the rest is the shop's own."""
    form = ShopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shop = create_shop(**form.cleaned_data)
        except Refused as refused:
            field = "main" if refused.field == "account" else refused.field
            form.add_error(field if field in form.fields else None, str(refused.message))
        else:
            messages.success(request, _("Shop “%(name)s” is made.") % {"name": shop.name})
            return redirect("home")
    return render(request, "agents/shop_new.html", {"form": form}, status=422 if form.errors else 200)


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
