"""What is kept up to date as events change it is what it would be if it were made anew."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.vocabulary import Platform, Status
from routing.engine.crews import Crew
from routing.engine.orders import Shares
from routing.engine.sources import seeded
from routing.engine.types import Agent, Load
from routing.simulator.scenario import read_scenario
from tests.routing.generate import scenario
from tests.routing.test_properties import steps


@pytest.mark.parametrize("platform", list(Platform))
def test_a_crew_stands_as_if_made_anew_after_every_event(platform: Platform) -> None:
    compared = 0
    for seed in range(25):
        for state, _, _ in steps(read_scenario(scenario(Random(seed), platform, 120))):
            for scope, crew in state._crews.items():
                crew.look_again()
                anew = Crew(state.people(scope))
                assert crew.free == anew.free
                assert [dict(part) for part in crew.seen()] == [dict(part) for part in anew.seen()]
                for key in crew._rankings if crew.free else ():
                    assert crew.first(key) is min(crew.free, key=key)
                for weigher, shares in crew._shares.items():
                    fresh = anew.shares(weigher, scope.weights)
                    assert shares.weights == fresh.weights
                    assert list(shares.sums()) == list(fresh.sums())
                compared += bool(crew.free)
    assert compared > 100


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7), st.floats(0, 5)), max_size=40))
def test_running_sums_are_added_up_from_the_first_whatever_came_and_went(changes: list[tuple[int, int, float]]) -> None:
    weights: dict[str, float] = {}
    people: list[Agent] = []
    shares = Shares(lambda agent: weights[agent.name], people)
    for number, (what, where, weight) in enumerate(changes):
        if what == 0 or not people:
            agent = Agent(f"a{number}")
            weights[agent.name] = weight
            people.insert(where % (len(people) + 1), agent)
            shares.came(people.index(agent), agent)
        elif what == 1:
            place = where % len(people)
            del people[place]
            shares.left(place)
        elif what == 2:
            place = where % len(people)
            weights[people[place].name] = weight
            shares.changed(place, people[place])
        total, sums = 0.0, []
        for agent in people:
            total += weights[agent.name]
            sums.append(total)
        assert what == 3 or list(shares.sums()) == sums


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_source_seeded_anew_draws_as_a_new_one(text: str) -> None:
    source, new = seeded(Random(5), text), Random(text)
    assert [source.choice(range(7)), source.random()] == [new.choice(range(7)), new.random()]
    assert source.choices("abc", [1, 2, 3]) == new.choices("abc", [1, 2, 3])


def test_what_was_seen_is_a_mapping_of_the_candidates_and_one_of_the_others() -> None:
    people = [Agent("a"), Agent("b", status=Status.ONLINE), Agent("c", status=Status.BREAK)]
    candidates, excluded = Crew(people).seen()
    assert candidates == {"b": Load(0, None)} and excluded == {"a": "offline", "c": "break"}
    assert "a" not in candidates and "b" not in excluded and "d" not in candidates and "0" not in excluded
    assert (len(candidates), len(excluded)) == (1, 2)


def test_a_trace_keeps_what_was_seen_when_things_go_on() -> None:
    agent = Agent("a", status=Status.ONLINE)
    crew = Crew([agent])
    agent.watchers.append(crew.changed)
    before, _ = crew.seen()
    agent.open = 3
    crew.changed.add(agent)
    crew.look_again()
    assert before["a"].load == 0 and crew.seen()[0]["a"].load == 3
