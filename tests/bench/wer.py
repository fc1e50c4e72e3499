"""Word error rates of the rehearsal's ears, without a room: `python -m tests.bench.wer`.

Voices speak, Opus carries, the recogniser hears 100 ms at a time. Apart: what the listener has in its prompt, and
what only the speaker knows; rehearsed sentences, and free ones that no data file has. A number is right when all of
it is.
"""

import argparse
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from dispatchsim.domain.hearing import Share, count_word_errors, find_figures
from dispatchsim.domain.line import LineQuality
from rehearsal.audio import duration_ms
from rehearsal.hearing.corpus import words_of
from rehearsal.hearing.recogniser import Recogniser
from rehearsal.voice import VOICE_NAMES
from tests.bench import calls
from tests.bench.telephone import say

CHUNK_BYTES = 4800


@dataclass
class Score:
    """What came of some sentences."""

    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    audio_s: float = 0.0
    finish_s: list[float] = field(default_factory=list)

    @property
    def word_error_rate(self) -> float:
        """Words wrong, missing or too many, by words said."""
        pairs = zip(self.said, self.heard, strict=True)
        return sum((count_word_errors(said, heard) for said, heard in pairs), Share()).rate or 0.0

    @property
    def numbers(self) -> tuple[int, int]:
        """Numbers that were not heard as said, and all of them."""
        pairs = [(_values(said), _values(heard)) for said, heard in zip(self.said, self.heard, strict=True)]
        wrong = sum(sum(value not in heard for value in said) for said, heard in pairs)
        return wrong, sum(len(said) for said, _ in pairs)

    def add(self, other: "Score") -> None:
        """Take in another score."""
        self.said += other.said
        self.heard += other.heard
        self.cpu_s += other.cpu_s
        self.audio_s += other.audio_s
        self.finish_s += other.finish_s


def hear(told: str, texts: Iterable[str], voice_name: str, line: LineQuality = LineQuality.CLEAR) -> Score:
    """Let one session hear some turns of one voice, one after the other."""
    score, recogniser = Score(), Recogniser(told)
    for text in texts:
        pcm = say(text, voice_name, line)
        started = time.process_time()
        for start in range(0, len(pcm), CHUNK_BYTES):
            recogniser.feed(pcm[start : start + CHUNK_BYTES])
        ended = time.process_time()
        heard = recogniser.finish()
        score.finish_s.append(time.process_time() - ended)
        score.cpu_s += time.process_time() - started
        score.audio_s += duration_ms(pcm) / 1000
        score.said.append(words_of(text))
        score.heard.append(heard.text)
    return score


def _values(text: str) -> list[float]:
    return [figure.value for figure in find_figures(text)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wer", description="Print word error rates.")
    parser.add_argument("--voices", default=",".join(VOICE_NAMES))
    parser.add_argument("--line", type=LineQuality, choices=list(LineQuality), default=LineQuality.CLEAR)
    parser.add_argument("--show", action="store_true", help="print what was misheard")
    options = parser.parse_args()
    everything = Score()
    for name, parts in calls.kinds().items():
        total = Score()
        rates = {}
        for voice_name in options.voices.split(","):
            ours = Score()
            for told, texts in parts:
                ours.add(hear(told, texts, voice_name, options.line))
            rates[voice_name] = ours.word_error_rate
            total.add(ours)
        report(name, total, rates)
        everything.add(total)
        if options.show:
            show(total)
    report("all", everything, {})


def report(name: str, score: Score, rates: dict[str, float]) -> None:
    """Print one line, and the voices."""
    wrong, numbers = score.numbers
    slow_ms = 1000 * statistics.median(score.finish_s)
    print(  # noqa: T201  (printing is its job)
        f"{name:<34} WER {score.word_error_rate:.3f}   numbers wrong {wrong}/{numbers} ({wrong / max(numbers, 1):.3f})"
        f"   cores while speaking {score.cpu_s / score.audio_s:.3f}   ms after the end {slow_ms:.0f}"
        f" (at most {1000 * max(score.finish_s):.0f})\n    "
        + "  ".join(f"{voice_name} {rate:.3f}" for voice_name, rate in rates.items()),
        flush=True,
    )


def show(score: Score) -> None:
    """Print each sentence that was misheard."""
    for said, heard in zip(score.said, score.heard, strict=True):
        if said != heard:
            print(f"    said  {said}\n    heard {heard}")  # noqa: T201  (printing is its job)


if __name__ == "__main__":
    main()
