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
from routing.words import ExplanationStep, Person, by_rules, explain, pool_words, rule_name


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
    steps, people = _steps(shop, rows), _people(shop)
    return [_told(shop, row, steps.get(row.version, ()), people, me) for row in rows]


def told_sentences(shop: Shop, decisions: Iterable[Decision], me: SubAccount | None = None) -> dict[int, str]:
    """What came of each decision, by its key; one query. `me` is called “you”."""
    rows = list(decisions)
    steps = _steps(shop, rows) if rows else {}
    return {row.pk: _sentence(shop, row, _rule(row, steps.get(row.version, ())), me) for row in rows}


def _steps(shop: Shop, rows: Iterable[Decision]) -> dict[int, tuple[Step, ...]]:
    """The rules of each version that decided, in order."""
    versions = RoutingVersion.objects.filter(shop=shop, number__in={row.version for row in rows})
    platform = Platform(shop.platform)
    return {v.number: compile_settings(v.document, platform, v.number).steps for v in versions}


def _people(shop: Shop) -> dict[str, Person]:
    """Labels alone: loads and status of now say nothing about then."""
    rows = SubAccount.objects.for_shop(shop).select_related("account")
    return {row.name: Person(row.name, row.label) for row in rows}


def _told(
    shop: Shop, row: Decision, steps: tuple[Step, ...], people: Mapping[str, Person], me: SubAccount | None
) -> ToldDecision:
    rule = _rule(row, steps)
    told = explain(row.trace, steps, agent=row.agent.name if row.agent else None, people=_then(people)) if steps else []
    return ToldDecision(row, TRIGGERS[row.trigger], rule, _sentence(shop, row, rule, me), told)


def _rule(row: Decision, steps: tuple[Step, ...]) -> str:
    last = len(by_rules(row.trace)) - 1
    kind = steps[last].kind if row.rule != "G8" and 0 <= last < len(steps) else ""
    return str(rule_name(row.rule, kind))


def _then(people: Mapping[str, Person]) -> dict[str, Person]:
    return {name: _Past(person.account, person.label) for name, person in people.items()}


@dataclass(frozen=True)
class _Past(Person):
    """Somebody at the time of a decision: what they held then is in the trace or not known."""

    load: int | None = None  # type: ignore[assignment]


def _sentence(shop: Shop, row: Decision, rule: str, me: SubAccount | None) -> str:
    if row.outcome == Outcome.QUEUED or row.agent is None:
        return _("Waits in %(pool)s") % {"pool": pool_words(row.pool, shop.platform)}
    to_me = me is not None and row.agent_id == me.pk
    name = _("you") if to_me else row.agent.label
    if row.trigger == Trigger.TRANSFERRED and row.by is not None:
        by = row.by.label
        if row.by_id == row.agent_id:
            return _("%(by)s took it") % {"by": by}
        return _("%(by)s transferred it to %(name)s") % {"by": by, "name": name}
    if row.trace and row.trace[0]["rule"] == "G21":
        return _("No answer in time; %(rule)s: reassigned to %(name)s") % {"rule": rule, "name": name}
    return _("%(rule)s: assigned to %(name)s") % {"rule": rule, "name": name}
