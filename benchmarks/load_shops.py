"""Run beside a server under load: makes its shops; prints [{slug, key, tokens, agents, session}…]."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from agents.models import Account, SubAccount  # noqa: E402
from agents.permissions import Actor  # noqa: E402
from agents.services import create_key, create_shop, create_token  # noqa: E402
from routing import services  # noqa: E402

AGENTS = 10


def made(number: int) -> dict[str, object]:
    slug = f"load-{number}"
    shop = create_shop(slug=slug, platform="pinduoduo", main=f"{slug}-main", password="bench-Pass-1")
    main = SubAccount.objects.select_related("account").get(shop=shop, name=f"{slug}-main")
    assert main.account is not None
    agents = []
    for one in range(AGENTS):
        account = Account.objects.create(account=f"{slug}-a{one}", home_shop=shop)
        SubAccount.objects.create(shop=shop, name=account.account, account=account, roles=["agent"])
        services.set_presence(shop=shop, agent=account.account, status="online")
        agents.append((account.account, create_token(account=account)))
    key = create_key(actor=Actor(shop, account=main.account, sub_account=main), name="load")[1]
    return {"slug": slug, "key": key, "agents": agents, "session": session_of(main.account)}


def session_of(account: Account) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    print(json.dumps([made(number) for number in range(int(sys.argv[1]))]))
