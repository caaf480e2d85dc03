from collections.abc import Iterator

import pytest

from agents.models import Shop
from routing import services
from tests.agents.factories import make_member
from tests.asgi import Server, serving
from tests.chat.builders import forget_limits, make_chat


@pytest.fixture(autouse=True)
def _nobody_has_called_yet() -> None:
    forget_limits()


@pytest.fixture
def shop(db: None) -> Shop:
    """With its chat on, and one who answers."""
    made = make_chat()
    make_member(made, name="a1")
    services.set_presence(shop=made, agent="a1", status="online")
    return made


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running
