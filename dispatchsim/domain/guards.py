"""Guards of a call between two models: rules over its last turns that notice when it goes wrong. Pure.

goodbye_loop   six farewells in a row            ─► the call ends
echo_loop      one side's last three turns repeat the other's ─► the call ends
dead_air       a long silence                    ─► an agent speaks again, or the call ends (domain.watch)
nobody_opened  the opener said nothing           ─► the other one opens, or the call ends (domain.watch)
both_greeted   both began within a second or two ─► the opener goes on, the other one listens
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from dispatchsim.domain.conversation import EndReason, Role

LOOK_BACK = 8  # turns that the loops are looked for in
LOOP_FAREWELLS = 6  # people say it two to four times
FAREWELL_WORDS = 16  # who says more than that still has something to tell
LOOP_ECHOES = 3  # a read-back or two are good manners
ECHO_WORDS = 4  # "okay, sounds good" is no echo
ECHO_LIKENESS = 0.85  # of the words, in order
LONG_SILENCE_S = 7.0  # what an agent breaks by itself; a response takes 1 to 3 s
TOGETHER_S = 1.5  # nobody hears the other one's onset sooner


class Guard(StrEnum):
    """What is watched for."""

    DEAD_AIR = "dead_air"
    GOODBYE_LOOP = "goodbye_loop"
    ECHO_LOOP = "echo_loop"
    BOTH_GREETED = "both_greeted"
    NOBODY_OPENED = "nobody_opened"

    @property
    def label(self) -> str:
        """A few words for people about what was noticed."""
        return _LABELS[self]

    @property
    def recovery(self) -> str:
        """One sentence for people about how the call went on."""
        return _RECOVERIES[self]


class Outcome(StrEnum):
    """What became of a call when a guard acted."""

    ENDED = "ended"
    RECOVERED = "recovered"


_LABELS = {
    Guard.DEAD_AIR: "Both fell silent",
    Guard.GOODBYE_LOOP: "Goodbyes without end",
    Guard.ECHO_LOOP: "One repeated the other",
    Guard.BOTH_GREETED: "Both began at once",
    Guard.NOBODY_OPENED: "The opener was silent",
}
_RECOVERIES = {
    Guard.GOODBYE_LOOP: "Both sides kept saying goodbye; one of them went on.",
    Guard.ECHO_LOOP: "One side kept repeating the other; it went on.",
    Guard.DEAD_AIR: "Both sides fell silent; one of them spoke again.",
    Guard.BOTH_GREETED: "Both sides began at once; one of them gave way.",
    Guard.NOBODY_OPENED: "The side that should have opened the call was silent; the other one began.",
}
_BY_REASON = {
    EndReason.DEAD_AIR: Guard.DEAD_AIR,
    EndReason.GOODBYE_LOOP: Guard.GOODBYE_LOOP,
    EndReason.ECHO_LOOP: Guard.ECHO_LOOP,
    EndReason.NOBODY_SPOKE: Guard.NOBODY_OPENED,
}
_WORD = re.compile(r"[\w']+")
_FAREWELL = re.compile(
    r"\b(good ?bye|bye|talk (to you )?(soon|later)|see you|take care|so long|farewell"
    r"|have a (good|great|nice|safe) \w+|drive safe(ly)?|safe travels)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SpokenTurn:
    """A finished turn; times are seconds since the floor opened."""

    speaker: Role
    text: str
    start_s: float = 0.0
    end_s: float = 0.0
    interrupted: bool = False


def find_guard(reason: EndReason) -> Guard | None:
    """Give the guard that ends calls for this reason."""
    return _BY_REASON.get(reason)


def find_loop(turns: Sequence[SpokenTurn]) -> EndReason | None:
    """Tell whether the last turns of a call go round in circles."""
    said = [turn for turn in turns if _words(turn.text)][-LOOK_BACK:]
    if _is_goodbye_loop(said[-LOOP_FAREWELLS:]):
        return EndReason.GOODBYE_LOOP
    if any(_is_parrot(said, role) for role in Role):
        return EndReason.ECHO_LOOP
    return None


def find_recovery(turns: Sequence[SpokenTurn], *, index: int, opener: Role) -> Guard | None:
    """Tell what went wrong before the turn at `index`, which was spoken all the same."""
    turn, before = turns[index], turns[:index]
    if not before:
        is_late = turn.speaker is not opener and turn.start_s >= TOGETHER_S
        return Guard.NOBODY_OPENED if is_late else None
    if turn.start_s - max(earlier.end_s for earlier in before) >= LONG_SILENCE_S:
        return Guard.DEAD_AIR
    return Guard.BOTH_GREETED if not turn.interrupted and have_both_greeted(before) else None


def have_both_greeted(turns: Sequence[SpokenTurn]) -> bool:
    """Tell whether the first words of both sides fell together."""
    if len(turns) < 2 or turns[0].speaker is turns[1].speaker:
        return False
    return turns[1].start_s < turns[0].end_s and turns[1].start_s - turns[0].start_s < TOGETHER_S


def is_farewell(text: str) -> bool:
    """Tell whether a turn does little but say goodbye."""
    return "?" not in text and len(_words(text)) <= FAREWELL_WORDS and _FAREWELL.search(text) is not None


def says_farewell(text: str) -> bool:
    """Tell whether a turn says goodbye, whatever else it says."""
    return _FAREWELL.search(text) is not None


def is_echo(text: str, *, of: str) -> bool:
    """Tell whether a turn repeats another one nearly word for word."""
    said, heard = _words(text), _words(of)
    if min(len(said), len(heard)) < ECHO_WORDS:
        return False
    return SequenceMatcher(None, said, heard, autojunk=False).ratio() >= ECHO_LIKENESS


def _is_goodbye_loop(last: Sequence[SpokenTurn]) -> bool:
    is_long = len(last) == LOOP_FAREWELLS and len({turn.speaker for turn in last}) == len(Role)
    return is_long and all(is_farewell(turn.text) for turn in last)


def _is_parrot(turns: Sequence[SpokenTurn], role: Role) -> bool:
    own = [index for index, turn in enumerate(turns) if turn.speaker is role][-LOOP_ECHOES:]
    return len(own) == LOOP_ECHOES and all(
        index > 0 and turns[index - 1].speaker is not role and is_echo(turns[index].text, of=turns[index - 1].text)
        for index in own
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
