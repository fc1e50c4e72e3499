"""A load is offered by a dispatcher, who answers, names rates, and books what was agreed on."""

import re

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.fitness import fits_trailer
from rehearsal.dialogue.haggling import (
    MAX_ODD,
    Bid,
    dispatcher_bid,
    is_other_rate,
    money,
)
from rehearsal.dialogue.moves import (
    Move,
    acknowledge,
    answers,
    ask,
    askable,
    chance,
    find_named,
    next_question,
    numbers_differ,
    owes_rate,
    say,
    use_tool,
)
from rehearsal.dialogue.numbers import dollars, values_of
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, alike, is_named
from rehearsal.dialogue.words import words_of

_READ_BACKS = 2  # of the dispatcher, before it is put in writing


def dispatcher_move(state: State) -> Move:
    """Answer, ask, name rates, book."""
    for step in (_on_declined, _on_booked, _on_accepted, _on_check, _on_misfit, _on_money):
        move = step(state)
        if move is not None:
            return move
    return _sell(state)


def _on_declined(state: State) -> Move | None:
    if (declined := state.find(Kind.DECLINE)) is not None:
        trailer = find_named(state.mine, "trailer")
        is_misfit = trailer is not None and not fits_trailer(trailer.value or "", declined.value)
        return say(Act(Kind.ACKNOWLEDGE, key="misfit" if is_misfit else "", flag="declined"), Act(Kind.CLOSE))
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
    if accepted is not None and is_other_rate(accepted, offer):
        return say(Act(Kind.CORRECT, key="rate", amount=offer, value=dollars(offer or 0)))
    if not state.part.call_kind:
        return say(Act(Kind.BOOKED, flag="plain"), Act(Kind.CLOSE))
    was_read_back = _was_read_back(state)
    if (question := _unanswered(state)) is not None:
        right = [Act(Kind.CONFIRM)] if was_read_back else []
        return say(*right, Act(Kind.ASK, key=question.key, flag="booking"))
    is_first = not state.own[Kind.READ_BACK] and not was_read_back
    if is_first or _must_read_again(state, offer) or state.has(Kind.CLARIFY):
        return say(Act(Kind.READ_BACK, amount=offer, flag="" if is_first else "again"))
    return _book(state, offer, *([Act(Kind.CONFIRM)] if was_read_back else []))


def _unanswered(state: State) -> Topic | None:
    """Give what was asked and never answered: it is asked once more before the load is booked."""
    if state.own[Kind.READ_BACK]:
        return None
    most = state.max_asks if "ask:booking" not in state.flags else 1
    return next((topic for topic in askable(state) if 0 < state.asks[topic.key] <= most), None)


def _was_read_back(state: State) -> bool:
    """Tell whether the driver has said rate and pickup with the yes: then there is only a yes to say."""
    accepted = state.find(Kind.ACCEPT)
    if accepted is None or accepted.amount is None or state.own[Kind.READ_BACK]:
        return False
    is_pickup_told = re.search(r"\bpick", accepted.value) is not None
    return is_pickup_told and not _wrong_parts(state, accepted) and not _is_other_place(state, accepted.value)


def _is_other_place(state: State, read_back: str) -> bool:
    """Tell whether the place of the pickup came back with a word that is not of it: Springdale Are, Arkansas."""
    pickup = find_named(state.mine, "pickup")
    named = re.search(r"\bpick(?:up| up)? (?:in|is) ([a-z ]+)", read_back)
    if pickup is None or named is None:
        return False
    known = words_of(pickup.value or "")
    place = re.split(r"\b(?:at|on|by|in|the|this|today|tomorrow|tonight|\w+day)\b", named[1])[0]
    return any(not any(alike(word, other) for other in known) for word in place.split())


def _must_read_again(state: State, offer: int | None) -> bool:
    if state.own[Kind.READ_BACK] > _READ_BACKS:
        return False
    told = [act for act in state.fresh if act.kind in {Kind.COUNTER, Kind.READ_BACK, Kind.CORRECT}]
    return any(is_other_rate(act, offer) or (act.kind is Kind.CORRECT and act.flag == "no") for act in told)


def _book(state: State, offer: int | None, *before: Act) -> Move:
    if offer is not None and (move := use_tool(state, "book_load", {"rate_usd": offer})) is not None:
        return move
    use = state.find_use("book_load")
    if use is None or use.is_ok:
        return say(*before, Act(Kind.BOOKED, amount=offer))
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
    if is_other_rate(check, offer) and offer is not None:
        wrong.append(Act(Kind.CORRECT, key="rate", amount=offer, value=dollars(offer)))
    for name in ("pickup", "delivery"):
        topic = find_named(state.mine, name)
        if topic is None or not topic.value or not re.search(rf"\b{name[:4]}", check.value):
            continue
        if not set(values_of(topic.value)) <= set(values_of(check.value)) and numbers_differ(topic.value, check.value):
            wrong.append(Act(Kind.CORRECT, key=topic.key, value=topic.value))
    return wrong


def _on_misfit(state: State) -> Move | None:
    """Say what the load needs once the driver has said something that does not fit it."""
    for name, is_unfit in (("hazmat", _lacks_endorsement), ("trailer", _has_other_trailer)):
        topic = find_named(state.mine, name)
        if topic is not None and topic.key not in state.told | set(state.owed) and is_unfit(state, topic.value or ""):
            return say(Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="unasked"))
    return None


def _lacks_endorsement(state: State, hazmat: str) -> bool:
    lacks = any(is_named(topic, "hazmat endorsement") and _is_no(state, topic.key) for topic in state.theirs)
    return lacks and not hazmat.lower().startswith("no")


def _has_other_trailer(state: State, needed: str) -> bool:
    own = next((state.learned.get(topic.key, "") for topic in state.theirs if is_named(topic, "equipment")), "")
    return bool(own) and not fits_trailer(needed, own)


def _is_no(state: State, key: str) -> bool:
    return re.match(r"(?:no|none)\b", state.learned.get(key, "").lower()) is not None


def _on_money(state: State) -> Move | None:
    if not state.part.limit("opening rate") or not (owes_rate(state) or state.has(Kind.COUNTER)):
        return None
    question = next_question(state)
    has_said_one = "wait:first" in state.flags
    if not state.my_amounts and question is not None and not has_said_one and state.asks[question.key] == 0:
        told = answers(state, leave_rate=True)
        flag = "first some" if len(askable(state)) > 1 else "first"
        first = [] if "wait:first some" in state.flags else [Act(Kind.WAIT, flag=flag)]
        return say(*([] if first else acknowledge(state)), *told, *first, ask(question, state))
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
    question = next_question(state)
    trailer = find_named(state.mine, "trailer")
    is_unfit = trailer is not None and _has_other_trailer(state, trailer.value or "")  # no use in asking more
    may_ask = question is not None and state.own_turns > 0 and not (is_unfit and told)
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
