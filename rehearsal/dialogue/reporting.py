"""Something has happened: one side reports it, the dispatcher settles it or passes it on."""

import re

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.fitness import says_no
from rehearsal.dialogue.haggling import money
from rehearsal.dialogue.moves import (
    Move,
    acknowledge,
    answers,
    ask,
    askable,
    chance,
    known_value,
    next_question,
    numbers_differ,
    say,
    use_tool,
)
from rehearsal.dialogue.numbers import values_of, words_of
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, find_asked_in, is_named, is_usual
from rehearsal.strict import Json

PAPERS = {
    "lumper": "a photo of the receipt",
    "detention": "a photo of the signed bill of lading",
    "reefer_alarm": "a photo of the reefer display",
    "double_brokering": "a photo of the bill of lading",
}
_IN_NEED = frozenset({"breakdown", "reefer_alarm", "double_brokering", "bad_address", "lumper"})
_OF_PAPERS = frozenset({"receipt", "receipts", "paperwork", "photo"})
INCIDENTS = {
    "breakdown",
    "reefer_alarm",
    "double_brokering",
    "weather",
    "bad_address",
    "lumper",
    "late",
    "detention",
    "appointment",
}
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


def is_reporter(state: State) -> bool:
    """Tell whether this side reports: it knows what the other one has to find out."""
    return bool(state.part.knows) and not _is_only_the_new_time(state)


def _is_only_the_new_time(state: State) -> bool:
    return all(_is_new_time(fact.key) for fact in state.part.knows)


def _is_new_time(key: str) -> bool:
    return re.match(r"new .*time$", key.lower()) is not None


# --- the dispatcher


def dispatcher_move(state: State) -> Move:
    """Find out what happened, or tell it; say what will be done, do it, say that it is done."""
    if state.own[Kind.SETTLE]:
        return _after_settling(state)
    if (move := _on_repeat(state)) is not None:
        return move
    acts = [*acknowledge(state), *answers(state, leave_rate=False)]
    told_new = [act for act in acts if act.kind is Kind.TELL and _is_new_time(act.key)]
    question = _question(state)
    if is_reporter(state):
        return _tell_on(state, acts, question)
    if told_new and not state.own[Kind.PROPOSE] and question is None:
        return say(*[act for act in acts if act not in told_new], _proposal(state))
    if question is not None and (not told_new or len(acts) < 2):
        return say(*acts, ask(question, state))
    return _settle(state, acts)


def _question(state: State) -> Topic | None:
    """Choose what to ask next; a paper is not asked about, it is asked for."""
    question = next_question(state, rate_last=False)
    if question is None or not _is_of_papers(state, question):
        return question
    others = [topic for topic in askable(state) if not _is_of_papers(state, topic)]
    return others[0] if others else None


def _is_of_papers(state: State, topic: Topic) -> bool:
    return state.part.call_kind in PAPERS and bool(_OF_PAPERS & set(topic.words))


def _after_settling(state: State) -> Move:
    acts = answers(state, leave_rate=False)
    if state.has(Kind.CORRECT) or (state.has(Kind.CLARIFY) and not acts):
        return say(Act(Kind.SETTLE, value=_done_words(state), flag="again"))
    if acts:
        return say(*acts)
    return say(Act(Kind.CLOSE) if "wait:anything else" in state.flags else Act(Kind.WAIT, flag="anything else"))


def _on_repeat(state: State) -> Move | None:
    """Say whether what was repeated is right."""
    check = state.find(Kind.READ_BACK)
    if check is None or not state.own[Kind.PROPOSE]:
        return None
    expected = _remedy_words(state)
    if numbers_differ(expected, check.value) and state.own[Kind.CORRECT] < 2:
        return say(Act(Kind.CORRECT, key="remedy", value=expected))
    return None


def _tell_on(state: State, acts: list[Act], question: Topic | None) -> Move:
    """Tell what is reported, one fact at a time, then ask for what is wanted."""
    if state.heard[Kind.ACCEPT] or state.heard[Kind.DECLINE]:
        return _settle(state, acts)
    told = [act for act in acts if act.kind is Kind.TELL]
    untold = _untold(state, told)
    if told and (untold or state.own[Kind.REQUEST] or len(told) > 1):
        return say(*acts)
    if untold:
        return say(*acts, Act(Kind.TELL, key=untold[0].key, value=untold[0].value or "", flag="unasked"))
    if question is not None and not told:
        return say(*acts, ask(question, state))
    return say(*acts, _request(state, told)) if state.own[Kind.REQUEST] < 2 else _settle(state, acts)


