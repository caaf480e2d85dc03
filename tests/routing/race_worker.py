"""One process of the race tests: traffic against a shop through the live services.

python -m tests.routing.race_worker open SHOP FIRST COUNT
python -m tests.routing.race_worker mixed SHOP SEED SECONDS
"""

import os
import random
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from agents.errors import Refused  # noqa: E402
from agents.models import Shop, SubAccount  # noqa: E402
from conversations.models import Conversation  # noqa: E402
from conversations.states import ClosedBy, Sender, State  # noqa: E402
from routing import services  # noqa: E402


def open_many(shop: Shop, first: int, count: int) -> None:
    for i in range(first, first + count):
        services.open_conversation(shop=shop, external_id=f"c{i}", buyer=f"b{i}", entry="goods_detail")


class Mixed:
    """Opens, messages, closes, status changes and transfers at random, for so many seconds."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.seed, self.rng = shop, seed, random.Random(seed)
        self.agents = list(SubAccount.objects.for_shop(shop).order_by("name").values_list("name", flat=True))
        self.made = 0

    def run(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        actions = [self.open, self.open, self.open, self.close, self.close, self.message, self.presence, self.transfer]
        while time.monotonic() < deadline:
            try:
                self.rng.choice(actions)()
            except Refused as refused:
                assert refused.code in EXPECTED, refused.code

    def open(self) -> None:
        self.made += 1
        buyer = f"b{self.rng.randrange(300)}"
        services.open_conversation(
            shop=self.shop, external_id=f"s{self.seed}-{self.made}", buyer=buyer, entry="goods_detail"
        )

    def some_conversation(self) -> str:
        going_on = Conversation.objects.for_shop(self.shop).exclude(state=State.CLOSED).order_by("pk")
        names = list(going_on.values_list("external_id", flat=True)[:60])
        return self.rng.choice(names) if names else "none"

    def close(self) -> None:
        services.close_conversation(shop=self.shop, conversation=self.some_conversation(), by=ClosedBy.AGENT)

    def message(self) -> None:
        sender = self.rng.choice([Sender.BUYER, Sender.AGENT])
        services.post_message(shop=self.shop, conversation=self.some_conversation(), sender=sender, text="hello")

    def presence(self) -> None:
        status = self.rng.choice(["online", "online", "break", "offline"])
        services.set_presence(shop=self.shop, agent=self.rng.choice(self.agents), status=status)

    def transfer(self) -> None:
        services.transfer_conversation(
            shop=self.shop,
            conversation=self.some_conversation(),
            by=self.rng.choice(self.agents),
            to=self.rng.choice(self.agents),
        )


EXPECTED = {"unknown_conversation", "conversation_closed", "target_offline", "already_holder"}

if __name__ == "__main__":
    kind, slug, number, amount = sys.argv[1:]
    the_shop = Shop.objects.get(slug=slug)
    if kind == "open":
        open_many(the_shop, int(number), int(amount))
    else:
        Mixed(the_shop, int(number)).run(float(amount))
