"""What the settings page shows, worked out from a draft: tabs, cards, groups with their shares, the rule path."""

from collections.abc import Iterable
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.permissions import Actor, may_edit_routing_key
from agents.vocabulary import Platform
from routing.engine.advice import participants
from routing.engine.compile import compile_settings
from routing.engine.settings import Settings, queue_notice
from routing.engine.vocabulary import ENTRIES, MODES, Assign
from routing.forms.draft import Draft
from routing.selectors import hidden_pages
from routing.views.settings_advice import Told, advice_of
from routing.views.settings_cards import EntryCard, Place, Tab
from routing.views.settings_groups import Groups
from routing.words import PLACES, Path, Person, path_of
from routing.words.changes import ALLOCATIONS
from routing.words.places import ALLOCATIONS_TOLD, ENTRIES_TOLD

BASIC, GROUPS, QUEUEING, OFFLINE, NEVER, MORE = "basic", "advanced", "queueing", "offline", "never", "more"
TABS: dict[Platform, tuple[str, ...]] = {
    Platform.PINDUODUO: (BASIC, GROUPS, OFFLINE, NEVER, MORE),
    Platform.KUAISHOU: (BASIC, GROUPS, OFFLINE, NEVER, MORE),
    Platform.DOUYIN: (QUEUEING, OFFLINE, NEVER, MORE),
    Platform.TAOBAO: (GROUPS, OFFLINE, NEVER, MORE),
}


