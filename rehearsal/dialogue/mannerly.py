"""What a persona makes of a move: small words left out, a remark, a number repeated wrong, a wrong one mended."""

from dataclasses import replace

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.mix_ups import slipped
from rehearsal.dialogue.moves import Move, chance, numbers_differ
from rehearsal.dialogue.numbers import find_numbers, units_of
from rehearsal.dialogue.phrases import REMARKS, REMARKS_REPORT
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, is_named, with_unit
from rehearsal.dialogue.words import words_of

_MAX_MENDED = 3
_MOST_REMARKS = 3
_SMALL_WORDS = {"told", "noted"}


def in_manner(state: State, move: Move) -> Move:
    """Give the move as this persona makes it."""
    if not move.acts or move.ends_call:
        return move
    acts = _remark(state, _thin_out(state, _slip(state, list(move.acts))))
    return replace(move, acts=tuple(_mend_echo(state, acts)))


def _thin_out(state: State, acts: list[Act]) -> list[Act]:
    """Leave out most of the small words before an answer: nobody says okay, thanks, no."""
    is_answering = any(act.kind in {Kind.TELL, Kind.LACK} for act in acts)
    share = 0.1 if is_answering else 0.9 - 0.4 * state.manner.is_terse
    kept = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE or _is_kept(state, act, share, is_answering)]
    return kept or acts


def _is_kept(state: State, act: Act, share: float, is_answering: bool) -> bool:
    if act.flag in _SMALL_WORDS:
        return chance(state, "small word") < share
    return act.flag != "echo" or not is_answering or chance(state, "echo kept") < 0.4 * state.manner.care


def _slip(state: State, acts: list[Act]) -> list[Act]:
    """Let somebody who mishears numbers repeat a wrong one, once in a call."""
    is_over = state.heard[Kind.SETTLE] or state.heard[Kind.BOOKED] or state.own[Kind.ACCEPT]
    is_checked = any(act.kind is Kind.ASK for act in acts) and not is_over  # the other side will answer
    if not state.manner.mishears or not is_checked or "acknowledge:slip" in state.flags or chance(state, "slip") > 0.5:
        return acts
    return [_slipped(act) if act.kind is Kind.ACKNOWLEDGE and act.flag == "echo" else act for act in acts]


def _slipped(act: Act) -> Act:
    number = next((word for word in act.value.split() if word[0].isdigit()), "")
    if not number or ":" in number or "minus" in act.value or len(find_numbers(words_of(act.value))) != 1:
        return act
    return replace(act, value=act.value.replace(number, slipped(number.rstrip(",.")), 1), flag="slip")


def _remark(state: State, acts: list[Act]) -> list[Act]:
    """Let a talkative person say something about what was told."""
    told = next((act for act in state.fresh if act.kind is Kind.TELL), None)
    made = sum(flag.startswith("remark on") for flag in state.flags)
    if (
        told is None
        or made > _MOST_REMARKS
        or not state.manner.is_talkative
        or chance(state, "remark") > state.manner.talk
    ):
        return acts
    name = _remarkable(state, told)
    is_busy = any(act.kind in {Kind.CLOSE, Kind.TELL, Kind.LACK} for act in acts)  # an answer comes first
    if not name or is_busy or f"remark on {name}" in state.flags:
        return acts
    small = [act for act in acts if act.kind is Kind.ACKNOWLEDGE]
    rest = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE]
    return [*small, Act(Kind.ACKNOWLEDGE, key=name, flag="remark"), *rest]


def _remarkable(state: State, told: Act) -> str:
    topic = next((topic for topic in state.theirs if topic.key == told.key), Topic(told.key))
    known = REMARKS_REPORT if topic.is_report else REMARKS
    return next((name for name in known if is_named(topic, name)), "")


def _mend_echo(state: State, acts: list[Act]) -> list[Act]:
    """Correct a number that came back wrong, and thank for being corrected."""
    echo = next((act for act in state.fresh if act.kind is Kind.ACKNOWLEDGE and act.flag == "echo"), None)
    has_more = any(act.kind in {Kind.SETTLE, Kind.PROPOSE} for act in state.last_own)
    told = [act for act in state.last_own if act.kind in {Kind.TELL, Kind.CORRECT}]
    tells = [] if has_more else [act for act in told if find_numbers(words_of(act.value))]
    if echo is not None and tells and state.own[Kind.CORRECT] <= _MAX_MENDED and _is_wrong(echo, tells):
        right = next((act for act in tells if _is_of_one_kind(state, act, echo)), tells[-1])
        rest = [act for act in acts if act.kind not in {Kind.ACKNOWLEDGE, Kind.CORRECT} and act.key != right.key]
        return [Act(Kind.CORRECT, key=right.key, value=right.value), *rest]
    return _thank(state, acts)


def _is_of_one_kind(state: State, told: Act, echo: Act) -> bool:
    """Tell whether what was told is counted in what the echo is."""
    topic = state.find_mine(told.key)
    told_in = words_of(with_unit(topic, told.value)) if topic is not None else ()
    return not units_of(words_of(echo.value)).isdisjoint(told_in)


def _is_wrong(echo: Act, tells: list[Act]) -> bool:
    return all(numbers_differ(told.value, echo.value) for told in tells)


def _thank(state: State, acts: list[Act]) -> list[Act]:
    echo = next((act for act in state.last_own if act.flag in {"echo", "slip"}), None)
    if echo is None or not state.has(Kind.CORRECT):
        return acts
    mended = next((act for act in state.fresh if act.kind is Kind.TELL and act.key == echo.key), None)
    if mended is None:
        return acts
    rest = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE]
    return [Act(Kind.ACKNOWLEDGE, key=mended.key, value=mended.value, flag="mended"), *rest]
