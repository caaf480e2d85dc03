"""What people are told, in words: the first line is the subject. In the language and the shop's time that are set."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Shop
from agents.templatetags.fenliu import lasting
from metrics.labels import ALERT_EVENTS
from metrics.selectors import penalty_window
from metrics.selectors.rates import metric_label
from metrics.telling import told_penalties
from metrics.templatetags.rates import percent
from outgoing.models import Outlet
from outgoing.queues import Waiting
from outgoing.selectors import told_address
from routing.stream.telling import Told


def text_of(shop: Shop, subject: str, lines: list[str], page: str = "") -> str:
    """Subject with the product's and the shop's name: a robot that demands a keyword finds 分流 in every text."""
    link = [link_to(page)] if link_to(page) else []
    head = _("[Fenliu] %(shop)s: %(subject)s") % {"shop": shop.name, "subject": subject}
    return "\n".join([head, *lines, *link])


def link_to(page: str) -> str:
    """Empty where the installation does not know its own address."""
    return f"{settings.PUBLIC_URL}{page}" if settings.PUBLIC_URL and page else ""


def penalty_text(shop: Shop, told: Told) -> str:
    """Which penalty, until when and why; nothing where the window is gone."""
    row = penalty_window(shop, told.extra["penalty"])
    if row is None:
        return ""
    change = told.extra["change"]
    [penalty] = told_penalties(shop, [row])
    subject = _("%(event)s: %(penalty)s") % {"event": ALERT_EVENTS[change], "penalty": row.label}
    lines = []
    if change in ("opened", "prolonged"):
        lines.append(_("Until: %(until)s") % {"until": penalty.until})
        lines += penalty.prolonged[-1:] if change == "prolonged" else penalty.why
    if change == "withdrawn":
        day = f"{row.opened_on:%m-%d}"
        lines.append(_("Late messages have made %(day)s good: it did not fail after all.") % {"day": day})
    return text_of(shop, subject, lines, reverse("penalties", args=[shop.slug]))


def heading_text(shop: Shop, told: Told) -> str:
    """Which metric would fail today at its pace, and what brings it back."""
    found = told.extra["heading"]
    label = metric_label(found["metric"], shop.platform)
    subject = _("%(metric)s is heading for a fail today") % {"metric": label}
    lines = [_("At the present pace it ends at %(rate)s%% (estimate).") % {"rate": percent(found["rate"])}]
    if found["needed"]:
        lines.append(_("%(count)s more in time, in a row, bring it back to the line.") % {"count": found["needed"]})
    return text_of(shop, subject, lines, reverse("reply_rates", args=[shop.slug]))


def queue_text(shop: Shop, waiting: Waiting, now: datetime) -> str:
    """How many wait, how long the first one has, and where."""
    subject = _("%(count)s buyers wait for a person") % {"count": waiting.count}
    lines = [_("The first one has waited %(time)s.") % {"time": lasting(waiting.since, now)}]
    lines += [_("%(pool)s: %(count)s") % {"pool": label, "count": count} for label, count in waiting.pools]
    return text_of(shop, subject, lines, reverse("wall", args=[shop.slug]))


def undelivered_text(outlet: Outlet, *, off: bool) -> str:
    """That something outgoing does not arrive any more."""
    words = (
        _("“%(name)s” has been switched off: %(why)s")
        if off
        else _("“%(name)s” has not taken deliveries for 24 hours; they have been given up.")
    )
    subject = words % {"name": outlet.name, "why": outlet.get_off_because_display()}
    page = reverse("outgoing_one", args=[outlet.shop.slug, outlet.pk])
    return text_of(outlet.shop, subject, [told_address(outlet)], page)


def test_text(shop: Shop) -> str:
    return text_of(shop, _("test"), [_("If you read this, alerts arrive here.")])
