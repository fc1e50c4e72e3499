"""A load is offered to a driver, who checks that it fits, gets a rate, and says yes or no."""

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.fitness import find_unfit, refusal_reason
from rehearsal.dialogue.haggling import (
    MAX_ODD,
    driver_ask,
    is_other_rate,
    money,
    tries_for_more,
)
from rehearsal.dialogue.moves import (
    Move,
    acknowledge,
    answers,
    ask,
    known_value,
    next_question,
    say,
    use_tool,
)
from rehearsal.dialogue.numbers import dollars
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import is_named

MAX_ROUNDS = 6


_TOO_FAR = 0.8  # of the lowest rate: after two tries it is not worth another word


_FAR_APART = "too far apart"


def driver_move(state: State) -> Move:
    """Find out what the load is, check that it fits, get a rate, say yes or no."""
    for step in (_after_no, _after_yes, _on_unfit):
        move = step(state)
        if move is not None:
            return move
    told = answers(state, leave_rate=False)
    if state.doubted is not None and state.has(Kind.PROPOSE) and state.own[Kind.READ_BACK] < MAX_ODD:
        return say(*told, Act(Kind.READ_BACK, amount=state.doubted, flag="rate"))
    if told and state.pending and (not state.has(Kind.TELL, Kind.PROPOSE) or _awaits_the_rate(state)):
        return say(*told)  # one's own question still stands
    if (move := _check(state)) is not None:
        return move
    return _ask_or_decide(state, [*acknowledge(state), *told])


def _awaits_the_rate(state: State) -> bool:
    is_rate = any(topic.is_rate and topic.key == state.pending for topic in state.theirs)
    return is_rate and not state.has(Kind.PROPOSE)


def _after_no(state: State) -> Move | None:
    return say(Act(Kind.CLOSE)) if state.own[Kind.DECLINE] else None


def _accepted_amount(state: State) -> int | None:
    use = state.find_use("accept_load")
    if use is not None and use.is_ok:
        return money(str(use.arguments.get("rate_usd", "")))
    return state.their_amounts[-1] if state.their_amounts else None


def _after_yes(state: State) -> Move | None:
    if not state.own[Kind.ACCEPT]:
        return None
    amount, told = _accepted_amount(state), answers(state, leave_rate=False)
    check = state.find(Kind.READ_BACK)
    if check is not None:
        if is_other_rate(check, amount) and amount is not None and state.own[Kind.CORRECT] < 2:
            return say(Act(Kind.CORRECT, key="rate", amount=amount, value=dollars(amount)))
        return say(Act(Kind.CONFIRM, flag="all"))
    if state.has(Kind.BOOKED):
        return say(Act(Kind.CLOSE))
    again = Act(Kind.ACCEPT, amount=amount, flag="again")
    if state.has(Kind.PROPOSE, Kind.CORRECT):
        return say(again)
    return say(*told) if told else say(_wait_for_the_booking(state, again))


def _wait_for_the_booking(state: State, again: Act) -> Act:
    """Confirm, say yes once more, and part where nothing comes of it."""
    if not state.own[Kind.CONFIRM]:
        return Act(Kind.CONFIRM, flag="all")
    return Act(Kind.CLOSE) if "accept:again" in state.flags else again


def _on_unfit(state: State) -> Move | None:
    reason = find_unfit(state)
    return None if reason is None else decline(state, reason)


def decline(state: State, reason: tuple[str, str]) -> Move:
    """Say no, on record first."""
    word, words = reason
    move = use_tool(state, "decline_load", {"reason": f"{word}: {words}" if words else word})
    told = [act for act in answers(state, leave_rate=False) if not _says_why(state, act, word)]
    return move or say(*told[:1], Act(Kind.DECLINE, key=word, value=words))


def _says_why(state: State, act: Act, word: str) -> bool:
    """Tell whether an answer says the same as the reason that follows."""
    topic = state.find_mine(act.key)
    return topic is not None and any(is_named(topic, name) for name in _SAID_BY.get(word, ()))


