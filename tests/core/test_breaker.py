from core.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_a_failure_one_caller_tries_again_once_the_pause_is_over() -> None:
    clock = Clock()
    breaker = Breaker(5, clock)
    assert breaker.allows() and breaker.allows()
    breaker.failed()
    clock.now += 4.9
    assert not breaker.allows()
    clock.now += 0.2
    assert breaker.allows()
    assert not breaker.allows(), "one tries, the others wait on"
    breaker.succeeded()
    assert breaker.allows() and breaker.allows()
