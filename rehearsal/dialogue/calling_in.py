"""A driver tells what happened and what is wanted, or finds out; says whether it can be done."""

import re

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.fitness import says_no
from rehearsal.dialogue.moves import (
    Move,
    acknowledge,
    answers,
    ask,
    ask_openly,
    askable,
    chance,
    known_value,
    next_question,
    say,
    use_tool,
)
from rehearsal.dialogue.numbers import values_of
from rehearsal.dialogue.reporting import (
    PAPERS,
    build_request,
    is_new_time,
    is_reporter,
    untold_facts,
    wishes_something,
)
from rehearsal.dialogue.state import State, Use
from rehearsal.dialogue.topics import Topic
from rehearsal.strict import Json

_CHECK = "check_position_and_arrival"
_IN_NEED = frozenset({"breakdown", "reefer_alarm", "double_brokering", "bad_address", "lumper"})


STATUS = {
    "late": "late",
    "detention": "waiting",
    "appointment": "on the way",
    "bad_address": "wrong address",
    "lumper": "paid a lumper",
    "weather": "held up by weather",
    "reefer_alarm": "reefer alarm",
    "breakdown": "broken down",
    "double_brokering": "on hold",
}


def driver_move(state: State) -> Move:
    """Tell what happened and what is wanted, or find out; say whether it can be done."""
    if (move := _papers(state)) is not None:
        return move
    if state.has(Kind.TELL) and (move := _check_new_time(state)) is not None:
        return move
    told = answers(state, leave_rate=False)
    acts = [*acknowledge(state), *told]
    is_wrong = state.has(Kind.CORRECT) and state.own[Kind.READ_BACK] < 3
    if (_is_remedy_heard(state) and not state.own[Kind.READ_BACK]) or (state.own[Kind.READ_BACK] and is_wrong):
        return _repeat_back(state, told)
    if state.heard[Kind.SETTLE]:
        return _finish(state, acts)
    return _tell_on_driver(state, acts, told) if is_reporter(state) else _find_out(state, acts, told)


def _finish(state: State, acts: list[Act]) -> Move:
    """Ask what is still open once it is settled, then part."""
    wanted = {fact.key for fact in state.part.finds_out}
    news = [
        act
        for act in state.fresh
        if act.kind is Kind.TELL and (act.key in wanted or is_new_time(act.key)) and act.value != state.repeated
    ]
    is_other = bool(news) and (not state.repeated or values_of(news[-1].value) != values_of(state.repeated))
    echo = [Act(Kind.READ_BACK, key=act.key, value=act.value) for act in news[-1:] if is_other]
    question = next_question(state)
    acts = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE or act.value != state.repeated]
    if question is not None and not state.has(Kind.CLOSE):
        return say(*(echo or acts or [Act(Kind.ACKNOWLEDGE, flag="noted")]), ask(question, state))
    if not state.has(Kind.CLOSE) and (openly := ask_openly(state)):
        return _put_on_record(state) or say(*(echo or acts or [Act(Kind.ACKNOWLEDGE, flag="noted")]), *openly)
    told = [act for act in acts if act.kind is Kind.TELL][:1]
    nothing = [Act(Kind.CONFIRM, flag="nothing")] if state.has(Kind.WAIT) else []
    return _put_on_record(state) or say(*echo, *told, *nothing, Act(Kind.CLOSE))


def _is_remedy_heard(state: State) -> bool:
    """Tell whether what was asked for in this call has been told."""
    wanted = [fact.key for fact in state.part.finds_out]
    return (
        is_reporter(state) and bool(wanted) and any(act.kind is Kind.TELL and act.key in wanted for act in state.fresh)
    )


def _repeat_back(state: State, told: list[Act]) -> Move:
    wanted = [fact.key for fact in state.part.finds_out if fact.key in state.learned]
    key = wanted[-1] if wanted else ""
    value = state.learned.get(key, "")
    stop = _stop_of(key) if is_new_time(key) else ""
    flag = "can" if stop and not _is_too_late(state, stop, value) else ""
    question = next_question(state) if not told and chance(state, "ask on") < 0.6 else None
    more = [ask(question, state)] if question is not None else []
    return say(*told, Act(Kind.READ_BACK, key=key, value=value, flag=flag), *more)


def _stop_of(key: str) -> str:
    return next((stop for stop in ("pickup", "delivery") if stop in key.lower()), "")


def _check_new_time(state: State) -> Move | None:
    for act in state.fresh:
        stop = _stop_of(act.key) if act.kind is Kind.TELL else ""
        if stop and is_new_time(act.key) and not _checks_of(state, stop, act.value):
            return use_tool(state, _CHECK, _time_at(stop, act.value))
    return None


def _time_at(stop: str, new: str) -> Json:
    """Say what is to be checked: the time that was offered, or the appointment as it stands."""
    return {"stop": stop, "window": new} if new else {"stop": stop}


def _checks_of(state: State, stop: str, new: str) -> list[Use]:
    """Give the checks of a time at a stop, whatever the words that it was told in."""
    checks = [use for use in state.uses if use.name == _CHECK and use.arguments.get("stop") == stop]
    return [use for use in checks if _is_same_time(str(use.arguments.get("window", "")), new)]


