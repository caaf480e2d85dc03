"""A large shop: the settings pages read as much for 200 agents, 20 groups and 500 versions as for a few."""

import pytest
from django.urls import reverse

from agents.models import Shop
from agents.vocabulary import Platform, Role
from routing import services
from routing.engine.difference import difference
from routing.models import RoutingVersion
from routing.selectors import current_version
from tests.agents.factories import make_member, make_shop
from tests.routing.page import SettingsPage, client_of

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS, GROUPS, VERSIONS, MOST = 200, 20, 500, 15


def document(platform: str, names: list[str]) -> dict:
    each = AGENTS // GROUPS
    groups = [
        {
            "name": f"组{n}",
            "members": [
                {"account": name, "weight": 100 + i} for i, name in enumerate(names[n * each : (n + 1) * each])
            ],
            "order_statuses": ["none"] if n == 0 else [],
        }
        for n in range(GROUPS)
    ]
    lists = {"offline": {"agents": names[:50]}, "never_route": names[-20:]}
    if platform == Platform.DOUYIN:
        questions = {f"问题{n}": names[n::5] for n in range(5)}
        entries = {"goods_detail": {"assign": "by_question", "questions": questions}}
        return lists | {"entries": entries | {"live": {"assign": "unified", "agents": names}}}
    mode = {"pinduoduo": {"mode": "advanced", "pages": {"goods_detail": names}}, "kuaishou": {"mode": "grouped"}}
    return lists | {"groups": groups} | mode.get(platform, {})


def large(platform: str) -> Shop:
    shop = make_shop("large", platform)
    names = [make_member(shop, name=f"b{n:03}").name for n in range(AGENTS)]
    services.publish(shop=shop, document=document(platform, names))
    last = current_version(shop)
    other = last.document | {"never_route": []}
    changes = difference(other, last.document)
    RoutingVersion.objects.bulk_create(
        RoutingVersion(shop=shop, number=last.number + n, document=last.document, changes=changes)
        for n in range(1, VERSIONS)
    )
    return shop


@pytest.mark.parametrize("platform", Platform)
def test_the_number_of_queries_does_not_grow(platform: str, django_assert_max_num_queries) -> None:
    shop = large(platform)
    member = make_member(shop, Role.MAIN)
    client, url = client_of(member), reverse("routing_settings", args=["large"])
    client.get(reverse("shop_home", args=["large"]))  # once a minute a page also notes that they were seen
    for tab in ("basic", "advanced", "queueing", "offline", "never", "more"):
        with django_assert_max_num_queries(MOST):
            assert client.get(url, {"tab": tab}).status_code == 200
    for query in ({}, {"page": 25}, {"old": 2, "new": 400}):
        with django_assert_max_num_queries(MOST):
            assert client.get(reverse("routing_versions", args=["large"]), query).status_code == 200
    with django_assert_max_num_queries(MOST):
        assert client.get(reverse("sub_accounts", args=["large"])).status_code == 200
    page = SettingsPage(shop, member, "offline")
    with django_assert_max_num_queries(MOST):
        assert page.post("routing_picker", target="offline").status_code == 200
    with django_assert_max_num_queries(MOST):
        assert page.post("routing_draft").status_code == 200
