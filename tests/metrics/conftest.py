"""A shop with one agent online; modules that need another shop have fixtures of the same names."""

import pytest

from agents.models import Shop, SubAccount
from routing import services
from tests.agents.factories import make_member, make_shop


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def agent(shop: Shop) -> SubAccount:
    member = make_member(shop, "agent", name="a1")
    services.set_presence(shop=shop, agent="a1", status="online")
    return member
