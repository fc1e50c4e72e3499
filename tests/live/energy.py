"""Whether what was heard fits what was said: audio energy per side against the transcript's times."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WINDOW_S = 0.25
EDGE_S = 0.5  # jitter buffer and network move edges; they are left out on both sides of an edge


@dataclass(frozen=True)
class Span:
    """Someone spoke from `start` to `end`, in epoch seconds."""

    speaker: str
    start: float
    end: float


@dataclass(frozen=True)
class EnergySample:
    """Cumulated audio energy of one side at one time, as WebRTC statistics count it."""

    at: float
    total: float


@dataclass(frozen=True)
class SideEnergy:
    """Energy per second in windows where the side spoke and where it was silent."""

    speaking: tuple[float, ...]
    silent: tuple[float, ...]

    @property
    def threshold(self) -> float:
        """A hundredth (-20 dB) of the median of speech: soft syllables pass it, comfort noise is 30 dB below."""
        return sorted(self.speaking)[len(self.speaking) // 2] / 100

    @property
    def share_heard(self) -> float:
        """Share of speaking windows with energy."""
        return _share(value > self.threshold for value in self.speaking)

    @property
    def share_quiet(self) -> float:
        """Share of silent windows without energy."""
        return _share(value <= self.threshold for value in self.silent)


def measure(samples: Sequence[EnergySample], spans: Sequence[Span], side: str) -> SideEnergy:
    """Sort the windows of one side into speaking and silent; edges and overlaps are left out."""
    speaking: list[float] = []
    silent: list[float] = []
    for first, second in windows(samples):
        middle = (first.at + second.at) / 2
        level = max(0.0, second.total - first.total) / (second.at - first.at)
        own = any(s.start + EDGE_S <= middle <= s.end - EDGE_S for s in spans if s.speaker == side)
        near_own = any(s.start - EDGE_S <= middle <= s.end + EDGE_S for s in spans if s.speaker == side)
        near_peer = any(s.start - EDGE_S <= middle <= s.end + EDGE_S for s in spans if s.speaker != side)
        if own and not near_peer:
            speaking.append(level)
        if not near_own:
            silent.append(level)
    return SideEnergy(speaking=tuple(speaking), silent=tuple(silent))


def windows(samples: Sequence[EnergySample]) -> Iterable[tuple[EnergySample, EnergySample]]:
    """Pair samples into windows of at least WINDOW_S."""
    start = samples[0] if samples else None
    for sample in samples[1:]:
        if start is not None and sample.at - start.at >= WINDOW_S - 0.02:
            yield start, sample
            start = sample


def onset(samples: Sequence[EnergySample], threshold: float) -> float | None:
    """First time at which the energy per second passes `threshold`."""
    for first, second in itertools.pairwise(samples):
        if second.at > first.at and (second.total - first.total) / (second.at - first.at) > threshold:
            return first.at
    return None


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else 0.0
