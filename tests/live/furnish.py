"""Run beside a web server: makes a shop with people and open conversations, or tells what the database holds.

python -m tests.live.furnish shop | truth
"""

import json
import os
import sys
from collections import defaultdict

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from agents.models import Shop  # noqa: E402
from agents.services import create_key, create_shop, create_token  # noqa: E402
from conversations.models import Message  # noqa: E402
from routing import services  # noqa: E402
from tests.agents.factories import actor_of  # noqa: E402

SLUG, AGENTS, CONVERSATIONS = "live", 10, 50


def shop() -> dict[str, object]:
    """{key, tokens: {account: token}, conversations: {pk: holder}}"""
    made = create_shop(slug=SLUG, platform="pinduoduo", name="Live", main="boss", password="live-Pass-1")
    main = made.sub_accounts.get(name="boss")
    tokens = {"boss": create_token(account=main.account)}
    for n in range(AGENTS):
        name = f"a{n}"
        row = services.add_sub_account(shop=made, account=name, password="live-Pass-1", roles=["agent"])
        services.set_presence(shop=made, agent=name, status="online")
        tokens[name] = create_token(account=row.account)
    opened = {}
    for n in range(CONVERSATIONS):
        row = services.open_conversation(shop=made, buyer=f"b{n}", entry="goods_detail", external_id=f"c{n}")
        opened[row.conversation.pk] = row.conversation.holder.name
    return {"key": create_key(actor=actor_of(main), name="live")[1], "tokens": tokens, "conversations": opened}


def truth() -> dict[str, object]:
    """{conversation: [message ids in the order of the lane]}, and all of them in order under "all"."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = Message.objects.filter(shop=Shop.objects.get(slug=SLUG)).order_by("seq")
    for conversation, identity in rows.values_list("conversation_id", "identity"):
        found[str(conversation)].append(identity)
        found["all"].append(identity)
    return dict(found)


if __name__ == "__main__":
    print(json.dumps({"shop": shop, "truth": truth}[sys.argv[1]]()))
