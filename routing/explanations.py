"""Decisions told in words from their traces, each over the settings version that it was made with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agents.models import Shop, SubAccount
from agents.vocabulary import Platform
from routing.engine.compile import compile_settings
from routing.engine.settings import Step
from routing.engine.vocabulary import Outcome, Trigger
from routing.labels import TRIGGERS
from routing.models import Decision, RoutingVersion
from routing.words import ExplanationStep, Person, explain, pool_words, rule_name


@dataclass(frozen=True)
class ToldDecision:
    """A decision for people. `sentence`: what came of it; `steps` as explanation_list.html takes them."""

    decision: Decision
    trigger: str | Promise
    rule: str
    sentence: str
    steps: list[ExplanationStep]


def told_decisions(shop: Shop, decisions: Iterable[Decision], me: SubAccount | None = None) -> list[ToldDecision]:
    """Two queries, however many decisions. `me` is called “you”."""
    rows = list(decisions)
    if not rows:
        return []
    versions = RoutingVersion.objects.filter(shop=shop, number__in={row.version for row in rows})
    platform = Platform(shop.platform)
    steps = {v.number: compile_settings(v.document, platform, v.number).steps for v in versions}
    people = _people(shop)
    return [_told(shop, row, steps.get(row.version, ()), people, me) for row in rows]


def _people(shop: Shop) -> dict[str, Person]:
    """Labels alone: loads and status of now say nothing about then."""
    rows = SubAccount.objects.for_shop(shop).select_related("account")
    return {row.name: Person(row.name, row.account.label if row.account else row.name) for row in rows}


def _told(
    shop: Shop, row: Decision, steps: tuple[Step, ...], people: Mapping[str, Person], me: SubAccount | None
) -> ToldDecision:
    last = len(row.trace) - 1
    kind = steps[last].kind if row.rule != "G8" and 0 <= last < len(steps) else ""
    rule = str(rule_name(row.rule, kind))
    told = explain(row.trace, steps, agent=row.agent.name if row.agent else None, people=_then(people)) if steps else []
    return ToldDecision(row, TRIGGERS[row.trigger], rule, _sentence(shop, row, rule, people, me), told)


def _then(people: Mapping[str, Person]) -> dict[str, Person]:
    return {name: _Past(person.account, person.label) for name, person in people.items()}


@dataclass(frozen=True)
class _Past(Person):
    """Somebody at the time of a decision: what they held then is in the trace or not known."""

    load: int | None = None  # type: ignore[assignment]


def _sentence(shop: Shop, row: Decision, rule: str, people: Mapping[str, Person], me: SubAccount | None) -> str:
    if row.outcome == Outcome.QUEUED or row.agent is None:
        return _("Waits in %(pool)s") % {"pool": pool_words(row.pool, shop.platform)}
    to_me = me is not None and row.agent_id == me.pk
    name = _("you") if to_me else people[row.agent.name].label if row.agent.name in people else row.agent.name
    if row.trigger == Trigger.TRANSFERRED and row.by is not None:
        by = people[row.by.name].label if row.by.name in people else row.by.name
        if row.by_id == row.agent_id:
            return _("%(by)s took it") % {"by": by}
        return _("%(by)s transferred it to %(name)s") % {"by": by, "name": name}
    return _("%(rule)s: assigned to %(name)s") % {"rule": rule, "name": name}
