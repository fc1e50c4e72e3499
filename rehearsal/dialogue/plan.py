"""What to do next: courtesies, repair and parting first, then the business of the call. Pure.

open ─► (answer · ask · tell · propose …) ─► close ─► end_call
        not understood: asks again, a few times at most; "Wrap up now": closes;
        the other side's goodbye: closes and hangs up
"""

from rehearsal.dialogue import calling_in, reporting, selling, settling, taking
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.mannerly import in_manner
from rehearsal.dialogue.moves import Move, acknowledge, answers, ask, find_named, known_value, next_question, say
from rehearsal.dialogue.state import State

_REPEATED = frozenset(
    {
        Kind.TELL,
        Kind.PROPOSE,
        Kind.COUNTER,
        Kind.READ_BACK,
        Kind.ASK,
        Kind.CORRECT,
        Kind.REPORT,
        Kind.REQUEST,
        Kind.SETTLE,
    }
    | {Kind.DELIVER, Kind.ACCEPT, Kind.BOOKED, Kind.OFFER, Kind.DECLINE, Kind.LACK}
)
_DUTIES = frozenset({"book_load", "accept_load", "decline_load"})  # not to be forgotten over a goodbye


def next_move(state: State) -> Move:
    """Decide what this side does now."""
    for step in (_open, _part, _wrap_up, _repair):
        move = step(state)
        if move is not None:
            return move
    return in_manner(state, _business(state))


def _business(state: State) -> Move:
    if state.part.call_kind in {"", "booking"}:
        return taking.driver_move(state) if state.is_driver else selling.dispatcher_move(state)
    return calling_in.driver_move(state) if state.is_driver else settling.dispatcher_move(state)


def _open(state: State) -> Move | None:
    """Greet, and say what the call is about where one has called."""
    if state.own_turns:
        return None
    greeting = Act(Kind.GREET, flag="" if state.is_addressed and not state.part.opens_the_call else "opens")
    if state.part.call_kind not in {"", "booking"}:
        return _open_report(state, greeting)
    if not state.is_driver:
        return _open_offer(state, greeting)
    if state.is_addressed:
        rest = _business(state)
        return rest if rest.tool else Move((greeting, *(act for act in rest.acts if act.kind is not Kind.ACKNOWLEDGE)))
    question = next_question(state)
    return say(greeting, Act(Kind.REPORT, flag="questions"), *([ask(question, state)] if question else []))


def _open_offer(state: State, greeting: Act) -> Move:
    told = answers(state, leave_rate=True)
    if told:
        return say(greeting, *told)
    if not state.part.opens_the_call and state.is_addressed and not state.part.call_kind:
        first = next(iter(state.mine), None)
        if first is not None:
            return say(greeting, Act(Kind.TELL, key=first.key, value=first.value or "", flag="unasked"))
    commodity = find_named(state.mine, "commodity")
    goods = (commodity.value or "") if commodity is not None else ""
    acts = [greeting, Act(Kind.OFFER, value=goods)]
    if commodity is not None:
        acts.append(Act(Kind.TELL, key=commodity.key, value=goods, flag="offered"))
    return say(*acts)


def _open_report(state: State, greeting: Act) -> Move:
    if reporting.is_reporter(state):
        return say(greeting, Act(Kind.REPORT, key=state.part.call_kind, value=known_value(state, "reference")))
    if state.is_addressed:
        rest = _business(state)
        regret = [] if state.is_driver else [Act(Kind.APOLOGISE, key=state.part.call_kind)]
        return (
            rest
            if rest.tool
            else Move((greeting, *regret, *(act for act in rest.acts if act.kind is not Kind.ACKNOWLEDGE)))
        )
    return say(greeting, Act(Kind.WAIT, flag="listening"))


