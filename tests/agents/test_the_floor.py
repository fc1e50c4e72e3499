from agents.floor import Floor, FloorAction
from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import EndReason

OPEN = RoomControl(floor_open=True)
ENDING = RoomControl(floor_open=True, ending=EndReason.TIME_CAP)
CUT = RoomControl(floor_open=True, ending=EndReason.STOPPED, cut=True)


def build_floor(*, is_opener: bool = True, is_ready: bool = True) -> Floor:
    floor = Floor(is_opener=is_opener, opening_fallback_s=6.0)
    if is_ready:
        floor.on_ready(0.0)
    return floor


def test_nobody_speaks_before_the_floor_is_open() -> None:
    floor = build_floor()

    assert floor.on_control(RoomControl(), 1.0) + floor.on_tick(100.0) == []


def test_the_opener_speaks_when_the_floor_opens() -> None:
    assert build_floor().on_control(OPEN, 1.0) == [FloorAction.LISTEN, FloorAction.OPEN_THE_CALL]


def test_a_floor_that_was_open_already_waits_until_the_agent_is_ready() -> None:
    floor = build_floor(is_ready=False)
    early = floor.on_control(OPEN, 1.0)

    assert (early, floor.on_ready(2.0)) == ([], [FloorAction.LISTEN, FloorAction.OPEN_THE_CALL])


def test_the_floor_opens_once() -> None:
    floor = build_floor()
    floor.on_control(OPEN, 1.0)

    assert floor.on_control(OPEN, 2.0) == []


def test_the_other_one_listens() -> None:
    assert build_floor(is_opener=False).on_control(OPEN, 1.0) == [FloorAction.LISTEN]


def test_the_other_one_opens_after_a_silence() -> None:
    floor = build_floor(is_opener=False)
    floor.on_control(OPEN, 1.0)

    assert (floor.on_tick(6.9), floor.on_tick(7.0)) == ([], [FloorAction.OPEN_THE_CALL])


def test_the_other_one_does_not_open_once_it_has_heard_somebody() -> None:
    floor = build_floor(is_opener=False)
    floor.on_control(OPEN, 1.0)
    floor.on_someone_spoke()

    assert floor.on_tick(60.0) == []


def test_an_opening_that_failed_is_tried_again() -> None:
    floor = build_floor()
    floor.on_control(OPEN, 1.0)
    floor.retry_opening(11.0, after_s=0.5)

    assert floor.on_tick(11.5) == [FloorAction.OPEN_THE_CALL]


def test_an_ending_lets_the_sentence_be_finished_once() -> None:
    floor = build_floor()
    floor.on_control(OPEN, 1.0)

    assert (floor.on_control(ENDING, 5.0), floor.on_control(ENDING, 6.0)) == ([FloorAction.FINISH_AND_LEAVE], [])


def test_a_cut_overrules_an_ending() -> None:
    floor = build_floor()
    floor.on_control(ENDING, 5.0)

    assert floor.on_control(CUT, 6.0) == [FloorAction.LEAVE_NOW]


def test_nobody_opens_a_call_that_is_ending() -> None:
    floor = build_floor(is_opener=False)
    floor.on_control(OPEN, 1.0)
    floor.on_control(ENDING, 5.0)

    assert floor.on_tick(60.0) == []
