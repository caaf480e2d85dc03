"""The four demo shops: people, settings, habits."""

from dataclasses import dataclass
from typing import Any

from agents.vocabulary import Platform
from metrics.formulas.kinds import FIRST_FOUR, Kind
from routing.simulator.traffic import Person

CLERKS = (
    # Early, middle, late; the fifth is slow, the sixth sits on the offline list.
    ("售前01", (8.4, 17.5), 38.0),
    ("售前02", (8.6, 18.0), 60.0),
    ("售后01", (9.0, 18.5), 85.0),
    ("售前03", (13.0, 23.0), 55.0),
    ("售后02", (14.0, 23.2), 150.0),
    ("晚班01", (17.0, 23.6), 70.0),
)
"""Display name, shift in hours, pace in seconds; a1 to a6."""


@dataclass(frozen=True)
class DemoShop:
    slug: str
    name: str
    platform: Platform
    cap: int | None
    buyers_a_day: int
    entries: dict[str, int]
    order_statuses: dict[str, int]
    questions: tuple[str, ...] = ()
    pace: float = 1.0
    """How many times longer than usual answers take."""
    slow: tuple[tuple[int, float], ...] = ()
    """(days ago, how many times longer): each demo shop stands differently."""
    penalties: tuple[Kind, ...] | None = None
    """What the shop itself attaches to its metric (METRICS 3)."""

    def account(self, n: int) -> str:
        return f"{self.slug}-a{n}"

    def accounts(self, *numbers: int) -> list[str]:
        return [self.account(n) for n in numbers]

    def people(self) -> tuple[Person, ...]:
        return tuple(Person(self.account(n), shift, pace) for n, (_, shift, pace) in enumerate(CLERKS, 1))

    def members(self, **weights: int) -> list[dict[str, Any]]:
        return [{"account": f"{self.slug}-{name}", "weight": weight} for name, weight in weights.items()]

    def routing(self) -> dict[str, Any]:
        return ROUTING[self.platform](self) | {"offline": {"enabled": True, "agents": self.accounts(5, 6)}}


STATUSES = {"none": 31, "unpaid": 9, "unshipped": 22, "shipped": 17, "received": 8, "after_sale": 13}

SHOPS = (
    DemoShop(
        "pdd-demo",
        "小满家居旗舰店",
        Platform.PINDUODUO,
        10,
        75,
        {"shop_home": 10, "goods_detail": 45, "order_detail": 25, "refund_detail": 12, "logistics": 8},
        STATUSES,
        slow=((1, 14.0), (2, 4.0)),  # penalised since today
    ),
    # At risk: near its line, and nothing follows from it yet.
    DemoShop("ks-demo", "小满家居快手店", Platform.KUAISHOU, 8, 60, {}, STATUSES, pace=0.8, slow=((1, 1.6), (2, 1.3))),
    DemoShop(
        "dy-demo",
        "小满家居抖音店",
        Platform.DOUYIN,
        None,
        60,
        {"goods_detail": 35, "order_detail": 20, "direct_message": 15, "live": 25, "other": 5},
        STATUSES,
        ("发什么快递", "几天发货", "是现货吗"),
        slow=((2, 14.0),),  # recovering: one bad day, good ones since
        penalties=FIRST_FOUR,
    ),
    # Well.
    DemoShop("tb-demo", "小满家居淘宝店", Platform.TAOBAO, 12, 60, {}, STATUSES, pace=0.6),
)


def _pinduoduo(shop: DemoShop) -> dict[str, Any]:
    return {
        "mode": "basic",
        "pages": {
            "shop_home": shop.accounts(1, 2),
            "goods_detail": shop.accounts(1, 2, 4, 6),
            "order_detail": shop.accounts(3, 5),
            "refund_detail": shop.accounts(3, 5, 6),
        },
        "groups": [
            {"name": "售前组", "members": shop.members(a1=500, a2=300, a4=100), "order_statuses": ["none", "unpaid"]},
            {"name": "发货组", "members": shop.members(a6=100), "order_statuses": ["unshipped", "shipped"]},
            {"name": "售后组", "members": shop.members(a3=400, a5=200), "order_statuses": ["after_sale"]},
        ],
        "auto_close_minutes": 120,
    }


def _kuaishou(shop: DemoShop) -> dict[str, Any]:
    return {
        "mode": "grouped",
        "groups": [
            {"name": "售前组", "members": shop.members(a1=100, a2=100, a4=100), "order_statuses": ["none", "unpaid"]},
            {"name": "发货组", "members": shop.members(a6=100, a2=100), "order_statuses": ["unshipped", "shipped"]},
            {"name": "售后组", "members": shop.members(a3=100, a5=100), "order_statuses": ["after_sale"]},
        ],
    }


def _douyin(shop: DemoShop) -> dict[str, Any]:
    questions = {
        "发什么快递": shop.accounts(3, 5),
        "几天发货": shop.accounts(3, 6),
        "是现货吗": shop.accounts(1, 2, 4),
    }
    return {
        "allocation": "least_saturated",
        "entries": {
            "goods_detail": {"assign": "by_question", "questions": questions},
            "order_detail": {"assign": "unified", "agents": shop.accounts(3, 5, 6)},
            "live": {"assign": "unified", "agents": shop.accounts(1, 2, 4, 6)},
        },
        "queue": {"overflow": True, "show_count_below": 10},
        "auto_close_minutes": 60,
    }


def _taobao(shop: DemoShop) -> dict[str, Any]:
    return {
        "groups": [
            {
                "name": "甲组",
                "members": shop.members(a1=300, a2=200, a3=100),
                "order_statuses": ["none", "unshipped", "shipped"],
            },
            {"name": "乙组", "members": shop.members(a4=200, a5=100), "order_statuses": []},
            {"name": "售后组", "members": shop.members(a5=100, a6=200), "order_statuses": ["after_sale"]},
        ],
    }


ROUTING = {
    Platform.PINDUODUO: _pinduoduo,
    Platform.KUAISHOU: _kuaishou,
    Platform.DOUYIN: _douyin,
    Platform.TAOBAO: _taobao,
}
