"""Try it 试一试: who would get a conversation under the settings as they stand in the form, and why."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from agents.vocabulary import Platform, Status
from core.http.parameters import Parameters
from routing import services
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES, Outcome
from routing.forms.draft import Draft
from routing.roster import recent_buyers
from routing.services import Trial
from routing.words import PLACES, ExplanationStep, explain, pool_words, rule_sentence, status_words

NAMED = 3
"""So many candidates are named in the headline; the others are counted."""


@dataclass(frozen=True)
class Answer:
    """`head` e.g. 会分给, `names` whom, `foot` how it was chosen; `steps` for explanation_list.html."""

    head: str
    names: list[str]
    more: int
    foot: str
    shares: list[tuple[str, str, float]] = field(default_factory=list)
    """Who, in percent, for the bar: shown where the chances differ."""
    steps: list[ExplanationStep] = field(default_factory=list)
    waits: bool = False


@dataclass
class TryIt:
    """The panel's fields as they stand, and the answer."""

    draft: Draft
    entry: str = ""
    status: str = "none"
    question: str = ""
    buyer: str = ""

    @classmethod
    def posted(cls, draft: Draft, post: Parameters) -> "TryIt":
        asked = cls(
            draft,
            post.text("try_entry"),
            post.text("try_status", "none"),
            post.text("try_question"),
            post.text("try_buyer").strip()[:100],
        )
        known = ENTRIES.get(draft.platform, ())
        if known and asked.entry not in known:
            asked.entry = "goods_detail"
        if asked.status not in ORDER_STATUSES:
            asked.status = "none"
        return asked

    @property
    def entries(self) -> list[tuple[str, str]]:
        return [(code, str(PLACES[code])) for code in ENTRIES.get(self.draft.platform, ())]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """Douyin's rules do not look at the order."""
        if self.draft.platform == Platform.DOUYIN:
            return []
        return [(code, status_words(code, self.draft.platform)) for code in ORDER_STATUSES]

    @property
    def questions(self) -> list[str]:
        entry = self.draft.document.get("entries", {}).get(self.entry, {})
        return list(entry.get("questions", {}))

    @property
    def buyers(self) -> list[str]:
        return recent_buyers(self.draft.shop)

    def run(self) -> tuple[str, Answer]:
        """What is known of the buyer, and the answer."""
        trial = services.try_decision(
            shop=self.draft.shop,
            document=self.draft.document,
            entry=self.entry,
            order_status=self.status,
            question=self.question if self.question in self.questions else "",
            buyer=self.buyer,
        )
        return self._known(trial), self._answer(trial)

    def _label(self, account: str) -> str:
        person = self.draft.people.get(account)
        return person.label if person else account

    def _known(self, trial: Trial) -> str:
        if trial.already:
            words = _("has a conversation open with %(name)s and would go on in it; below, if it were closed")
            return words % {"name": self._label(trial.already)}
        if trial.already == "":
            return _("is waiting already and would go on waiting; below, if it were not so")
        if trial.contact is None:
            return _("new buyer")
        return _("last in contact with %(name)s") % {"name": self._label(trial.contact.agent)}

    def _answer(self, trial: Trial) -> Answer:
        alone = next(iter(trial.shares)) if len(trial.shares) == 1 else None
        steps = explain(trial.trace, trial.steps, agent=alone, people=self.draft.people, foreseen=True)
        if trial.outcome == Outcome.QUEUED:
            where = pool_words(trial.pool or "", self.draft.platform)
            foot = str(rule_sentence(trial.rule, trial.kind))
            return Answer(_("Nobody gets it now"), [_("Waits in %(line)s") % {"line": where}], 0, foot, [], steps, True)
        ranked = sorted(trial.shares.items(), key=lambda item: (-item[1], item[0]))
        names = [self._label(account) for account, _share in ranked]
        even = len({round(share, 9) for share in trial.shares.values()}) == 1
        told = [] if even else [(self._label(a), _percent(share), 100 * share) for a, share in ranked]
        return Answer(_("Goes to"), names[:NAMED], len(names[NAMED:]), self._foot(trial, even), told, steps)

    def _foot(self, trial: Trial, even: bool) -> str:
        count = len(trial.shares)
        if trial.outcome == Outcome.OFFLINE:
            return _("Nobody is online; the phone rings") if trial.push else self._offline_foot(trial)
        if trial.kind == "recent_contact":
            return _("Last in contact, and online")
        if trial.drawn:
            values = {"count": count, "share": _percent(next(iter(trial.shares.values())))}
            return (
                _("%(count)s free, random, %(share)s each") % values
                if even
                else _("%(count)s free, random by weight") % values
            )
        free = len(trial.trace[-1].get("candidates", {}))
        if free == 1:
            return _("The only one free")
        return _("%(count)s free: %(rule)s") % {"count": free, "rule": rule_sentence(trial.rule, trial.kind)}

    def _offline_foot(self, trial: Trial) -> str:
        account = next(iter(trial.shares))
        person = self.draft.people.get(account)
        if person is not None and person.status == Status.OFFLINE:
            return _("Nobody is online; no push, never signed in to the app")
        return _("Nobody is online")


def _percent(share: float) -> str:
    text = f"{100 * share:.1f}"
    return f"{text.removesuffix('.0')}%"
