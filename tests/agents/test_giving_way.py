from agents.giving_way import GivingWay


def collide(side: GivingWay, *, own_s: float = 0.4, peer_s: float = 0.5) -> None:
    """Both begin at 10.0 and are cut; the peer falls silent, which is told half a second later."""
    side.on_peer_started(10.0)
    side.on_own_turn_ended(played_s=own_s, is_interrupted=True)
    side.on_peer_stopped(10.0 + peer_s + 0.5, silence_s=0.5)


def test_the_side_that_did_not_open_takes_its_answer_back() -> None:
    side = GivingWay(is_opener=False)
    collide(side)

    assert side.on_response_created(11.1)


def test_the_opener_speaks_on() -> None:
    side = GivingWay(is_opener=True)
    collide(side)

    assert not side.on_response_created(11.1)


def test_one_answer_is_taken_back_and_no_more() -> None:
    side = GivingWay(is_opener=False)
    collide(side)

    assert (side.on_response_created(11.1), side.on_response_created(11.2)) == (True, False)


def test_a_peer_that_went_on_is_answered() -> None:
    side = GivingWay(is_opener=False)
    collide(side, peer_s=4.0)

    assert not side.on_response_created(14.6)


def test_a_barge_in_late_in_a_turn_is_answered() -> None:
    side = GivingWay(is_opener=False)
    collide(side, own_s=3.0)

    assert not side.on_response_created(11.1)


def test_an_ordinary_turn_is_answered() -> None:
    side = GivingWay(is_opener=False)
    side.on_own_turn_ended(played_s=0.8, is_interrupted=False)
    side.on_peer_started(10.0)
    side.on_peer_stopped(11.0, silence_s=0.5)

    assert not side.on_response_created(11.1)


def test_a_peer_that_does_not_begin_again_is_not_waited_for() -> None:
    side = GivingWay(is_opener=False)
    collide(side)
    side.on_response_created(11.1)

    assert (side.on_tick(14.0), side.on_tick(14.2), side.on_tick(14.3)) == (False, True, False)


def test_a_peer_that_begins_again_is_listened_to() -> None:
    side = GivingWay(is_opener=False)
    collide(side)
    side.on_response_created(11.1)
    side.on_peer_started(12.0)

    assert not side.on_tick(20.0)
