"""Puts acts into words: chosen by seed and by what was said before, fitting what they follow. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rehearsal.dialogue import phrases
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.choice import choose, hesitate
from rehearsal.dialogue.facts_in_words import ask, correct, filled, lack, miss, tell
from rehearsal.dialogue.moves import known_value, seeded
from rehearsal.dialogue.names import with_places
from rehearsal.dialogue.numbers import dollars
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import begins_with_a_place
from rehearsal.part import Role
from rehearsal.wording import address, end_sentence

_MARK = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


@dataclass
class Wording:
    """The sentences of one turn as they come together."""

    state: State
    sentences: list[str] = field(default_factory=list)
    acts: list[tuple[int, Act]] = field(default_factory=list)

    def add(self, act: Act, text: str) -> None:
        """Add the words of an act; it is done once its last sentence is heard."""
        if self.sentences and re.search(r"\bsorry\b", self.sentences[-1], re.IGNORECASE):
            text = re.sub(r"^Sorry, (\w)", lambda match: match[1].upper(), text)  # one is enough
        self.sentences += [part for part in _MARK.split(text) if part]
        self.acts.append((max(len(self.sentences) - 1, 0), act))


def put_into_words(state: State, acts: Sequence[Act]) -> tuple[tuple[str, ...], tuple[tuple[int, Act], ...]]:
    """Give the sentences of a turn, and each act with the place of the sentence that does it."""
    wording = Wording(state)
    tells = [place for place, act in enumerate(acts) if act.kind is Kind.TELL and act.flag != "offered"]
    for place, act in enumerate(acts):
        # Two bare values in a row would not show which is which.
        named = replace(act, flag="also") if place in tells[1:] and act.flag in {"", "unasked"} else act
        text = _SAYS[act.kind](state, _without_yes(state, named) if act.flag == "unasked" else named, place)
        wording.add(act, hesitate(state, act, text))
    if not wording.sentences:
        wording.sentences.append("Okay.")
    return tuple(wording.sentences), tuple(wording.acts)


def _without_yes(state: State, act: Act) -> Act:
    """Leave the `yes` of a fact of the load out where nobody has asked for it."""
    topic = state.find_mine(act.key)
    is_bare = topic is not None and topic.is_load and act.kind is Kind.TELL
    return replace(act, value=re.sub(r"^[Yy]es, ", "", act.value)) if is_bare else act


def _peer(state: State) -> str:
    return address(state.part.peer_name)


def _name(state: State) -> str:
    return state.part.name or f"the {state.part.role}"


def _greet(state: State, act: Act, _place: int) -> str:
    if state.part.role is Role.DISPATCHER:
        table = phrases.OPENS_DISPATCHER
    else:
        table = phrases.OPENS_DRIVER if act.flag == "opens" else phrases.ANSWERS_PHONE
    peer = f" {state.part.peer_name}" if state.part.peer_name else ""
    return choose(state, table, "greet").format(peer=peer, name=_name(state))


def _offer(state: State, act: Act, _place: int) -> str:
    goods, _, rest = act.value.partition(", ")
    if rest:
        return f"{choose(state, phrases.OFFERS[:3], 'offer').format(v=goods)} It's {end_sentence(rest)}"
    if goods:
        return choose(state, phrases.OFFERS, "offer").format(v=goods)
    return choose(state, phrases.OFFERS_PLAIN, "offer")


def _report(state: State, act: Act, _place: int) -> str:
    if act.flag == "questions":
        return choose(state, phrases.QUESTIONS, "report")
    tables = phrases.REPORTS_DRIVER if state.is_driver else phrases.REPORTS_DISPATCHER
    text = choose(state, tables.get(act.key, tables[""]), "report")
    return text.format(ref=act.value) if act.value else text.replace(" load {ref}", " the load")


def _propose(state: State, act: Act, _place: int) -> str:
    if act.key == "remedy":
        stop, _, time = act.value.partition(" ")
        hours, _, amount = act.value.partition(" of detention, ")
        text = choose(state, phrases.REMEDIES[act.flag], "remedy", used=state.own[Kind.PROPOSE])
        where = "shipper" if stop == "pickup" else "receiver"
        return text.format(stop=stop, where=where, time=time, hours=hours, a=amount)
    table = phrases.PROPOSES.get(act.flag, phrases.PROPOSES["again"])
    return choose(state, table, f"propose {act.flag}", used=state.own[Kind.PROPOSE]).format(a=dollars(act.amount or 0))


def _counter(state: State, act: Act, _place: int) -> str:
    used, wanted = state.own[Kind.COUNTER], act.amount or 0
    offered = int(act.flag) if act.flag.isdigit() else 0
    is_far = offered > 0 and wanted > _FAR * offered
    near = (phrases.COUNTERS_FIRST, phrases.COUNTERS, phrases.COUNTERS_LATE)
    table = (phrases.COUNTERS_FAR if used else phrases.COUNTERS_FIRST_FAR) if is_far else near[min(used, 2)]
    text = choose(state, table, "counter", used=used)
    return text.format(a=dollars(wanted), o=dollars(offered) if offered else "That")


_FAR = 1.12  # more than that over what is offered is no little


def _accept(state: State, act: Act, _place: int) -> str:
    if act.flag == "can":
        can = choose(state, phrases.ACCEPTS_CAN, "can", used=state.own[Kind.ACCEPT])
        if not act.value:
            return can
        agrees = choose(state, phrases.AGREES_TO_TIME, "agrees", used=state.own[Kind.ACCEPT])
        value = with_places(act.value)
        return agrees.format(v=value, V=value[0].upper() + value[1:], can=can)
    if act.flag == "decided":
        table = phrases.AGREES if state.part.opens_the_call else phrases.DECIDES
        return " ".join([choose(state, table, "decide"), *_decided_on(state)])
    amount = dollars(act.amount or 0)
    if act.flag == "again":
        return choose(state, phrases.ACCEPTS_AGAIN, "accept again").format(a=amount)
    pickup = with_places(known_value(state, "pickup"))
    text = choose(state, phrases.ACCEPTS, "accept").format(a=amount)
    repeats = phrases.ACCEPTS_PLACE if begins_with_a_place(pickup) else phrases.ACCEPTS_PICKUP
    follows = state.manner.care + 0.4 > seeded(state, "repeats pickup")
    return f"{text} {choose(state, repeats, 'pickup').format(pickup=pickup)}" if pickup and follows else text


def _decided_on(state: State) -> list[str]:
    rate, pickup = known_value(state, "rate"), with_places(known_value(state, "pickup"))
    if rate and pickup:
        return [f"So that's {rate}, pickup {pickup}."]
    return [f"So that's {rate}."] if rate else []


def _decline(state: State, act: Act, _place: int) -> str:
    key = "far" if act.key == "rate" and "too far" in act.value else act.key
    text = choose(state, phrases.DECLINES.get(key, phrases.DECLINES[""]), "decline")
    if act.key == "" and act.value:
        text = f"{text} {choose(state, phrases.REASONS, 'reason')}"
    elif "{v}" not in text.lower():
        return text
    return end_sentence(filled(text, key="", verb="", value=act.value or "it doesn't fit"))


def _read_back(state: State, act: Act, _place: int) -> str:
    if state.is_driver:
        return _repeat(state, act)
    what = [known_value(state, "commodity").partition(",")[0] or "the load"]
    if act.amount is not None:
        what[0] += f" at {dollars(act.amount)}"
    what += [f"{name} {value}" for name in ("pickup", "delivery") if (value := known_value(state, name))]
    table = phrases.READS_BACK_AGAIN if act.flag == "again" else phrases.READS_BACK
    return choose(state, table, "read back").format(what=", ".join(what))


def _repeat(state: State, act: Act) -> str:
    used = state.own[Kind.READ_BACK]
    if act.amount is not None:
        return choose(state, phrases.CHECKS_RATE, "check", used=used).format(a=dollars(act.amount))
    text = choose(state, phrases.REPEATS, "repeat", used=used).format(v=with_places(act.value))
    if act.flag == "can":
        return f"{text} {choose(state, phrases.REPEATS_CAN, 'can')}"
    return text


def _confirm(state: State, act: Act, _place: int) -> str:
    if act.flag == "everything":
        return choose(state, phrases.EVERYTHING, "everything")
    fine = phrases.CONFIRMS_HELPED if act.value == "helped" else phrases.CONFIRMS_FINE
    table = {"all": phrases.CONFIRMS_ALL, "fine": fine, "nothing": phrases.NOTHING_ELSE}.get(act.flag, phrases.CONFIRMS)
    return choose(state, table, "confirm", used=state.own[Kind.CONFIRM])


def _booked(state: State, act: Act, _place: int) -> str:
    if act.amount is not None:
        return choose(state, phrases.BOOKS, "book").format(a=dollars(act.amount))
    return choose(state, phrases.BOOKS_PLAIN if state.part.opens_the_call else phrases.NOTES_PLAIN, "book")


def _settle(state: State, act: Act, _place: int) -> str:
    kind = "" if "acknowledge:wish" in state.flags else f" {state.part.call_kind}"
    table = phrases.SETTLES.get(f"{act.value}{kind}", phrases.SETTLES[act.value])
    text = choose(state, table, "settle", used=state.own[Kind.SETTLE])
    new = next((topic.value or "" for topic in state.mine if topic.key.lower().startswith("new ")), "")
    return text.format(stop=state.part.limit("may move"), time=new, a=state.part.limit("highest detention"))


def _request(state: State, act: Act, _place: int) -> str:
    if act.key == "papers":
        table = phrases.PAPERS_THAT if act.flag == "that" else phrases.PAPERS
        return choose(state, table, "papers").format(v=act.value)
    if not state.is_driver:
        asks = phrases.REQUESTS_DISPATCHER if act.value else phrases.REQUESTS_DISPATCHER_PLAIN
        return choose(state, asks, "request", used=state.own[Kind.REQUEST]).format(time=act.value)
    goal = re.sub(r"\byou\b", "I", re.sub(r"\byour\b", "my", act.value.rstrip(".")))
    if not goal:
        return "What can we do about it?"
    if re.match(r"(?:an?|the|some|my|your|more|new)\b", goal):
        return f"What I need is {goal}."
    if re.match(r"(?:who|what|when|where|how|whether|which)\b", goal):
        return f"I'd like to know {goal}."
    return f"I'd like to {goal}."


def _deliver(state: State, act: Act, _place: int) -> str:
    return choose(state, phrases.DELIVERS, "deliver").format(v=act.value)


def _acknowledge(state: State, act: Act, place: int) -> str:
    used = state.own[Kind.ACKNOWLEDGE]
    if act.flag == "declined":
        return choose(state, phrases.TAKES_NO_MISFIT if act.key == "misfit" else phrases.TAKES_NO, "no")
    if act.flag == "wish":
        return choose(state, (phrases.TAKES_WISH_TOO if place else phrases.TAKES_WISH)[act.key], "wish")
    if act.flag == "remark":
        return choose(state, {**phrases.REMARKS, **phrases.REMARKS_REPORT}[act.key], f"remark {act.key}")
    if act.flag in {"echo", "slip", "mended"}:
        repeats = phrases.MENDED if act.flag == "mended" else phrases.ECHOES
        return filled(choose(state, repeats, "echo", used=used), key="", verb="", value=with_places(act.value))
    table = phrases.ACKNOWLEDGES_REPORT if act.flag == "noted" else phrases.ACKNOWLEDGES[:6]
    own = state.manner.acknowledges
    usual: tuple[str, ...] = (*own, *table[:2]) if own else table
    return choose(state, usual, "acknowledge", used=used)


def _here(state: State, act: Act, _place: int) -> str:
    return choose(
        state, phrases.HERE_ASKS if act.flag == "ask" else phrases.HERE_YES, "here", used=state.own[Kind.HERE]
    )


def _clarify(state: State, act: Act, _place: int) -> str:
    used = state.own[Kind.CLARIFY]
    if act.key:
        return miss(state, act.key)
    table = phrases.CLARIFIES_QUESTION if act.flag == "question" else phrases.CLARIFIES_THAT
    return choose(state, table, "clarify", used=used)


def _apologise(state: State, act: Act, _place: int) -> str:
    return choose(state, phrases.APOLOGIES.get(act.key, phrases.APOLOGIES[""]), "regret")


def _wait(state: State, act: Act, _place: int) -> str:
    if act.flag == "undecided" and act.value:
        return f"Here is my answer. {end_sentence(act.value)}"
    flag = "works rate" if act.flag == "works" and act.amount is not None else act.flag
    text = choose(state, phrases.WAITS[flag], f"wait {flag}", used=state.own[Kind.WAIT])
    return text.format(a=dollars(act.amount or 0))


def _close(state: State, act: Act, place: int) -> str:
    own: tuple[str, ...] = phrases.CLOSES_DRIVER if state.is_driver else phrases.CLOSES_DISPATCHER
    own = own[:2] if place and state.is_driver else own  # one "all right" is enough
    tables = {"answer": phrases.CLOSES_ANSWER[act.key], "bye": phrases.CLOSES_BYE, "wrap": phrases.CLOSES_WRAP}
    return choose(state, tables.get(act.flag, own), "close").format(peer=_peer(state))


_SAYS: dict[Kind, Callable[[State, Act, int], str]] = {
    Kind.GREET: _greet,
    Kind.OFFER: _offer,
    Kind.REPORT: _report,
    Kind.ASK: ask,
    Kind.TELL: tell,
    Kind.LACK: lack,
    Kind.PROPOSE: _propose,
    Kind.COUNTER: _counter,
    Kind.ACCEPT: _accept,
    Kind.DECLINE: _decline,
    Kind.READ_BACK: _read_back,
    Kind.CONFIRM: _confirm,
    Kind.CORRECT: correct,
    Kind.BOOKED: _booked,
    Kind.SETTLE: _settle,
    Kind.REQUEST: _request,
    Kind.DELIVER: _deliver,
    Kind.CLARIFY: _clarify,
    Kind.HERE: _here,
    Kind.ACKNOWLEDGE: _acknowledge,
    Kind.APOLOGISE: _apologise,
    Kind.WAIT: _wait,
    Kind.CLOSE: _close,
}
