"""The yardstick itself: it must tell speech from silence, and a silent side from a speaking one."""

from tests.live.energy import EnergySample, Span, measure, onset

SPANS = [Span("dispatcher", 1.0, 5.0), Span("driver", 6.0, 10.0)]


def samples(spans: list[Span], side: str) -> list[EnergySample]:
    total, out = 0.0, []
    for step in range(240):
        at = step * 0.05
        out.append(EnergySample(at, total))
        total += 0.01 * any(s.start <= at < s.end for s in spans if s.speaker == side)
    return out


def test_a_side_that_speaks_in_its_turns_is_heard_there_and_quiet_elsewhere() -> None:
    result = measure(samples(SPANS, "driver"), SPANS, "driver")

    assert len(result.speaking) >= 10
    assert (result.share_heard, result.share_quiet) == (1.0, 1.0)


def test_sound_in_the_peers_turns_is_not_taken_for_silence() -> None:
    swapped = samples([Span("driver", 1.0, 10.0)], "driver")

    result = measure(swapped, SPANS, "driver")

    assert result.share_quiet < 0.6


def test_a_silent_publisher_is_not_heard() -> None:
    result = measure(samples([], "driver"), SPANS, "driver")

    assert result.share_heard == 0.0


def test_the_onset_is_where_energy_first_rises() -> None:
    found = onset(samples(SPANS, "driver"), threshold=0.01)

    assert found is not None
    assert abs(found - 6.0) <= 0.1