def _request(state: State, told: list[Act]) -> Act:
    time = _new_time(state)
    is_said = time is None or any(act.key == time.key for act in told)
    value = _open_wishes(state) if state.is_driver else "" if is_said or time is None else time.value or ""
    return Act(Kind.REQUEST, key="goal", value=value, flag="again" if state.own[Kind.REQUEST] else "")


def _open_wishes(state: State) -> str:
    """Give what the goal wishes for, without what the call itself has done, or the other side has told by now."""
    wishes = re.split(r"(?:,|;) and |; ", state.part.goal.rstrip("."))
    wishes = re.split(r" and (?=an? |have |get )", wishes[0]) if len(wishes) == 1 else wishes
    return ", and ".join(wish for wish in wishes if not _is_granted(state, wish))


def _is_granted(state: State, wish: str) -> bool:
    if re.match(r"(?:say|tell)\b", wish):
        return True
    named = find_asked_in(state.theirs, words_of(wish))
    return bool(named) and all(topic.key in state.learned for topic in named)


def _wishes_something(state: State) -> bool:
    return not state.own[Kind.REQUEST] and bool(_open_wishes(state) or not state.part.goal)


def _untold(state: State, now: list[Act]) -> list[Topic]:
    """Give what is still to be told; a paper is told of when it is sent."""
    said = state.told | {act.key for act in now}
    return [
        topic
        for topic in state.mine
        if not topic.is_load
        and topic.key not in said
        and not _is_hours(state, topic)
        and not (state.is_driver and _is_of_papers(state, topic))
    ]


def _is_hours(state: State, topic: Topic) -> bool:
    return topic.key in {key for key, _ in state.part.hours}


def _settle(state: State, acts: list[Act]) -> Move:
    """Propose, hear it repeated, put it on record, say so."""
    use = _remedy_use(state)
    says_first = not is_reporter(state) and not state.own[Kind.PROPOSE] and bool(_remedy_words(state))
    helpful = [] if is_reporter(state) else _helpful(state, acts)
    if helpful:
        return say(*acts, *helpful)
    # What detention is granted is no secret any more once it is approved: so it is approved before it is said.
    if says_first and (_remedy_tool(state) != "approve_detention" or state.is_done("approve_detention")):
        return say(*acts, _proposal(state))
    if use is not None:
        move = use_tool(state, *use)
        if move is not None:
            return move
        last = state.find_use(use[0])
        if last is not None and not last.is_ok:
            return _on_refusal(state, acts)
    if _wants_papers(state):
        return say(*acts, *_ask_for_papers(state, acts))
    return say(*acts, Act(Kind.SETTLE, value=_done_words(state)))


def _helpful(state: State, acts: list[Act]) -> list[Act]:
    """Tell what the sheet has for somebody in need, before it is settled: the right address, who comes, the terms."""
    if any(act.flag == "unasked" for act in state.last_own):
        return []
    said = state.told | {act.key for act in acts}
    is_apt = {"open_incident": lambda topic: not is_usual(topic), "approve_detention": _is_term}.get(
        _remedy_tool(state), lambda _topic: False
    )
    untold = [topic for topic in state.mine if topic.is_load and topic.key not in said and is_apt(topic)]
    room = max(0, 2 - sum(act.kind is Kind.TELL for act in acts))
    return [Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="unasked") for topic in untold[:room]]


def _is_term(topic: Topic) -> bool:
    return is_named(topic, "free time") or is_named(topic, "detention rate")


def _wants_papers(state: State) -> bool:
    if is_reporter(state) or not PAPERS.get(state.part.call_kind) or state.heard[Kind.DELIVER]:
        return False
    return not any(act.key == "papers" for act in state.last_own) and not _asked_papers(state)


