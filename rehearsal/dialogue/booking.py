"""A load is offered: the dispatcher sells it, the driver checks it, they agree on a rate or do not."""

import re

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.fitness import find_unfit, refusal_reason
from rehearsal.dialogue.haggling import Bid, dispatcher_bid, driver_ask, money, tries_for_more
from rehearsal.dialogue.moves import (
    Move,
    acknowledge,
    answers,
    ask,
    askable,
    chance,
    find_named,
    known_value,
    next_question,
    numbers_differ,
    owes_rate,
    say,
    use_tool,
)
from rehearsal.dialogue.numbers import dollars, values_of
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import is_named

MAX_ROUNDS = 6
_TOO_FAR = 0.8  # of the lowest rate: after two tries it is not worth another word
_FAR_APART = "too far apart"
MAX_ODD = 4  # amounts that are asked about before they are taken as they were heard
_READ_BACKS = 2  # of the dispatcher, before it is put in writing


# --- the dispatcher


def dispatcher_move(state: State) -> Move:
    """Answer, ask, name rates, book."""
    for step in (_on_declined, _on_booked, _on_accepted, _on_check, _on_no_endorsement, _on_money):
        move = step(state)
        if move is not None:
            return move
    return _sell(state)


def _on_declined(state: State) -> Move | None:
    if state.has(Kind.DECLINE):
        return say(Act(Kind.ACKNOWLEDGE, flag="declined"), Act(Kind.CLOSE))
    return None


def _on_booked(state: State) -> Move | None:
    if not state.own[Kind.BOOKED]:
        return None
    told = answers(state, leave_rate=False)
    return say(*told) if told else say(Act(Kind.CLOSE))


def _offer(state: State) -> int | None:
    if state.my_amounts:
        return state.my_amounts[-1]
    rate = next((topic for topic in state.mine if topic.is_rate), None)
    return money(rate.value or "") if rate is not None else None


def _on_accepted(state: State) -> Move | None:
    if not state.heard[Kind.ACCEPT]:
        return None
    offer, accepted = _offer(state), state.find(Kind.ACCEPT)
    if accepted is not None and _is_other(accepted, offer):
        return say(Act(Kind.CORRECT, key="rate", amount=offer, value=dollars(offer or 0)))
    if not state.part.call_kind:
        return say(Act(Kind.BOOKED, flag="plain"), Act(Kind.CLOSE))
    if not state.own[Kind.READ_BACK] or _must_read_again(state, offer):
        return say(Act(Kind.READ_BACK, amount=offer, flag="again" if state.own[Kind.READ_BACK] else ""))
    if state.has(Kind.CLARIFY):
        return say(Act(Kind.READ_BACK, amount=offer, flag="again"))
    return _book(state, offer)


def _is_other(act: Act, offer: int | None) -> bool:
    if act.amount is None or offer is None or act.amount == offer:
        return False
    return act.amount >= offer / 3 or "did you say" in act.value


def _must_read_again(state: State, offer: int | None) -> bool:
    if state.own[Kind.READ_BACK] > _READ_BACKS:
        return False
    told = [act for act in state.fresh if act.kind in {Kind.COUNTER, Kind.READ_BACK, Kind.CORRECT}]
    return any(_is_other(act, offer) or (act.kind is Kind.CORRECT and act.flag == "no") for act in told)


def _book(state: State, offer: int | None) -> Move:
    if offer is not None and (move := use_tool(state, "book_load", {"rate_usd": offer})) is not None:
        return move
    use = state.find_use("book_load")
    if use is None or use.is_ok:
        return say(Act(Kind.BOOKED, amount=offer))
    if state.own[Kind.WAIT] < 2 + state.own[Kind.OFFER]:
        return say(Act(Kind.WAIT, amount=offer, flag="confirm"))
    return say(Act(Kind.WAIT, flag="call back"), Act(Kind.CLOSE))


def _on_check(state: State) -> Move | None:
    """Say whether what the driver read back is right, and correct it where it is not."""
    check = state.find(Kind.READ_BACK)
    if check is None:
        return None
    if check.amount is not None and not state.my_amounts and state.part.limit("opening rate"):
        return _name_rate(state)  # no rate was named yet: another number was taken for one
    wrong = _wrong_parts(state, check)
    if wrong and state.own[Kind.CORRECT] < 3:
        return say(*wrong[:2])
    return say(Act(Kind.CONFIRM), *answers(state, leave_rate=True)[:1])


def _wrong_parts(state: State, check: Act) -> list[Act]:
    wrong: list[Act] = []
    offer = _offer(state)
    if _is_other(check, offer) and offer is not None:
        wrong.append(Act(Kind.CORRECT, key="rate", amount=offer, value=dollars(offer)))
    for name in ("pickup", "delivery"):
        topic = find_named(state.mine, name)
        if topic is None or not topic.value or not re.search(rf"\b{name[:4]}", check.value):
            continue
        if not set(values_of(topic.value)) <= set(values_of(check.value)) and numbers_differ(topic.value, check.value):
            wrong.append(Act(Kind.CORRECT, key=topic.key, value=topic.value))
    return wrong


