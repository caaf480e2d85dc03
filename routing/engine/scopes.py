"""Whom a rule looks at. A scope gives its people, or the code why it does not apply."""

from collections.abc import Callable, Mapping, Sequence

from routing.engine.crews import Scope
from routing.engine.look import Look
from routing.engine.members import FOUND_RECENT_AGENT_AWAY, RECENT_AWAY
from routing.engine.settings import Place
from routing.engine.vocabulary import Found

ScopeOf = Callable[[Look], Scope | Found]

WHOLE_SHOP = Scope()


def everyone(look: Look) -> Scope | Found:
    return WHOLE_SHOP


def everyone_if_recent_away(look: Look) -> Scope | Found:
    """The whole shop for a buyer whose recent agent is not online (PDD2, KS1)."""
    return WHOLE_SHOP if look.recent is RECENT_AWAY else look.found_recent


def unless_recent_away(scope: ScopeOf) -> ScopeOf:
    """`scope`, but not for a buyer whose recent agent is not online: PDD2 passes the page by."""

    def without(look: Look) -> Scope | Found:
        return FOUND_RECENT_AGENT_AWAY if look.recent is RECENT_AWAY else scope(look)

    return without


def page(pages: Mapping[str, Sequence[str]]) -> ScopeOf:
    """The agents set for the buyer's page (PDD3)."""
    scopes = {name: Scope(sorted(agents)) for name, agents in pages.items()}

    def of(look: Look) -> Scope | Found:
        return scopes.get(look.conversation.entry or "", Found.PAGE_UNSET)

    return of


class Groups:
    """The groups of a document: by order status, and all together, with weights (PDD6, KS9, TB2, TB3, TB9)."""

    def __init__(self, groups: Sequence[Mapping[str, object]]) -> None:
        self.by_status: dict[str, Scope] = {}
        overall: dict[str, int] = {}
        collected: dict[str, dict[str, int]] = {}
        for group in groups:
            weights = {m["account"]: m["weight"] for m in group["members"]}  # type: ignore[attr-defined]
            largest(overall, weights)
            for status in group["order_statuses"]:  # type: ignore[attr-defined]
                largest(collected.setdefault(status, {}), weights)
        for status, weights in collected.items():
            self.by_status[status] = Scope(sorted(weights), weights, f"order_status:{status}")
        self.all = Scope(sorted(overall), overall)
        self.shop = Scope(weights=overall)

    def bound(self, look: Look) -> Scope | Found:
        """The members of the groups that bind the buyer's order status."""
        return self.by_status.get(look.conversation.order_status, Found.STATUS_UNBOUND)

    def all_if_unbound(self, look: Look) -> Scope | Found:
        """The members of all groups, for a status that none binds (TB3)."""
        return Found.STATUS_BOUND if look.conversation.order_status in self.by_status else self.all

    def everyone_weighted(self, look: Look) -> Scope | Found:
        """The whole shop, each with the largest weight of their groups (TB6, TB9)."""
        return self.shop


def by_status(groups: Sequence[Mapping[str, object]]) -> Place:
    """The order status, where a group binds it."""
    bound = {status for group in groups for status in group["order_statuses"]}  # type: ignore[attr-defined]
    return lambda conversation: conversation.order_status if conversation.order_status in bound else None


def largest(into: dict[str, int], weights: Mapping[str, int]) -> None:
    """In several groups: the largest weight holds (TB9)."""
    for name, weight in weights.items():
        into[name] = max(weight, into.get(name, 0))


class Entries:
    """Douyin's entries and their questions (DY1, DY2)."""

    def __init__(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        self.by_question = {e for e, rule in entries.items() if rule["assign"] == "by_question"}
        self.scopes: dict[tuple[str, str | None], Scope] = {}
        for entry, rule in entries.items():
            pool = f"entry:{entry}"
            questions: Mapping[str, Sequence[str]] = rule.get("questions", {})  # type: ignore[assignment]
            named: Sequence[str] = rule.get("agents", [])  # type: ignore[assignment]
            for question, agents in questions.items():
                if agents:
                    self.scopes[entry, question] = Scope(sorted(agents), pool=f"{pool}:{question}")
            named = sorted({*named, *(name for agents in questions.values() for name in agents)})
            self.scopes[entry, None] = Scope(named or None, pool=pool)
        self._others = {scope: _all_but(scope) for scope in self.scopes.values()}

    def of(self, look: Look) -> Scope | Found:
        """The agents of the question, else of the entry, else everyone; the pool is the entry's or question's."""
        return self.placed(look.conversation.entry or "", look.conversation.question)

    def placed(self, entry: str, question: str | None) -> Scope:
        if question is not None and entry in self.by_question:
            scope = self.scopes.get((entry, question))
            if scope is not None:
                return scope
        scope = self.scopes.get((entry, None))
        if scope is None:  # an entry that the document does not name: everyone
            scope = self.scopes[entry, None] = Scope(pool=f"entry:{entry}")
        return scope

    def others(self, look: Look) -> Scope | Found:
        """Everyone outside the list, in entries by question (DY8)."""
        if look.conversation.entry not in self.by_question:
            return Found.NOT_BY_QUESTION
        return self._others[self.placed(look.conversation.entry, look.conversation.question)]


def _all_but(scope: Scope) -> Scope:
    return Scope(()) if scope.names is None else Scope(but=frozenset(scope.names))
