"""The demo shops' shifts: four ways of planning, each with something to see."""

from datetime import date, timedelta

from agents.models import Shop
from agents.services import set_shift, use_template
from agents.shifts import keeps_plan, monday_of
from config.demo.shops import DemoShop

EARLY_AND_LATE = (1, 4, 2, 5, 3, 6)
"""Dealt out in turn: a1 to a3 come early, a4 to a6 late."""

DAYS_OFF = {1: 5, 2: 6, 3: 6, 4: 0, 5: 1, 6: 2}
"""Clerk → the weekday off; on Sundays one is left in the morning."""


def plan_shifts(shop: Shop, demo: DemoShop, today: date) -> None:
    """Plan the shop, unless that has been done."""
    if keeps_plan(shop):
        return
    if demo.slug == "pdd-demo":
        _early_and_late(shop, demo, today)
    elif demo.slug == "ks-demo":
        use_template(shop=shop, template="three", accounts=demo.accounts(1, 4, 6, 2, 5, 3), rotate=True, today=today)
    elif demo.slug == "dy-demo":
        use_template(shop=shop, template="split", accounts=demo.accounts(1, 2), today=today)
        use_template(shop=shop, template="early_late", accounts=demo.accounts(3, 4, 5, 6), today=today)
    else:
        use_template(shop=shop, template="day", accounts=demo.accounts(1, 2, 3, 4), today=today)


def _early_and_late(shop: Shop, demo: DemoShop, today: date) -> None:
    """Days off, and one exception: next Sunday morning nobody is there."""
    use_template(shop=shop, template="early_late", accounts=demo.accounts(*EARLY_AND_LATE), today=today)
    monday = monday_of(today)
    for clerk, weekday in DAYS_OFF.items():
        who = shop.sub_accounts.get(name=demo.account(clerk))
        set_shift(shop=shop, who=who, day=monday + timedelta(days=weekday), kind=None, weekly=True)
    first = shop.sub_accounts.get(name=demo.account(1))
    set_shift(shop=shop, who=first, day=monday + timedelta(days=13), kind=None)
