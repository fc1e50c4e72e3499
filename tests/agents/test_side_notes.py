from agents.prompting import SilenceWatch, build_wrap_up
from rehearsal.part import find_part

PROMPT = "# Your part\nrole: driver\nname: Chris\n\n# Load sheet\nweight: ?"


def test_a_long_silence_is_broken_by_the_opener_first() -> None:
    opener, other = SilenceWatch(is_opener=True), SilenceWatch(is_opener=False)
    for side in (opener, other):
        side.on_tick(0.0, is_silent=True)

    assert (opener.on_tick(8.0, is_silent=True), other.on_tick(8.0, is_silent=True)) == (True, False)


def test_one_silence_is_broken_once() -> None:
    side = SilenceWatch(is_opener=True)
    side.on_tick(0.0, is_silent=True)

    assert (side.on_tick(8.0, is_silent=True), side.on_tick(30.0, is_silent=True)) == (True, False)


def test_whoever_speaks_starts_the_clock_anew() -> None:
    side = SilenceWatch(is_opener=True)
    side.on_tick(0.0, is_silent=True)
    side.on_tick(7.9, is_silent=False)

    assert not side.on_tick(8.0, is_silent=True)


def test_the_note_to_wrap_up_leaves_the_part_as_it_was() -> None:
    before, after = find_part(PROMPT), find_part(f"{PROMPT}\n\n{build_wrap_up(2)}")

    assert before is not None
    assert after is not None
    assert (after.name, after.facts, after.seed) == (before.name, before.facts, before.seed)
    assert (before.must_wrap_up, after.must_wrap_up) == (False, True)
