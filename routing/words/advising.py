"""Advice on settings in a sentence, and where in the settings it is mended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.vocabulary import Platform
from routing.engine.advice import LOW_CAP, Advice, Advised
from routing.words.places import PLACES, status_words

SENTENCES: dict[Advised, str | Promise] = {
    Advised.NOBODY_TAKES_PART: _(
        "Nobody takes part in routing: every buyer will wait. Give a sub-account the agent role."
    ),
    Advised.STATUS_UNBOUND: _("%(place)s is bound to no group: these buyers go to anyone free in the shop, at random."),
    Advised.LIST_CANNOT: _(
        "%(place)s: none of those set takes part in routing (%(names)s), so nobody of them gets its buyers."
    ),
    Advised.GROUP_EMPTY: _("%(place)s binds order statuses but has no members: its buyers go to others."),
    Advised.GROUP_UNBOUND: _("%(place)s has no order status: its members get no buyers through it."),
    Advised.OFFLINE_EMPTY: _("The offline list is on but empty: while nobody is online, buyers wait in line."),
    Advised.OFFLINE_CANNOT: _(
        "Nobody on the offline list can get conversations (%(names)s): while nobody is online, buyers wait."
    ),
    Advised.LOW_CAP: _("A cap under %(least)s is soon full and gets few buyers: %(names)s."),
    Advised.UNREACHABLE: _("No rule gives these a new buyer: %(names)s. Put them in a list or group."),
    Advised.FALLBACK_ONLY: _("In no list or group, so they get buyers only when nobody set is free: %(names)s."),
}
TAOBAO_UNBOUND = _("%(place)s is bound to no group: these buyers go to the members of all groups.")
NAMED = 5


@dataclass(frozen=True)
class AdviceLine:
    """`place` as the engine names it; `key`: two pieces of advice with the same one say the same."""

    code: str
    place: str
    sentence: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.code, self.place, self.sentence


def advice_line(advice: Advice, platform: str, names: Mapping[str, str]) -> AdviceLine:
    """`names`: labels by account name."""
    sentence = SENTENCES[advice.code]
    if advice.code == Advised.STATUS_UNBOUND and platform == Platform.TAOBAO:
        sentence = TAOBAO_UNBOUND
    values = {
        "place": _place(advice, platform),
        "names": _named([names.get(name, name) for name in advice.names]),
        "least": LOW_CAP,
    }
    return AdviceLine(advice.code.value, advice.place, str(sentence) % values)


def advice_lines(found: Iterable[Advice], platform: str, names: Mapping[str, str]) -> list[AdviceLine]:
    return [advice_line(advice, platform, names) for advice in found]


def _named(labels: list[str]) -> str:
    if len(labels) <= NAMED:
        return now(", ").join(labels)
    shown = now(", ").join(labels[:NAMED])
    return now("%(names)s and %(more)s more") % {"names": shown, "more": len(labels) - NAMED}


def _place(advice: Advice, platform: str) -> str:
    if advice.code == Advised.STATUS_UNBOUND:
        return now("“%(text)s”") % {"text": status_words(advice.place, platform)}
    kind, _dot, rest = advice.place.partition(".")
    if kind == "groups":
        return now("“%(text)s”") % {"text": rest}
    entry, _dot, question = rest.partition(".")
    words = str(PLACES.get(entry, entry))
    return f"{words} · {question}" if question else words