def _is_same_time(one: str, other: str) -> bool:
    return bool(one) == bool(other) and values_of(one) == values_of(other)


def _is_too_late(state: State, stop: str, new: str) -> bool:
    """Tell whether the last check of this very time came out badly."""
    return any(says_no(use) for use in _checks_of(state, stop, new)[-1:])


def _papers(state: State) -> Move | None:
    wanted = next((act for act in state.fresh if act.kind is Kind.REQUEST and act.key == "papers"), None)
    if wanted is None:
        return None
    paper = re.sub(r"^an? ", "", PAPERS.get(state.part.call_kind, "paperwork"))
    move = use_tool(state, "send_papers", {"kind": paper})
    if move is not None:
        return move
    return say(Act(Kind.DELIVER, key="papers", value=paper))


def _put_on_record(state: State) -> Move | None:
    """Put the status on record, once it has been told."""
    if state.find_use("report_status"):
        return None
    kind = state.part.call_kind
    facts = {**{fact.key: fact.value or "" for fact in state.part.knows}, **state.learned}
    detail = "; ".join(f"{key}: {value}" for key, value in facts.items())[:200]
    return use_tool(state, "report_status", {"status": STATUS.get(kind, kind.replace("_", " ")), "detail": detail})


def _tell_on_driver(state: State, acts: list[Act], told: list[Act]) -> Move:
    untold = untold_facts(state, told)
    if not untold and (move := _put_on_record(state)) is not None:
        return move
    if told:
        return _answer_and_go_on(state, acts, told, is_all=not untold)
    if untold and not state.pending:
        return say(*acts, Act(Kind.TELL, key=untold[0].key, value=untold[0].value or "", flag="unasked"))
    if wishes_something(state):
        return say(*_heed(state, acts), build_request(state, told))
    question = _question_of_driver(state)
    if question is not None and not state.own[Kind.READ_BACK]:
        return say(*acts, ask(question, state))
    return _fine(state, acts)


def _heed(state: State, acts: list[Act]) -> list[Act]:
    """Show that what was told was taken in, before something else is asked for."""
    return [Act(Kind.ACKNOWLEDGE, flag="heeded")] if state.has(Kind.TELL) else acts


def _question_of_driver(state: State) -> Topic | None:
    """Choose what to ask next; what the call itself has to come to is waited for a while."""
    question = next_question(state)
    awaited = {fact.key for fact in state.part.finds_out}
    if question is None or question.key not in awaited or state.own[Kind.CONFIRM]:
        return question
    return next((topic for topic in askable(state) if topic.key not in awaited), None)


def _answer_and_go_on(state: State, acts: list[Act], told: list[Act], *, is_all: bool) -> Move:
    """Answer, and say now and then in the same breath what is wanted, or ask something."""
    if len(told) > 1:
        return say(*acts)
    if is_all and wishes_something(state):
        return say(*acts, *([build_request(state, told)] if chance(state, "request") < 0.9 else []))
    question = next_question(state)
    asks = question is not None and state.own[Kind.REQUEST] and chance(state, "ask on") < 0.4
    return say(*acts, *([ask(question, state)] if question is not None and asks else []))


def _find_out(state: State, acts: list[Act], told: list[Act]) -> Move:
    question = next_question(state)
    if told and state.pending and not state.has(Kind.TELL):
        return say(*acts)
    is_open = not state.own[Kind.ACCEPT] and not state.own[Kind.DECLINE]
    is_asked_whether = state.has(Kind.REQUEST) and any(is_new_time(key) for key in state.learned)
    if question is not None and not (is_open and is_asked_whether):
        return say(*acts, ask(question, state))
    if is_open:
        whether = _say_whether(state, acts)
        return whether if question is None or whether.tool else say(*whether.acts, ask(question, state))
    if state.has(Kind.REQUEST, Kind.ASK, Kind.CLARIFY):
        return say(*acts, Act(Kind.ACCEPT, flag="can"))
    return _put_on_record(state) or _fine(state, acts)


def _fine(state: State, acts: list[Act]) -> Move:
    """Agree; one okay is enough."""
    kept = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE or act.flag == "echo"]
    is_helped = state.has(Kind.TELL) and state.part.call_kind in _IN_NEED
    return say(*kept, Act(Kind.CONFIRM, value="helped" if is_helped else "", flag="fine"))


def _say_whether(state: State, acts: list[Act]) -> Move:
    key, new = next(((key, value) for key, value in state.learned.items() if is_new_time(key)), ("", ""))
    stop = _stop_of(key) or next((stop for other in state.learned if (stop := _stop_of(other))), "") or "delivery"
    if not _checks_of(state, stop, new) and (new or known_value(state, stop)):
        move = use_tool(state, _CHECK, _time_at(stop, new))
        if move is not None:
            return move
    if (move := _put_on_record(state)) is not None:
        return move
    if _is_too_late(state, stop, new):
        return say(*acts[:1], Act(Kind.DECLINE, key="time", flag="cannot"))
    return say(*[act for act in acts if act.kind is not Kind.ACKNOWLEDGE], Act(Kind.ACCEPT, value=new, flag="can"))
