"""Run beside a web server: two shops with people, a cap, keys and tokens; prints them.

python -m tests.chaos.furnish TIMEZONE
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from agents.services import create_key, create_shop, create_token  # noqa: E402
from routing import services  # noqa: E402
from tests.agents.factories import actor_of  # noqa: E402

AGENTS, CAP = 8, 3
SHOPS = {"pdd": "pinduoduo", "dy": "douyin"}


def shop(slug: str, platform: str, timezone: str) -> dict[str, Any]:
    made = create_shop(slug=slug, platform=platform, main=f"{slug}-main", password="chaos-Pass-1", timezone=timezone)
    main = made.sub_accounts.get(name=f"{slug}-main")
    agents = []
    for n in range(AGENTS):
        name = f"{slug}-a{n}"
        row = services.add_sub_account(
            shop=made, account=name, password="chaos-Pass-1", roles=["agent"], max_concurrent=CAP
        )
        services.set_presence(shop=made, agent=name, status="online")
        agents.append((name, create_token(account=row.account)))
    return {
        "slug": slug,
        "platform": platform,
        "timezone": timezone,
        "cap": CAP,
        "key": create_key(actor=actor_of(main), name="chaos")[1],
        "boss": create_token(account=main.account),
        "agents": agents,
        "everybody": [name for name, _ in agents],
    }


def poison_shop() -> None:
    """A third shop that every sweep chokes on: its time zone is none, and there is something to do in it."""
    made = create_shop(slug="poison", platform="kuaishou", main="poison-main", password="chaos-Pass-1")
    services.open_conversation(shop=made, external_id="c", buyer="b")
    type(made).objects.filter(pk=made.pk).update(timezone="No/Where")


if __name__ == "__main__":
    poison_shop()
    print(json.dumps([shop(slug, platform, sys.argv[1]) for slug, platform in SHOPS.items()]))
