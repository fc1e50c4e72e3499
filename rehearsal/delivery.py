"""How a persona takes and holds the floor, from the words of its character: pauses, hesitation, listening, cutting in.

OpenAI's model reads the same words and makes of them what it can. Pure; the same seed gives the same manner.
"""

import hashlib
import re
from dataclasses import dataclass, field

from rehearsal.part import find_character

_NEGATIONS = re.compile(r"\b(?:not|never|no|nobody|without)\b")
_REACH = 3  # words that a negation reaches
_THINKS = (
    r"slowly|slow|think(?:s|ing)? (?:out loud|before)|in no hurry|takes? (?:your|their) time|unhurried|ponder\w*|"
    r"tired|weary|sleepy|exhausted|worn out|drawl\w*"
)
_HASTENS = (
    r"quick(?:ly)?|fast|no time|half sentences|few words|hurr(?:y|ied)|impatient|no patience|rush(?:ed|es)?|"
    r"hates? (?:waiting|to wait)|can't (?:wait|stand waiting)|brisk(?:ly)?|blunt"
)
_HESITATES = r"nervous|hesita\w+|unsure|stumbl\w+|thinks? out loud|before a number|mix(?:es)? up|shy"
_LISTENS = r"mm-?hm|uh-?huh|mhm|listening sounds|nods? along"
_CUTS_IN = r"cuts? (?:in|people off|others off)|interrupts?|talks? over (?:people|others|everybody)"

_ANSWER_PAUSE_S = (0.35, 0.8)  # of somebody who thinks first
_BREATHS_S = {"thinks": 0.32, "plain": 0.22, "hastens": 0.12}  # between sentences; all shorter than the end of a turn
_HESITATION = 0.4  # share of the numbers before which somebody unsure waits
_BACKCHANNEL = 0.7  # share of the long turns in which somebody who listens is heard
_BACKCHANNEL_AFTER_S = (2.6, 4.2)
_CUT_IN_AFTER_S = (3.8, 5.5)
_CUT_IN = 0.8  # share of the turns of that length
BACKCHANNELS = ("Mm-hm.", "Uh-huh.", "Right.", "I see.")  # well under a second in each voice


@dataclass(frozen=True)
class Delivery:
    """Habits of one persona; the plain ones where its character says nothing."""

    thinks: bool = False
    hastens: bool = False
    hesitates: bool = False
    listens: bool = False
    cuts_in: bool = False
    seed: str = field(default="", repr=False)

    @property
    def breath_s(self) -> float:
        """Silence between two sentences."""
        if self.thinks == self.hastens:
            return _BREATHS_S["plain"]
        return _BREATHS_S["thinks" if self.thinks else "hastens"]

    def answer_pause_s(self, turn: int) -> float:
        """Silence before an answer, beside the time that the ears need."""
        if not self.thinks or self.hastens:
            return 0.0
        return self._between(_ANSWER_PAUSE_S, "answer", turn)

    def with_hesitation(self, sentence: str) -> str:
        """Give a sentence as it is spoken: somebody unsure stops for a moment before a number."""
        if not self.hesitates or self._chance("hesitation", sentence) >= _HESITATION:
            return sentence
        return re.sub(r"(?<=[a-z]) (?=\$?\d)", ", ", sentence, count=1)

    def backchannel_after_s(self, turn: int) -> float | None:
        """Seconds into a turn of the other side after which this one is heard to listen; None: not in this turn."""
        if not self.listens or self._chance("listens", turn) >= _BACKCHANNEL:
            return None
        return self._between(_BACKCHANNEL_AFTER_S, "backchannel", turn)

    def backchannel(self, turn: int) -> str:
        """Choose what it says then."""
        return BACKCHANNELS[int(self._chance("word", turn) * len(BACKCHANNELS))]

    def cuts_in_after_s(self, turn: int) -> float | None:
        """Seconds into a turn of the other side after which this one takes the floor; None: it waits."""
        if not self.cuts_in or self._chance("cuts in", turn) >= _CUT_IN:
            return None
        return self._between(_CUT_IN_AFTER_S, "cut", turn)

    def _between(self, bounds: tuple[float, float], *key: object) -> float:
        low, high = bounds
        return low + (high - low) * self._chance(*key)

    def _chance(self, *key: object) -> float:
        """Give a number from 0 to 1 that the seed and the place decide."""
        digest = hashlib.sha256(repr((self.seed, *key)).encode("utf-8", "replace")).digest()
        return int.from_bytes(digest[:6], "big") / 2**48


def read_delivery(instructions: str, *, seed: str = "") -> Delivery:
    """Read the habits from a session's instructions, which are a part of the seed."""
    told = hashlib.sha256(f"{seed}\n{instructions}".encode("utf-8", "replace")).hexdigest()
    return find_delivery(find_character(instructions), seed=told)


def find_delivery(character: str, *, seed: str = "") -> Delivery:
    """Read the habits; what is negated counts for nothing."""
    text = " ".join(character.lower().split())
    return Delivery(
        thinks=_says(text, _THINKS),
        hastens=_says(text, _HASTENS),
        hesitates=_says(text, _HESITATES),
        listens=_says(text, _LISTENS),
        cuts_in=_says(text, _CUTS_IN),
        seed=seed,
    )


def _says(text: str, habit: str) -> bool:
    return any(not _is_negated(text, match) for match in re.finditer(rf"\b(?:{habit})\b", text))


def _is_negated(text: str, match: "re.Match[str]") -> bool:
    if _NEGATIONS.match(match[0].split()[0]) or match[0].startswith(("in no", "no ")):
        return False  # a habit of its own, as "in no hurry"
    clause = re.split(r"[.,;:!?]", text[: match.start()])[-1]
    return _NEGATIONS.search(" ".join(clause.split()[-_REACH:])) is not None