def _ask_for_papers(state: State, acts: list[Act]) -> list[Act]:
    """Say what is needed in the words of the sheet, where it says so, and ask for it."""
    paper = PAPERS[state.part.call_kind]
    told = (state.find_mine(act.key) for act in acts if act.kind is Kind.TELL)
    if any(topic is not None and _is_of_papers(state, topic) for topic in told):
        return [Act(Kind.REQUEST, key="papers", value=paper, flag="that")]
    noun = set(words_of(paper)) & _OF_PAPERS
    needed = [
        topic
        for topic in state.mine
        if topic.is_load and topic.key not in state.told and noun & {*topic.words, *words_of(topic.value or "")}
    ]
    if not needed or _is_of_papers(state, needed[0]):
        return [Act(Kind.REQUEST, key="papers", value=paper)]
    need = Act(Kind.TELL, key=needed[0].key, value=needed[0].value or "", flag="unasked")
    return [need, Act(Kind.REQUEST, key="papers", value=paper, flag="that")]


def _asked_papers(state: State) -> bool:
    return state.own[Kind.REQUEST] > (1 if is_reporter(state) else 0)


def _on_refusal(state: State, acts: list[Act]) -> Move:
    if state.own[Kind.WAIT] < 1:
        return say(*acts, Act(Kind.WAIT, flag="system"))
    return say(Act(Kind.WAIT, flag="call back"), Act(Kind.CLOSE))


def _proposal(state: State) -> Act:
    return Act(Kind.PROPOSE, key="remedy", value=_remedy_words(state), flag=_remedy_tool(state))


def _remedy_tool(state: State) -> str:
    part = state.part
    if part.limit("may move"):
        return "reschedule_appointment"
    if part.limit("highest detention"):
        return "approve_detention"
    return "open_incident" if part.limit("incident kind") else ""


def _new_time(state: State) -> Topic | None:
    return next((topic for topic in state.mine if _is_new_time(topic.key)), None)


def _remedy_words(state: State) -> str:
    """Give what will be done, in words that can be repeated."""
    tool, time = _remedy_tool(state), _new_time(state)
    if tool == "reschedule_appointment" and time is not None:
        return f"{state.part.limit('may move')} {time.value}"
    if tool == "approve_detention":
        return f"{state.part.limit('detention hours')} of detention, {state.part.limit('highest detention')}"
    return ""


def _remedy_use(state: State) -> tuple[str, Json] | None:
    tool, time = _remedy_tool(state), _new_time(state)
    if tool == "reschedule_appointment" and time is not None:
        return tool, {"stop": state.part.limit("may move"), "window": time.value or ""}
    if tool == "approve_detention":
        hours, amount = values_of(state.part.limit("detention hours")), money(state.part.limit("highest detention"))
        return (tool, {"hours": hours[0] if hours else 0, "amount_usd": amount or 0})
    if tool == "open_incident":
        return tool, {"kind": state.part.limit("incident kind"), "summary": _summary(state)}
    return None


def _summary(state: State) -> str:
    facts = {**{topic.key: topic.value or "" for topic in state.mine if not topic.is_load}, **state.learned}
    told = "; ".join(f"{key}: {value}" for key, value in facts.items())
    return f"{state.part.call_kind.replace('_', ' ').capitalize()}. {told}"[:300]


def _done_words(state: State) -> str:
    return _remedy_tool(state)


# --- the driver


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
        if act.kind is Kind.TELL and (act.key in wanted or _is_new_time(act.key)) and act.value != state.repeated
    ]
    is_other = bool(news) and (not state.repeated or values_of(news[-1].value) != values_of(state.repeated))
    echo = [Act(Kind.READ_BACK, key=act.key, value=act.value) for act in news[-1:] if is_other]
    question = next_question(state, rate_last=False)
    acts = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE or act.value != state.repeated]
    if question is not None and not state.has(Kind.CLOSE):
        return say(*(echo or acts or [Act(Kind.ACKNOWLEDGE, flag="noted")]), ask(question, state))
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
    flag = "can" if _is_new_time(key) and _stop_of(key) else ""
    question = next_question(state, rate_last=False) if not told and chance(state, "ask on") < 0.6 else None
    more = [ask(question, state)] if question is not None else []
    return say(*told, Act(Kind.READ_BACK, key=key, value=value, flag=flag), *more)


def _stop_of(key: str) -> str:
    return next((stop for stop in ("pickup", "delivery") if stop in key.lower()), "")


