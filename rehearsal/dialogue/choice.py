"""Choosing among ways to say a thing, by seed and persona, and saying it with hesitation."""

import re
from collections.abc import Sequence

from rehearsal.dialogue import phrases
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.moves import seeded
from rehearsal.dialogue.state import State


def choose(state: State, options: Sequence[str], place: str, *, used: int = 0) -> str:
    """Choose by seed, the next one each time the same is done."""
    options = _as_long_as(state, options)
    start = int(seeded(state, f"words:{place}") * len(options))
    return options[(start + used) % len(options)]


def _as_long_as(state: State, options: Sequence[str]) -> Sequence[str]:
    """Keep the shorter half for people of few words, the longer half for the others."""
    if len(options) < 3 or not (state.manner.is_terse or state.manner.is_talkative):
        return options
    by_length = sorted(options, key=len, reverse=state.manner.is_talkative)
    kept = by_length[: (len(options) + 1) // 2]
    return [option for option in options if option in kept]


def hesitate(state: State, act: Act, text: str) -> str:
    """Put an `uh`, or the persona's own words, before a number."""
    if act.kind not in {Kind.TELL, Kind.COUNTER, Kind.PROPOSE} or not re.search(r"\d", text):
        return text
    if text.startswith("Hm"):
        return text  # one such sound is enough
    draw = seeded(state, f"hesitate:{state.own_turns}:{act.key}")
    own = [lead for lead in state.manner.leads if not lead.startswith("Let")]
    if own and draw < 0.4:
        return f"{own[int(draw * 100) % len(own)]}, {_lowered(act, text)}"
    if not state.manner.hesitates or draw > 0.55:
        return text
    if draw < 0.25 and (inside := _BEFORE_NUMBER.sub(r"\1, uh, ", text, count=1)) != text:
        return inside
    return f"{choose(state, phrases.HESITATES, 'hesitate', used=state.own_turns)}{_lowered(act, text)}"


_BEFORE_NUMBER = re.compile(r"(\b(?:it's|is|are|at|need|do|weighs|pays|to)) (?=\d)", re.IGNORECASE)


def _lowered(act: Act, text: str) -> str:
    """Begin with a small letter, unless it is a name that begins."""
    first = text.split(maxsplit=1)[0]
    is_small = first in _NO_NAME or (act.value[:1].islower() and act.value[1:4] == text[1:4])
    return text[0].lower() + text[1:] if is_small else text


_NO_NAME = frozenset(
    re.findall(
        r"[^|]+",
        "It's|It|The|That's|For|Pickup|Delivery|About|They|You|By|After|On|Detention|Could|Can|Set|If|Right|"
        "Let's|All|Okay,|Meet|We're|Take|Then",
    )
)
