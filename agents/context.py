"""What every page's shell needs: whose page it is, in which shop, and where they may go."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.gate import next_step
from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor, Permission, may
from agents.selectors import LAST_SHOP, my_sub_accounts, visible_shops

SWITCHER_SHOPS = 20


@dataclass(frozen=True)
class Entry:
    """One line of the navigation: shown to whoever has the permission, once its URL exists."""

    name: str
    label: str | Promise
    icon: str
    permission: Permission
    on_phone: bool = False


@dataclass(frozen=True)
class Link:
    label: str | Promise
    icon: str
    url: str
    active: bool
    on_phone: bool


NAVIGATION: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("shop_overview", _("Overview"), "layout-dashboard", Permission.METRICS_ALL),
            Entry("wall", _("Live wall"), "layout-grid", Permission.CONVERSATIONS_ALL),
            Entry("conversations", _("Workbench"), "message-circle", Permission.CONVERSATIONS_OWN, on_phone=True),
            Entry("reply_rates", _("Reply rate today"), "gauge", Permission.METRICS_OWN, on_phone=True),
            Entry("records", _("Records"), "history", Permission.CONVERSATIONS_OWN, on_phone=True),
        ),
    ),
    (
        _("Settings"),
        (
            Entry("routing_settings", _("Routing settings"), "arrows-split-2", Permission.ROUTING_SEE),
            Entry("answers", _("Automatic answers"), "message-chatbot", Permission.ANSWERS_SEE),
            Entry("chat_settings", _("Buyer chat"), "message-2-share", Permission.CHAT_SEE),
            Entry("outgoing", _("Outgoing"), "bell", Permission.OUTGOING_SEE),
            Entry("sub_accounts", _("Sub-accounts"), "users", Permission.SUB_ACCOUNTS_SEE),
            Entry("shifts", _("Shifts"), "calendar-time", Permission.SHIFTS_SEE),
            Entry("audit", _("Audit log"), "clipboard-list", Permission.AUDIT_SEE),
            Entry("shop_keys", _("Keys for programs"), "key", Permission.KEYS_EDIT),
        ),
    ),
    (
        _("Analysis"),
        (
            Entry("reports", _("Reports"), "report-analytics", Permission.METRICS_OWN),
            Entry("shares", _("Who gets how many"), "chart-bar", Permission.METRICS_ALL),
            Entry("penalties", _("Penalties"), "shield-check", Permission.PENALTIES_SEE),
            Entry("definitions", _("Metric definitions"), "ruler-measure", Permission.METRICS_ALL),
        ),
    ),
)


class May:
    """`{% if shell.may.routing_edit %}`: a permission by name; an unknown name is an error, not a no."""

    def __init__(self, actor: Actor | None) -> None:
        self.actor = actor

    def __getitem__(self, name: str) -> bool:
        permission = Permission(name)
        return self.actor is not None and may(self.actor, permission)


class Shell:
    """Worked out only as far as a template asks: a fragment for htmx asks for nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def actor(self) -> Actor | None:
        """Of the page's shop; on pages outside any shop, of the one last visited, so that the shell stays whole."""
        actor: Actor | None = getattr(self.request, "shop_actor", None)
        if actor or not self.account:
            return actor
        slug = self.request.session.get(LAST_SHOP)
        places = [place for place in self.places if place.shop.slug == slug]
        if not places and len(self.places) == 1:
            places = self.places
        return Actor(places[0].shop, self.account, places[0]) if places else None

    @property
    def may(self) -> May:
        return May(self.actor)

    @property
    def shop(self) -> Shop | None:
        return self.actor.shop if self.actor else None

    @property
    def sub_account(self) -> SubAccount | None:
        return self.actor.sub_account if self.actor else None

    @cached_property
    def account(self) -> Account | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, Account) else None

    @cached_property
    def places(self) -> list[SubAccount]:
        known: list[SubAccount] | None = getattr(self.request, "my_places", None)
        if known is not None:
            return known  # a shop's page: its door has asked for them already
        return list(my_sub_accounts(self.account)) if self.account else []

    @property
    def invited(self) -> bool:
        """Whether a shop has invited them and waits for an answer; costs no query of its own."""
        return any(getattr(place, "invited", False) for place in self.places)

    @property
    def noticed(self) -> bool:
        """A notice about the account's security has not been seen; costs no query of its own."""
        return any(getattr(place, "noticed", False) for place in self.places)

    @cached_property
    def shops(self) -> list[Shop]:
        """The shops of the switcher; an operator with more finds the others on the home page."""
        if self.account is None:
            return []
        if self.account.is_operator:
            return list(visible_shops(self.account)[:SWITCHER_SHOPS])
        return [place.shop for place in self.places]

    @cached_property
    def navigation(self) -> list[tuple[str | Promise, list[Link]]]:
        groups = [(title, self._links(entries)) for title, entries in NAVIGATION]
        groups.append((_("Installation"), self._installation()))
        return [(title, links) for title, links in groups if links]

    @property
    def phone_links(self) -> list[Link]:
        return [link for _title, links in self.navigation for link in links if link.on_phone]

    @property
    def takes_conversations(self) -> bool:
        """Whoever holds an agent role has the status switch on every page (S3)."""
        return self.sub_account is not None and self.sub_account.is_agent

    @property
    def presence_url(self) -> str:
        """Where the status switch posts `status` to; empty until that page exists."""
        return self._url("own_presence") if self.takes_conversations else ""

    @property
    def agent_places(self) -> list[SubAccount]:
        """The shops in which they take conversations."""
        return [place for place in self.places if place.is_agent]

    @property
    def takes_pushes(self) -> bool:
        """Whoever may be given a conversation can be pushed to (G10)."""
        return any(may(Actor(place.shop, self.account, place), Permission.STATUS_OWN) for place in self.places)

    @cached_property
    def session_mark(self) -> str:
        """Tells a page's script whether it is still the same session, without telling which."""
        key = self.request.session.session_key
        return salted_hmac("agents.session_mark", key).hexdigest()[:16] if key else ""

    @property
    def gated(self) -> bool:
        """The account's holder has to finish something first: nothing of a shop is live for them."""
        return self.account is not None and bool(next_step(self.account))

    @property
    def beat_url(self) -> str:
        """Where an open page gives its sign of life, for every shop that its person answers in."""
        return reverse("own_beat") if self.agent_places and not self.gated else ""

    def _links(self, entries: tuple[Entry, ...]) -> list[Link]:
        links = []
        for entry in entries:
            url = self._url(entry.name) if self.actor and may(self.actor, entry.permission) else ""
            if url:
                active = self.request.path.startswith(url)
                links.append(Link(entry.label, entry.icon, url, active, entry.on_phone))
        return links

    def _installation(self) -> list[Link]:
        """For operators: all shops, and the admin."""
        if self.account is None or not self.account.is_operator:
            return []
        shops, admin = reverse("home"), reverse("admin:index")
        return [
            Link(_("Shops"), "building-store", shops, self.request.path == shops, on_phone=False),
            Link(_("Administration"), "settings", admin, active=False, on_phone=False),
        ]

    def _url(self, name: str) -> str:
        if self.shop is None:
            return ""
        try:
            return reverse(name, args=[self.shop.slug])
        except NoReverseMatch:
            return ""


def shell(request: HttpRequest) -> dict[str, object]:
    return {"shell": Shell(request)}
