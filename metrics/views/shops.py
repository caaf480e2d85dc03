"""All shops that somebody reads the rates of, one line a shop, the worst first: a part of the first page."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Account
from agents.views.access import account_page
from agents.views.downloads import download
from metrics.rate_files import rate_cell
from metrics.selectors.rates import metric_label
from metrics.selectors.shops import shop_lines, shops_of


@account_page
def shops_at_once(request: HttpRequest, account: Account) -> HttpResponse:
    now = timezone.now()
    lines = shop_lines(shops_of(account), now)
    rows = [(line, metric_label(line.metric.key, line.shop.platform) if line.metric else "") for line in lines]
    return render(request, "metrics/_shops.html", {"rows": rows, "now": now})


@account_page
def shops_export(request: HttpRequest, account: Account) -> HttpResponseBase:
    head = [_("Shop"), _("Platform"), _("Metric"), _("Rate"), _("Today"), _("Penalties in force")]
    head += [_("Online"), _("Waiting line"), _("To answer")]
    lines = shop_lines(shops_of(account), timezone.now())
    return download(
        request,
        "shops",
        head,
        (
            [
                line.shop.name,
                str(line.shop.get_platform_display()),
                str(metric_label(line.metric.key, line.shop.platform)) if line.metric else "",
                rate_cell(line.window.rate),
                rate_cell(line.day.rate),
                line.penalties,
                line.online,
                line.in_line,
                line.unanswered,
            ]
            for line in lines
        ),
    )
