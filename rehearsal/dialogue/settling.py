"""A dispatcher finds out what happened, or tells it; says what will be done, does it, says that it is done."""

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.haggling import money
from rehearsal.dialogue.moves import (
    Move,
    acknowledge,
    answers,
    ask,
    askable,
    next_question,
    numbers_differ,
    say,
    use_tool,
)
from rehearsal.dialogue.numbers import values_of
from rehearsal.dialogue.phrases import TAKES_WISH
from rehearsal.dialogue.reporting import (
    OF_PAPERS,
    PAPERS,
    build_request,
    find_new_time,
    is_new_time,
    is_of_papers,
    is_reporter,
    untold_facts,
)
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, is_named, is_usual
from rehearsal.dialogue.words import words_of
from rehearsal.strict import Json


def dispatcher_move(state: State) -> Move:
    """Find out what happened, or tell it; say what will be done, do it, say that it is done."""
    if state.own[Kind.SETTLE]:
        return _after_settling(state)
    if (move := _on_repeat(state)) is not None:
        return move
    acts = _answer_wish(state, answers(state, leave_rate=False))
    told_new = [act for act in acts if act.kind is Kind.TELL and is_new_time(act.key)]
    question = _question(state)
    if is_reporter(state):
        return _tell_on(state, acts, question)
    if told_new and not state.own[Kind.PROPOSE] and question is None:
        return say(*[act for act in acts if act not in told_new], _proposal(state))
    if question is not None and (not told_new or len(acts) < 2):
        return say(*acts, ask(question, state))
    return _settle(state, acts)


def _answer_wish(state: State, answered: list[Act]) -> list[Act]:
    """Say at once that a wish is heeded that only a record can grant; else show first what was taken down."""
    wish = next((act.value for act in state.fresh if act.kind is Kind.REQUEST and act.key == "goal"), "")
    named = next((words for words in TAKES_WISH if words in wish), "")
    if named and "acknowledge:wish" not in state.flags and not is_reporter(state):
        return [*answered, Act(Kind.ACKNOWLEDGE, key=named, flag="wish")]
    return [*acknowledge(state), *answered]


def _question(state: State) -> Topic | None:
    """Choose what to ask next; a paper is not asked about, it is asked for."""
    question = next_question(state)
    if question is None or not is_of_papers(state, question):
        return question
    others = [topic for topic in askable(state) if not is_of_papers(state, topic)]
    return others[0] if others else None


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
    untold = untold_facts(state, told)
    if told and (untold or state.own[Kind.REQUEST] or len(told) > 1):
        return say(*acts)
    if untold:
        return say(*acts, Act(Kind.TELL, key=untold[0].key, value=untold[0].value or "", flag="unasked"))
    if question is not None and not told:
        return say(*acts, ask(question, state))
    return say(*acts, build_request(state, told)) if state.own[Kind.REQUEST] < 2 else _settle(state, acts)


def _settle(state: State, acts: list[Act]) -> Move:
    """Propose, hear it repeated, put it on record, say so."""
    use = _remedy_use(state)
    says_first = not is_reporter(state) and not state.own[Kind.PROPOSE] and bool(_remedy_words(state))
    helpful = [] if is_reporter(state) else _helpful(state, acts)
    if helpful:
        return say(*_first_things_first(state, acts, helpful))
    # What detention is granted is no secret any more once it is approved: so it is approved before it is said.
    if says_first and (_remedy_tool(state) != "approve_detention" or state.is_done("approve_detention")):
        return say(*_first_things_first(state, acts, [_proposal(state)]))
    if use is not None:
        move = use_tool(state, *use)
        if move is not None:
            return move
        last = state.find_use(use[0])
        if last is not None and not last.is_ok:
            return _on_refusal(state, acts)
    if _wants_papers(state):
        confirms = [Act(Kind.CONFIRM)] if state.has(Kind.READ_BACK) and not acts else []
        return say(*confirms, *acts, *_ask_for_papers(state, acts))
    return say(*acts, Act(Kind.SETTLE, value=_done_words(state)))


def _first_things_first(state: State, acts: list[Act], main: list[Act]) -> list[Act]:
    """Say what it is about before what else the wish named: it was asked for first."""
    is_remedy = _remedy_tool(state) != "open_incident"
    after = [act for act in acts if act.flag == "wish" or (is_remedy and act.key in state.wished)]
    return [*(act for act in acts if act not in after), *main, *after]


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
    if any(topic is not None and is_of_papers(state, topic) for topic in told):
        return [Act(Kind.REQUEST, key="papers", value=paper, flag="that")]
    noun = set(words_of(paper)) & OF_PAPERS
    needed = [
        topic
        for topic in state.mine
        if topic.is_load and topic.key not in state.told and noun & {*topic.words, *words_of(topic.value or "")}
    ]
    if not needed or is_of_papers(state, needed[0]):
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


def _remedy_words(state: State) -> str:
    """Give what will be done, in words that can be repeated."""
    tool, time = _remedy_tool(state), find_new_time(state)
    if tool == "reschedule_appointment" and time is not None:
        return f"{state.part.limit('may move')} {time.value}"
    if tool == "approve_detention":
        return f"{state.part.limit('detention hours')} of detention, {state.part.limit('highest detention')}"
    return ""


def _remedy_use(state: State) -> tuple[str, Json] | None:
    tool, time = _remedy_tool(state), find_new_time(state)
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