def _part(state: State) -> Move | None:
    """Take the other side's goodbye, or keep to one's own."""
    has_closed = state.own[Kind.CLOSE] > 0
    if state.has(Kind.CLOSE):
        if has_closed:
            return Move(ends_call=True)
        duty = _business(state)
        if duty.tool in _DUTIES:
            return duty
        told = [act for act in duty.acts if act.kind in {Kind.TELL, Kind.BOOKED, Kind.DECLINE, Kind.ACCEPT}][:1]
        heard = state.find(Kind.CLOSE)
        return say(*told, Act(Kind.CLOSE, key=heard.flag if heard else "", flag="answer"), ends_call=True)
    if not has_closed:
        return None
    told = answers(state, leave_rate=False)
    if told:
        return say(*told)
    is_asked_again = state.has(Kind.CLARIFY) and state.own[Kind.CLOSE] < 2
    return say(Act(Kind.CLOSE, flag="answer" if is_asked_again else "bye"), ends_call=not is_asked_again)


def _wrap_up(state: State) -> Move | None:
    if not state.part.must_wrap_up:
        return None
    duty = _business(state)
    if duty.tool in _DUTIES:
        return duty
    return say(Act(Kind.WAIT, flag=_standing(state)), Act(Kind.CLOSE, flag="wrap"))


def _standing(state: State) -> str:
    if state.is_done("book_load") or state.own[Kind.BOOKED] or state.heard[Kind.BOOKED]:
        return "standing booked"
    if state.own[Kind.DECLINE] or state.heard[Kind.DECLINE]:
        return "standing declined"
    if state.own[Kind.SETTLE] or state.heard[Kind.SETTLE]:
        return "standing settled"
    return "standing open"


def _repair(state: State) -> Move | None:
    """Say again what was not heard, ask again for what was not understood."""
    if state.has(Kind.CLARIFY) and (move := _say_again(state)) is not None:
        return move
    if state.has(Kind.HERE) and not state.has(Kind.ASK, Kind.TELL):
        return say(Act(Kind.HERE, flag="yes"), *_repeated(state)[:1])
    if not state.heard_since and state.own_turns:
        return _break_silence(state)
    if state.owed == [""] and state.clarified == 0 and not state.has(Kind.PROPOSE, Kind.COUNTER):
        return say(*acknowledge(state), Act(Kind.CLARIFY, flag="question" if state.has(Kind.TELL) else ""))
    return _take_thanks_or_ask_back(state)


def _take_thanks_or_ask_back(state: State) -> Move | None:
    is_over = bool(state.own[Kind.SETTLE] or state.own[Kind.BOOKED] or state.own[Kind.DECLINE])
    if is_over and [act.flag for act in state.fresh] == ["thanks"]:
        return say(Act(Kind.CLOSE, key="thanks", flag="answer"))  # the goodbye after it was not heard
    most = 1 if is_over else state.max_clarified
    if state.fresh or state.clarified >= most or not state.heard_since:
        return None
    return say(Act(Kind.CLARIFY, key=state.pending))


def _say_again(state: State) -> Move | None:
    if any(state.owed):
        return None  # what was asked for has not been heard yet: it is answered
    act = state.find(Kind.CLARIFY)
    topic = state.find_mine(act.key) if act is not None and act.key else None
    if topic is not None and not (topic.is_rate and state.part.call_kind):
        return say(Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="again"))
    asked = [one for one in state.last_said if one.kind is Kind.ASK and one.key]
    if act is not None and act.flag == "question" and asked:
        return say(*asked[-1:])
    again = _repeated(state) or [one for one in state.last_own if one.kind is Kind.CLARIFY]
    return say(*again) if again else None


def _repeated(state: State) -> list[Act]:
    last = [act for act in state.last_said if _can_repeat(act)][-2:]
    return [
        Act(act.kind, act.key, act.value, act.amount, "again" if act.kind is Kind.TELL else act.flag) for act in last
    ]


def _can_repeat(act: Act) -> bool:
    return act.kind in _REPEATED and act.flag != "offered" and (act.kind is not Kind.ASK or bool(act.key))


def _break_silence(state: State) -> Move | None:
    """Speak although nobody answered: after a tool, or because the line is silent."""
    if not state.part.is_line_silent:
        return None
    return say(Act(Kind.HERE, flag="ask"), *_repeated(state)[-1:])
