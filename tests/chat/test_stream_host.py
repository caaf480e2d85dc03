"""The streams, which Django's middleware does not see, look at the Host header themselves."""

import pytest

from agents.models import Shop
from chat.tokens import make_token
from tests.asgi import Reader, Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("path", ["/chat/{slug}/stream/", "/api/v1/stream/"])
def test_a_foreign_host_is_refused(shop: Shop, server: Server, path: str) -> None:
    reader = Reader(
        server.url,
        path=path.format(slug=shop.slug),
        Host="evil.example",
        Authorization=f"Chat {make_token(shop, 'b1')}",
    )
    assert (reader.status, reader.error["code"]) == (400, "disallowed_host")
