"""The kinds of rule that a platform's list is made of. Each attempt returns what it found (G12)."""

from routing.engine.crews import Scope, standing
from routing.engine.look import Look, loads
from routing.engine.members import (
    FOUND_NONE_FREE,
    OUTCOME_ASSIGNED,
    OUTCOME_OFFLINE,
    OUTCOME_QUEUED,
    RECENT_AWAY,
    RECENT_NONE,
    RECENT_ONLINE,
)
from routing.engine.odds import odds_of
from routing.engine.picks import Pick, longest_unassigned
from routing.engine.scopes import WHOLE_SHOP, ScopeOf
from routing.engine.settings import Step
from routing.engine.types import Agent, Finding
from routing.engine.vocabulary import SHOP_POOL, Excluded, Found


def recent_contact(rule: str, label: str | None = None) -> Step:
    """The buyer's recent agent, if online: cap or no cap, unless the cap is to be respected (G19)."""

    passed = {found: Finding(rule, found) for found in Found}

    def attempt(look: Look) -> Finding:
        if look.contact is None or (look.recent is not RECENT_ONLINE and not look.state.traced):
            return passed[look.found_recent]
        if look.recent is RECENT_NONE:
            return Finding(rule, look.found_recent, contact=look.contact)
        agent = look.state.agents[look.contact.agent]
        if look.recent is RECENT_AWAY:
            why = {agent.name: str(standing(agent))}
            return Finding(rule, look.found_recent, excluded=why, contact=look.contact)
        return Finding(
            rule,
            look.found_recent,
            candidates=loads([agent]),
            outcome=OUTCOME_ASSIGNED,
            agent=agent.name,
            label=label,
            contact=look.contact,
        )

    return Step(rule, "recent_contact", attempt)


def share(rule: str, scope_of: ScopeOf, pick: Pick, kind: str) -> Step:
    """One of the free people of a scope, as `pick` chooses."""
    choose = pick.choose
    passed = {found: Finding(rule, found) for found in Found}

    def attempt(look: Look) -> Finding:
        scope = scope_of(look)
        if not isinstance(scope, Scope):
            return passed[scope]
        crew = look.crew(scope)
        if not crew.free:
            return Finding(rule, FOUND_NONE_FREE, *look.seen(crew)) if look.state.traced else passed[FOUND_NONE_FREE]
        # Seen before one is chosen: the loads are those that were compared.
        candidates, excluded = look.seen(crew)
        chosen = choose(look, crew, scope.weights)
        return Finding(rule, None, candidates, excluded, OUTCOME_ASSIGNED, chosen.name)

    return Step(rule, kind, attempt, odds_of(scope_of, pick))


def offline_list(rule: str) -> Step:
    """Nobody online: who of the list has received the fewest offline conversations today (G4)."""

    def attempt(look: Look) -> Finding:
        if look.state.online:
            return Finding(rule, Found.SOMEBODY_ONLINE)
        if not look.settings.offline_enabled:
            return Finding(rule, Found.OFFLINE_LIST_OFF)
        listed: list[Agent] = []
        excluded: dict[str, str] = {}
        for name in look.settings.offline_agents:
            agent = look.state.agents[name]
            if not agent.enabled:
                excluded[name] = Excluded.DISABLED
            elif name in look.settings.never_route:
                excluded[name] = Excluded.NEVER_ROUTE
            else:
                listed.append(agent)
        if not listed:
            return Finding(rule, Found.OFFLINE_LIST_EMPTY, excluded=excluded)
        chosen = min(listed, key=lambda a: (a.offline_today, *longest_unassigned(a)))
        return Finding(
            rule,
            Found.NOBODY_ONLINE,
            candidates=loads(listed),
            excluded=excluded,
            outcome=OUTCOME_OFFLINE,
            agent=chosen.name,
        )

    return Step(rule, "offline_list", attempt)


def wait_for_group(rule: str, scope_of: ScopeOf) -> Step:
    """KS6: somebody of the status's group is online, all full: its own pool, and not the others."""

    def attempt(look: Look) -> Finding:
        scope = scope_of(look)
        if not isinstance(scope, Scope):
            return Finding(rule, scope)
        people = {agent.name for agent in look.state.people(scope)}
        if (look.state.online - look.without).isdisjoint(people):
            return Finding(rule, Found.GROUP_NOT_WAITED_FOR)
        return _queued(look, rule, Found.GROUP_FULL, scope)

    return Step(rule, "wait_for_group", attempt)


def wait_nobody_online(rule: str = "G5") -> Step:
    """G5: nobody online and no offline list to take it: it waits for whoever comes."""

    def attempt(look: Look) -> Finding:
        if look.state.online:
            return Finding(rule, Found.SOMEBODY_ONLINE)
        return Finding(rule, Found.NOBODY_ONLINE, outcome=OUTCOME_QUEUED, pool=SHOP_POOL)

    return Step(rule, "wait_nobody_online", attempt)


def wait_for_list(rule: str, scope_of: ScopeOf) -> Step:
    """DY7: somebody is online, but none of the list free: the pool of its entry (and question)."""

    def attempt(look: Look) -> Finding:
        scope = scope_of(look)
        return _queued(look, rule, Found.LIST_BUSY, scope if isinstance(scope, Scope) else WHOLE_SHOP)

    return Step(rule, "wait_for_list", attempt)


def wait_all_full(rule: str = "G17") -> Step:
    """G17: somebody is online, all who could take it are full."""

    def attempt(look: Look) -> Finding:
        return Finding(rule, Found.ALL_FULL, outcome=OUTCOME_QUEUED, pool=SHOP_POOL)

    return Step(rule, "wait_all_full", attempt)


def _queued(look: Look, rule: str, found: Found, scope: Scope) -> Finding:
    """Waits for the scope's people; the free ones outside are named as left out."""
    left_out: dict[str, str] = {}
    if look.state.traced and scope.names is not None:
        inside = set(scope.names)
        outside = [agent.name for agent in look.crew(WHOLE_SHOP).free if agent.name not in inside]
        left_out = dict.fromkeys(outside, Excluded.NOT_IN_GROUP.value)
    return Finding(rule, found, excluded=left_out, outcome=OUTCOME_QUEUED, pool=scope.pool)
