"""An answer that failed is asked for again, unless somebody speaks."""

from agents.second_try import FIRST_WAIT_S, LONGEST_WAIT_S, SecondTry


def test_nothing_is_asked_for_while_nothing_failed() -> None:
    assert not SecondTry().on_tick(1000.0, is_silent=True)


def test_it_is_asked_for_once_after_a_moment() -> None:
    trying = SecondTry()
    trying.on_failed(0.0)

    ticks = [trying.on_tick(at, is_silent=True) for at in (FIRST_WAIT_S - 0.1, FIRST_WAIT_S, FIRST_WAIT_S + 0.1)]

    assert ticks == [False, True, False]


def test_a_voice_makes_it_needless() -> None:
    trying = SecondTry()
    trying.on_failed(0.0)
    trying.on_tick(0.5, is_silent=False)

    assert not trying.on_tick(60.0, is_silent=True)


def test_the_waits_grow_up_to_a_bound() -> None:
    trying, now, waits = SecondTry(), 0.0, []
    for _ in range(5):
        trying.on_failed(now)
        began = now
        while not trying.on_tick(now, is_silent=True):
            now += 0.25
        waits.append(now - began)

    assert waits == [FIRST_WAIT_S, 2.0, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]
