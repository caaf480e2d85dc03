"""All shops that somebody reads the rates of, one line a shop, the worst first: a part of the first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agents.models import Account
from agents.views.access import account_page
from metrics.selectors.rates import metric_label
from metrics.selectors.shops import shop_lines, shops_of


@account_page
def shops_at_once(request: HttpRequest, account: Account) -> HttpResponse:
    now = timezone.now()
    lines = shop_lines(shops_of(account), now)
    rows = [(line, metric_label(line.metric.key, line.shop.platform) if line.metric else "") for line in lines]
    return render(request, "metrics/_shops.html", {"rows": rows, "now": now})
