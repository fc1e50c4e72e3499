"""The language model of one session: the grammar of freight calls, and above it what the session was told."""

import hashlib
import random
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from rehearsal.hearing.corpus import read_session
from rehearsal.hearing.grammar import Grammar, load_grammar
from rehearsal.hearing.lexicon import dictionary_lines, ways_to_say
from rehearsal.hearing.ngrams import NgramCounts, arpa_lines

_FILLS = 16  # of each template
_ALONE = 0.6  # share of sentences that are a whole turn
_SESSION_FILLS = 8
_SESSION_SHARE = 0.5  # weight of what the session was told, relative to the grammar's
_PROSE_SHARE = 0.08
_COMMON_COUNT = 0.5  # of a word that may turn up anywhere
_CLASS = re.compile(r"\[(\w+)\]")
_MARK = "@"  # between a member and its class: `fort_smith@city`
_KEPT_MODELS = 32


@dataclass(frozen=True)
class LanguageModel:
    """What the decoder loads, as text."""

    digest: str
    arpa: str
    dictionary: str
    classes: str
    class_names: tuple[str, ...]


@lru_cache(maxsize=_KEPT_MODELS)
def build_language(told: str) -> LanguageModel:
    """Build the model of a session that was told this; the same text gives the same model."""
    counts = _general_counts().copy()
    grammar, session = load_grammar(), read_session(told)
    _add(counts, list(session.sentences(grammar, fills=_SESSION_FILLS)), share=_SESSION_SHARE)
    _add(counts, list(session.prose), share=_PROSE_SHARE)
    used = [match[1] for word in counts.words if (match := _CLASS.fullmatch(word))]
    entries = {word: word for word in counts.words if not _CLASS.fullmatch(word)}
    entries |= {_entry(member, name): member for name in used for member in grammar.classes[name]}
    dictionary = "\n".join(dictionary_lines(entries))
    arpa, classes = "\n".join(arpa_lines(counts)), "\n".join(_class_lines(grammar, used))
    return LanguageModel(
        hashlib.sha256(told.encode("utf-8", "replace")).hexdigest(), arpa, dictionary, classes, tuple(used)
    )


def plain_word(entry: str) -> str:
    """Give what was said for a name in the decoder's dictionary."""
    return entry.partition("(")[0].partition(_MARK)[0].replace("_", " ")


@cache
def _general_counts() -> NgramCounts:
    """Count the grammar alone, once per process."""
    counts, grammar = NgramCounts(), load_grammar()
    filled = [sentence.split() for template in grammar.sentences for sentence in grammar.fill(template, _FILLS)]
    follows = list(filled)
    random.Random("turns").shuffle(follows)  # noqa: S311  (not for secrets: it has to repeat)
    counts.add(filled, _ALONE)
    # Nobody says a full stop.
    counts.add((one + after for one, after in zip(filled, follows, strict=True)), 1 - _ALONE)
    for word in grammar.common:
        counts.add_word(word, _COMMON_COUNT)
    return counts


def _add(counts: NgramCounts, sentences: list[str], *, share: float) -> None:
    """Count sentences so that all of them weigh a share of what the grammar does."""
    words = [[word for word in sentence.split() if _can_say(word)] for sentence in sentences]
    size = sum(map(len, words))
    weight = share * _general_counts().total / size if size else 0.0
    counts.add(words, weight)


def _can_say(word: str) -> bool:
    return _CLASS.fullmatch(word) is not None or bool(ways_to_say(word))


def _entry(member: str, class_name: str) -> str:
    return f"{member.replace(' ', '_')}{_MARK}{class_name}"


def _class_lines(grammar: Grammar, names: list[str]) -> list[str]:
    lines: list[str] = []
    for name in names:
        members = [member for member in grammar.classes[name] if ways_to_say(member)]
        lines.append(f"LMCLASS [{name}]")
        lines += [f"{_entry(member, name)} {1 / len(members):.6f}" for member in members]
        lines.append(f"END [{name}]")
    return lines