def _on_no_endorsement(state: State) -> Move | None:
    """Say that the load is hazmat once the driver has said that it may not haul it."""
    lacks = any(is_named(topic, "hazmat endorsement") and _is_no(state, topic.key) for topic in state.theirs)
    hazmat = find_named(state.mine, "hazmat")
    if not lacks or hazmat is None or hazmat.key in state.told or (hazmat.value or "").lower().startswith("no"):
        return None
    return say(Act(Kind.TELL, key=hazmat.key, value=hazmat.value or "", flag="unasked"))


def _is_no(state: State, key: str) -> bool:
    return re.match(r"(?:no|none)\b", state.learned.get(key, "").lower()) is not None


def _on_money(state: State) -> Move | None:
    if not state.part.limit("opening rate") or not (owes_rate(state) or state.has(Kind.COUNTER)):
        return None
    question = next_question(state, rate_last=False)
    has_said_one = "wait:first" in state.flags
    if not state.my_amounts and question is not None and not has_said_one and state.asks[question.key] == 0:
        told = answers(state, leave_rate=True)
        flag = "first some" if len(askable(state)) > 1 else "first"
        first = [] if "wait:first some" in state.flags else [Act(Kind.WAIT, flag=flag)]
        return say(*acknowledge(state), *told, *first, ask(question, state))
    return _name_rate(state)


def _name_rate(state: State) -> Move:
    opening, ceiling = money(state.part.limit("opening rate")), money(state.part.limit("highest rate"))
    if opening is None:
        return say(*answers(state, leave_rate=False))
    if (move := _on_odd_amount(state)) is not None:
        return move
    bid = _put_on_the_table(state, dispatcher_bid(state, opening=opening, ceiling=ceiling or opening))
    if isinstance(bid, Move):
        return bid
    told = [] if state.own[Kind.PROPOSE] else acknowledge(state)
    return say(*told, *answers(state, leave_rate=True), Act(Kind.PROPOSE, amount=bid.amount, flag=bid.flag))


def _on_odd_amount(state: State) -> Move | None:
    """Ask again where the driver seems to want less than was offered, or just that."""
    act = state.find(Kind.COUNTER)
    if act is None or act.amount is None or not state.my_amounts:
        return None
    if act.amount == state.my_amounts[-1]:
        return say(Act(Kind.WAIT, amount=act.amount, flag="confirm"))
    return (
        say(Act(Kind.CLARIFY, key="rate"))
        if act.amount == state.doubted and state.own[Kind.CLARIFY] < MAX_ODD
        else None
    )


def _put_on_the_table(state: State, bid: Bid) -> Bid | Move:
    if bid.flag in {"again", "final"} and state.my_amounts and state.my_amounts[-1] == bid.amount:
        return bid
    move = use_tool(state, "offer_rate", {"amount_usd": bid.amount})
    if move is not None:
        return move
    use = state.find_use("offer_rate")
    if use is not None and not use.is_ok and state.my_amounts:
        return Bid(state.my_amounts[-1], "final")
    return bid


def _sell(state: State) -> Move:
    """Answer; ask in between; else bring up what nobody has asked about."""
    told = answers(state, leave_rate=bool(state.part.limit("opening rate")))
    acts = [*acknowledge(state), *told, *_neighbour(state, told)]
    question = next_question(state, rate_last=False)
    may_ask = question is not None and state.own_turns > 0
    if may_ask and question is not None and len(acts) < 3 and (chance(state, "ask") < 0.55 or not told):
        return say(*acts, ask(question, state))
    if acts:
        return say(*acts)
    return _bring_up(state)


def _neighbour(state: State, told: list[Act]) -> list[Act]:
    """Tell the next fact of the sheet as well, as people do who like to talk."""
    asked = [act for act in told if act.kind is Kind.TELL]
    share = 0.6 if state.manner.is_talkative else 0.0 if state.manner.is_terse else 0.25
    if len(asked) != 1 or len(told) != 1 or chance(state, "neighbour") > share:
        return []
    keys = [topic.key for topic in state.mine]
    place = keys.index(asked[0].key) + 1 if asked[0].key in keys else len(keys)
    topic = state.mine[place] if place < len(keys) else None
    if topic is None or topic.key in state.told or not topic.is_load or topic.is_rate or topic.key in state.owed:
        return []
    return [Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="unasked")]


def _bring_up(state: State) -> Move:
    untold = [topic for topic in state.mine if topic.key not in state.told and topic.is_load and not topic.is_rate]
    if untold and not state.my_amounts:
        return say(Act(Kind.TELL, key=untold[0].key, value=untold[0].value or "", flag="unasked"))
    rate = next((topic for topic in state.mine if topic.is_rate), None)
    if state.part.limit("opening rate"):
        if not state.my_amounts:
            return _name_rate(state)
        return say(Act(Kind.WAIT, amount=state.my_amounts[-1], flag="works"))
    if rate is not None and rate.key not in state.told:
        return say(Act(Kind.TELL, key=rate.key, value=rate.value or "", flag="unasked"))
    return say(Act(Kind.WAIT, flag="anything else" if state.own[Kind.WAIT] % 2 == 0 else "works"))


# --- the driver


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
        if _is_other(check, amount) and amount is not None and state.own[Kind.CORRECT] < 2:
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
    question = next_question(state, rate_last=floor is not None)
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
