"""A trigram language model with Witten-Bell smoothing, written in the ARPA format.

P(w | h) = (count(h w) + kinds(h) P(w | shorter h)) / (count(h) + kinds(h)), where kinds(h) is how many different
words followed h (Witten and Bell 1991). What a history has not seen gets kinds(h) / (count(h) + kinds(h)), its back-
off weight.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

_ORDER = 3
_START, _END = "<s>", "</s>"
_NEVER = -99.0  # ARPA's logarithm of nothing

History = tuple[str, ...]


class NgramCounts:
    """How often each word followed each history of up to two words."""

    def __init__(self) -> None:
        self.by_history: dict[History, dict[str, float]] = defaultdict(dict)

    def add(self, sentences: Iterable[Sequence[str]], weight: float) -> None:
        """Count sentences, each by this weight."""
        seen: Counter[History] = Counter()  # counts in C: there are half a million to begin with
        for words in sentences:
            tokens = (_START, *words, _END)
            seen.update(zip(tokens[1:]))  # nothing comes before the start
            for order in range(2, _ORDER + 1):
                seen.update(zip(*(tokens[place:] for place in range(order)), strict=False))
        for (*history, word), times in seen.items():
            after = self.by_history[tuple(history)]
            after[word] = after.get(word, 0.0) + times * weight

    def add_word(self, word: str, weight: float) -> None:
        """Count a word that may turn up anywhere."""
        after = self.by_history[()]
        after[word] = after.get(word, 0.0) + weight

    def copy(self) -> "NgramCounts":
        """Give counts that grow apart from these."""
        twin = NgramCounts()
        twin.by_history.update((history, dict(after)) for history, after in self.by_history.items())
        return twin

    @property
    def words(self) -> list[str]:
        """Every word counted, in order of appearance."""
        return [word for word in self.by_history[()] if word != _END]

    @property
    def total(self) -> float:
        """How many words were counted."""
        return sum(self.by_history[()].values())


def arpa_lines(counts: NgramCounts) -> Iterator[str]:
    """Write the model of some counts."""
    model = _Model(counts)
    levels = [list(model.level(order)) for order in range(1, _ORDER + 1)]
    yield "\\data\\"
    yield from (f"ngram {order}={len(lines)}" for order, lines in enumerate(levels, start=1))
    for order, lines in enumerate(levels, start=1):
        yield f"\n\\{order}-grams:"
        yield from lines
    yield "\n\\end\\"


class _Model:
    def __init__(self, counts: NgramCounts) -> None:
        self._counts = counts.by_history
        self._vocabulary = len(self._counts[()]) + 1
        self._known: dict[History, dict[str, float]] = {}
        for history in sorted(self._counts, key=len):
            self._known[history] = self._smoothed(history)

    def level(self, order: int) -> Iterator[str]:
        """Give the lines of one order."""
        if order == 1:
            yield self._line((_START,), _NEVER, order)
        for history, after in self._known.items():
            if len(history) == order - 1:
                yield from (self._line((*history, word), math.log10(p), order) for word, p in after.items())

    def _smoothed(self, history: History) -> dict[str, float]:
        after = self._counts[history]
        count, kinds = sum(after.values()), len(after)
        if not history:
            return {word: (n + 1 / self._vocabulary) / (count + 1) for word, n in after.items()}
        shorter = self._known[history[1:]]
        return {word: (n + kinds * shorter[word]) / (count + kinds) for word, n in after.items()}

    def _back_off(self, history: History) -> float:
        after = self._counts.get(history)
        if not after:
            return 0.0
        return math.log10(len(after) / (sum(after.values()) + len(after)))

    def _line(self, words: Iterable[str], probability: float, order: int) -> str:
        words = tuple(words)
        back_off = f" {self._back_off(words):.4f}" if order < _ORDER else ""
        return f"{probability:.4f} {' '.join(words)}{back_off}"