def _check_new_time(state: State) -> Move | None:
    for act in state.fresh:
        stop = _stop_of(act.key) if act.kind is Kind.TELL else ""
        if stop and _is_new_time(act.key) and not any(use.arguments.get("stop") == stop for use in state.uses):
            return use_tool(state, "check_position_and_arrival", {"stop": stop})
    return None


def _papers(state: State) -> Move | None:
    wanted = next((act for act in state.fresh if act.kind is Kind.REQUEST and act.key == "papers"), None)
    if wanted is None:
        return None
    paper = re.sub(r"^an? ", "", PAPERS.get(state.part.call_kind, "paperwork"))
    move = use_tool(state, "send_papers", {"kind": paper})
    if move is not None:
        return move
    about = [topic for topic in state.mine if not topic.is_load and _is_of_papers(state, topic)]
    told = [
        Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="paper")
        for topic in about
        if topic.key not in state.told
    ]
    return say(Act(Kind.DELIVER, key="papers", value=paper), *told[:1])


def _put_on_record(state: State) -> Move | None:
    """Put the status on record, once it has been told."""
    if state.find_use("report_status"):
        return None
    kind = state.part.call_kind
    facts = {**{fact.key: fact.value or "" for fact in state.part.knows}, **state.learned}
    detail = "; ".join(f"{key}: {value}" for key, value in facts.items())[:200]
    return use_tool(state, "report_status", {"status": STATUS.get(kind, kind.replace("_", " ")), "detail": detail})


def _tell_on_driver(state: State, acts: list[Act], told: list[Act]) -> Move:
    untold = _untold(state, told)
    if not untold and (move := _put_on_record(state)) is not None:
        return move
    if told:
        return _answer_and_go_on(state, acts, told, is_all=not untold)
    if untold and not state.pending:
        return say(*acts, Act(Kind.TELL, key=untold[0].key, value=untold[0].value or "", flag="unasked"))
    if _wishes_something(state):
        return say(*acts, _request(state, told))
    question = _question_of_driver(state)
    if question is not None and not state.own[Kind.READ_BACK]:
        return say(*acts, ask(question, state))
    return _fine(state, acts)


def _question_of_driver(state: State) -> Topic | None:
    """Choose what to ask next; what the call itself has to come to is waited for a while."""
    question = next_question(state, rate_last=False)
    awaited = {fact.key for fact in state.part.finds_out}
    if question is None or question.key not in awaited or state.own[Kind.CONFIRM]:
        return question
    return next((topic for topic in askable(state) if topic.key not in awaited), None)


def _answer_and_go_on(state: State, acts: list[Act], told: list[Act], *, is_all: bool) -> Move:
    """Answer, and say now and then in the same breath what is wanted, or ask something."""
    if len(told) > 1:
        return say(*acts)
    if is_all and _wishes_something(state):
        return say(*acts, *([_request(state, told)] if chance(state, "request") < 0.9 else []))
    question = next_question(state, rate_last=False)
    asks = question is not None and state.own[Kind.REQUEST] and chance(state, "ask on") < 0.4
    return say(*acts, *([ask(question, state)] if question is not None and asks else []))


def _find_out(state: State, acts: list[Act], told: list[Act]) -> Move:
    question = next_question(state, rate_last=False)
    if told and state.pending and not state.has(Kind.TELL):
        return say(*acts)
    is_open = not state.own[Kind.ACCEPT] and not state.own[Kind.DECLINE]
    is_asked_whether = state.has(Kind.REQUEST) and any(_is_new_time(key) for key in state.learned)
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
    stop = next((stop for key in state.learned if (stop := _stop_of(key))), "") or "delivery"
    if not any(use.name == "check_position_and_arrival" for use in state.uses) and known_value(state, stop):
        move = use_tool(state, "check_position_and_arrival", {"stop": stop})
        if move is not None:
            return move
    if (move := _put_on_record(state)) is not None:
        return move
    has_moved = any(_is_new_time(key) for key in state.learned)  # the check knows the old time alone
    if not has_moved and any(says_no(use) for use in state.uses):
        return say(*acts[:1], Act(Kind.DECLINE, key="time", flag="cannot"))
    new = next((value for key, value in state.learned.items() if _is_new_time(key)), "")
    return say(*[act for act in acts if act.kind is not Kind.ACKNOWLEDGE], Act(Kind.ACCEPT, value=new, flag="can"))