class Board(Groups):
    """Worked out only as far as the page's tab asks."""

    def __init__(self, draft: Draft, actor: Actor, tab: str = "") -> None:
        self.draft = draft
        self.actor = actor
        self.slugs = TABS[draft.platform]
        self.tab = tab if tab in self.slugs else self.slugs[0]
        self.can = {key: may_edit_routing_key(actor, key) for key in draft.document}
        self.next_version = draft.version.number + 1

    @cached_property
    def draft_url(self) -> str:
        """Where every change of the form goes; asked for by each of its buttons, so worked out once."""
        return reverse("routing_draft", args=[self.draft.shop.slug])

    @cached_property
    def picker_url(self) -> str:
        return reverse("routing_picker", args=[self.draft.shop.slug])

    @property
    def editable(self) -> bool:
        return any(self.can.values())

    @cached_property
    def settings(self) -> Settings:
        return compile_settings(self.draft.document, self.draft.platform, self.next_version)

    @cached_property
    def path(self) -> Path:
        """Of the rules that the tab is about, in force or not."""
        basic, grouped = MODES.get(self.draft.platform, (None, None))
        mode = {BASIC: basic, GROUPS: grouped}.get(self.tab)
        if mode is None:
            return path_of(self.settings)
        document = self.draft.document | {"mode": mode.value}
        return path_of(compile_settings(document, self.draft.platform, self.next_version))

    @property
    def by_status(self) -> bool:
        """Whether the tab's sentence is that of groups and order statuses."""
        return self.tab == GROUPS and bool(self.draft.document["groups"])

    @cached_property
    def published(self) -> Settings:
        return compile_settings(self.draft.version.document, self.draft.platform, self.draft.version.number)

    @property
    def template(self) -> str:
        if self.tab == BASIC and self.draft.platform == Platform.KUAISHOU:
            return "routing/settings/tab_shop.html"
        names = {BASIC: "basic", GROUPS: "groups", QUEUEING: "queueing", MORE: "more"}
        return f"routing/settings/tab_{names.get(self.tab, 'list')}.html"

    @cached_property
    def tabs(self) -> list[Tab]:
        url = reverse("routing_settings", args=[self.draft.shop.slug])
        return [
            Tab(
                slug, self._label(slug), f"{url}?tab={slug}", slug == self.tab, self._count(slug), slug in self._told_on
            )
            for slug in self.slugs
        ]

    @cached_property
    def advice(self) -> list[Told]:
        return advice_of(self.draft, self.slugs)

    @cached_property
    def advice_here(self) -> list[Told]:
        """What this tab has to say above its cards."""
        covered = self.tab == GROUPS
        return [told for told in self.advice if told.tab == self.tab and not (covered and told.in_cover)]

    @property
    def advice_new(self) -> list[str]:
        """What publishing the draft would bring about."""
        return [told.sentence for told in self.advice if told.new]

    @cached_property
    def _told_on(self) -> set[str]:
        return {told.tab for told in self.advice}

    def _label(self, slug: str) -> str:
        if slug == GROUPS and self.draft.platform == Platform.KUAISHOU:
            return _("Grouped routing")
        if slug == GROUPS and self.draft.platform == Platform.TAOBAO:
            return _("Group settings")
        labels = {
            BASIC: _("Basic routing"),
            GROUPS: _("Advanced routing"),
            QUEUEING: _("Lines and entries"),
            OFFLINE: _("Offline routing"),
            NEVER: _("Never-route accounts"),
        }
        return labels.get(slug) or _("More settings")

    def _count(self, slug: str) -> str:
        document = self.draft.document
        if slug == GROUPS:
            return _("%(count)s in all") % {"count": len(document["groups"])} if document["groups"] else ""
        names = {OFFLINE: document["offline"]["agents"], NEVER: document["never_route"]}.get(slug)
        return _("%(count)s listed") % {"count": len(names)} if names else ""

    # -- lists of people ---------------------------------------------------------------------

    def people(self, names: Iterable[str]) -> list[Person]:
        return [self.draft.people[name] for name in names]

    @cached_property
    def pages(self) -> list[Place]:
        hidden = {place.code for place in self.hidden}
        return [place for place in self._pages if place.code not in hidden]

    @cached_property
    def _pages(self) -> list[Place]:
        of = self.draft.document["pages"]
        codes = ENTRIES[Platform.PINDUODUO]
        return [Place(PLACES[code], f"pages.{code}", self.people(of.get(code, ())), code) for code in codes]

    @cached_property
    def hidden(self) -> list[Place]:
        """Pages that the shop hides; one that has got agents, from another program say, is shown all the same."""
        codes = hidden_pages(self.draft.shop)
        return [place for place in self._pages if place.code in codes and not place.people]

    @cached_property
    def offline_people(self) -> list[Person]:
        return self.people(self.draft.document["offline"]["agents"])

    @cached_property
    def listed(self) -> Place:
        """The one list of the offline and the never-route tab."""
        if self.tab == NEVER:
            return Place(self._label(NEVER), "never_route", self.people(self.draft.document["never_route"]))
        return Place(_("Offline list"), "offline", self.offline_people)

    @cached_property
    def taking_part(self) -> Place:
        """G1: who takes part under the draft."""
        names = participants(self.draft.document, self.draft.people)
        return Place(_("Take part in routing"), "", self.people(name for name in self.draft.people if name in names))

    @cached_property
    def left_out(self) -> list[Person]:
        """Enabled, and not among them: without an agent role, or on the never-route list."""
        taking = {person.account for person in self.taking_part.people}
        return [p for p in self.draft.people.values() if p.enabled and p.account not in taking]

    # -- Douyin ------------------------------------------------------------------------------

    @cached_property
    def entries(self) -> list[EntryCard]:
        return [self._entry(code) for code in ENTRIES[Platform.DOUYIN]]

    def _entry(self, code: str) -> EntryCard:
        content = self.draft.document["entries"].get(code, {})
        questions = content.get("questions", {})
        return EntryCard(
            code=code,
            title=PLACES[code],
            told=ENTRIES_TOLD[code],
            by_question=content.get("assign") == Assign.BY_QUESTION,
            agents=Place(_("Its agents"), f"entries.{code}", self.people(content.get("agents", ()))),
            questions=[
                Place(question, f"entries.{code}.{i}", self.people(names), str(i))
                for i, (question, names) in enumerate(questions.items())
            ],
            error=self.draft.errors.get(f"entries.{code}", ""),
        )

    @cached_property
    def allocations(self) -> list[tuple[str, str, str]]:
        return [(code, str(words), str(ALLOCATIONS_TOLD[code])) for code, words in ALLOCATIONS.items()]

    @cached_property
    def notices(self) -> list[tuple[str, str]]:
        """What a waiting buyer reads, and when (DY9)."""
        queue = self.draft.document["queue"]
        most = queue["show_count_below"]
        few = [(_("While fewer than %(count)s wait") % {"count": most}, queue_notice(queue, most - 1))] if most else []
        return [*few, (_("When %(count)s or more wait") % {"count": most}, queue_notice(queue, most))]

    # -- single values -----------------------------------------------------------------------

    @cached_property
    def values(self) -> dict[str, dict[str, object]]:
        """Typed or standing value and objection of each single field, by a name that templates can say."""
        return {name: self._single(place) for name, place in SINGLE.items()}

    def _single(self, place: str) -> dict[str, object]:
        value: object = self.draft.document
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        shown = "" if value is None else value
        return {
            "place": place,
            "value": self.draft.typed.get(place, shown),
            "on": value is True,
            "error": self.draft.errors.get(place, ""),
        }


SINGLE = {
    "recent_enabled": "recent_contact.enabled",
    "recent_within": "recent_contact.within_hours",
    "recent_respect": "recent_contact.respect_max_concurrent",
    "offline_enabled": "offline.enabled",
    "show_count_below": "queue.show_count_below",
    "notice": "queue.notice",
    "busy_notice": "queue.busy_notice",
    "overflow": "queue.overflow",
    "busy_threshold": "busy_threshold",
    "auto_close": "auto_close_minutes",
    "silence_enabled": "silence.enabled",
    "silence_after": "silence.after_seconds",
    "silence_times": "silence.times",
    "allocation": "allocation",
}