_SAID_BY = {"equipment": ("equipment",), "hazmat": ("hazmat endorsement",), "deadhead": ("deadhead",)}


def _check(state: State) -> Move | None:
    """Check arrival once a stop is known, and the hours before the rate is talked about."""
    is_any_open = any(is_named(topic, stop) for topic in state.open_questions for stop in ("pickup", "delivery"))
    for stop in () if is_any_open else ("pickup", "delivery"):
        if known_value(state, stop) and not _was_used(state, "check_position_and_arrival", stop):
            move = use_tool(state, "check_position_and_arrival", {"stop": stop})
            if move is not None:
                return move
    others = [topic for topic in state.open_questions if not topic.is_rate]
    if state.part.hours and not others and not state.find_use("check_hours_of_service"):
        return use_tool(state, "check_hours_of_service", {})
    return None


def _was_used(state: State, name: str, stop: str) -> bool:
    return any(use.name == name and use.arguments.get("stop") == stop for use in state.uses)


def _ask_or_decide(state: State, acts: list[Act]) -> Move:
    floor = money(state.part.limit("lowest rate"))
    question = next_question(state)
    if question is not None:
        return say(*acts, ask(question, state))
    if floor is None:
        return _decide(state, acts)
    if not state.their_amounts:
        return decline(state, ("rate", "I could not get a rate"))
    return _bargain(state, acts, floor=floor, offered=state.their_amounts[-1])


def _decide(state: State, acts: list[Act]) -> Move:
    """Do what the decision says, as in calls without anything at stake."""
    told = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE]
    verdict, _, reason = (text.strip() for text in state.part.decision.partition(":"))
    if verdict.lower().startswith("decline"):
        return say(*told, Act(Kind.DECLINE, value=reason))
    if verdict.lower().startswith("accept"):
        return say(*told, Act(Kind.ACCEPT, flag="decided"))
    return say(*told, Act(Kind.WAIT, value=state.part.decision, flag="undecided"), Act(Kind.CLOSE))


def _bargain(state: State, acts: list[Act], *, floor: int, offered: int) -> Move:
    rounds = len(state.my_amounts)
    acts = [act for act in acts if act.kind is not Kind.ACKNOWLEDGE]
    is_settled = rounds > 0 and offered >= state.my_amounts[-1]
    tries = not state.is_final and rounds == 0 and tries_for_more(state)
    if offered >= floor and (is_settled or not tries):
        return _accept(state, acts, offered)
    has_risen = len(state.their_amounts) < 3 or offered > max(state.their_amounts[-3:-1])
    is_stuck = rounds > 1 and state.my_amounts[-1] == state.my_amounts[-2] and offered < 0.9 * floor
    if rounds > 1 and offered < _TOO_FAR * floor:
        return decline(state, ("rate", _FAR_APART))
    if offered < floor and rounds > 0 and (state.is_final or is_stuck or not has_risen or rounds >= MAX_ROUNDS):
        return decline(state, ("rate", ""))
    return say(*acts, Act(Kind.COUNTER, amount=driver_ask(state, floor=floor, offered=offered), flag=str(offered)))


def _accept(state: State, acts: list[Act], offered: int) -> Move:
    move = use_tool(state, "accept_load", {"rate_usd": offered})
    if move is not None:
        return move
    use = state.find_use("accept_load")
    if use is None or use.is_ok:
        return say(*acts, Act(Kind.ACCEPT, amount=offered))
    reason = refusal_reason(use.reason)
    if reason is not None:
        return decline(state, reason)
    rate = next((topic for topic in state.theirs if topic.is_rate), None)
    if rate is not None and "no rate" in use.reason.lower() and state.asks[rate.key] < 2 * state.max_asks:
        return say(*acts, Act(Kind.ASK, key=rate.key, flag="again"))
    if state.own[Kind.READ_BACK] < 3:
        return say(*acts, Act(Kind.READ_BACK, amount=offered, flag="rate"))
    return decline(state, ("rate", "we do not get to the same rate"))
