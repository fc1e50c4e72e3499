"""Tells a call again for one side from its items: what was said, heard, asked, named and done so far."""

import json
from collections.abc import Callable, Iterable, Sequence

from rehearsal.conversation import Item
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.agenda import negotiates, topics_to_find_out, topics_to_tell
from rehearsal.dialogue.ear import Ear
from rehearsal.dialogue.manner import find_manner
from rehearsal.dialogue.names import spellings
from rehearsal.dialogue.numbers import values_of
from rehearsal.dialogue.state import State, Use
from rehearsal.dialogue.topics import Topic, find_asked_in, is_usual, with_unit
from rehearsal.dialogue.understanding import understand
from rehearsal.dialogue.words import words_of
from rehearsal.item_bodies import AssistantMessage, FunctionCall, FunctionCallOutput, UserMessage
from rehearsal.part import Part
from rehearsal.strict import Json
from rehearsal.usage import item_text

_NO_SUBSTANCE = frozenset({Kind.CLARIFY, Kind.ACKNOWLEDGE, Kind.HERE})


_NEEDS_YES = frozenset({Kind.READ_BACK, Kind.PROPOSE, Kind.WAIT, Kind.SETTLE, Kind.REQUEST, Kind.OFFER})


def tell_again(part: Part, tools: Iterable[str], items: Sequence[Item]) -> State:
    """Go through a conversation and give where it stands."""
    state = State(
        part,
        frozenset(tools),
        find_manner(part.character),
        mine=tuple(topics_to_tell(part)),
        theirs=tuple(topics_to_find_out(part)),
    )
    for item in items:
        _READERS.get(type(item.body), _skip)(state, item)
    return state


def heard_text(item: Item) -> str | None:
    """Give what is known of the words of the other side."""
    return item.heard if item.heard is not None else item_text(item) or None


def _ear(state: State) -> Ear:
    part = state.part
    return Ear(
        is_driver=state.is_driver,
        negotiates=negotiates(part),
        # Of two facts that fit a question equally well, the one that was not told yet is meant.
        mine=tuple(sorted(state.mine, key=lambda topic: topic.key in state.told)),
        theirs=state.theirs,
        pending=state.pending,
        awaits_yes=any(act.kind in _NEEDS_YES for act in state.last_own),
        papers="send_papers" in state.tools,
        money_is_rate=_is_about_rate(state),
        told=next((act.value for act in state.last_own if act.kind is Kind.TELL and act.flag != "offered"), ""),
        quantity=_quantity(state),
        names=spellings((*part.names, part.name, part.peer_name)),
    )


def _quantity(state: State) -> str:
    """Give what was told or corrected last, with the units that a sheet leaves out."""
    told = [act for act in state.last_own if act.kind in {Kind.TELL, Kind.CORRECT} and act.flag != "offered"]
    topics = [(state.find_mine(act.key), act.value) for act in told]
    return " and ".join(with_unit(topic, value) for topic, value in topics if topic is not None and not topic.is_rate)


def _is_about_rate(state: State) -> bool:
    if state.my_amounts or state.own[Kind.PROPOSE] or state.own[Kind.ACCEPT]:
        return True
    return any(topic.is_rate and topic.key == state.pending for topic in state.theirs) or any(
        topic.is_rate and topic.key in state.told for topic in state.mine
    )


def _on_own(state: State, item: Item) -> None:
    if item.spoken is not None and item.spoken.line.acts:
        acts = item.spoken.heard_acts
    else:
        text = item.spoken.line.text if item.spoken is not None and item.spoken.is_heard else item_text(item)
        acts = _recognise_own(state, text)
    if not acts:
        return
    state.own_turns += 1
    state.calls_in_a_row = 0
    state.clarified = state.clarified + 1 if any(act.kind is Kind.CLARIFY for act in acts) else 0
    for act in acts:
        state.own[act.kind] += 1
        if act.kind in {Kind.READ_BACK, Kind.ACCEPT} and act.value:
            state.repeated = act.value
        _OWN.get(act.kind, _skip_act)(state, act)
        if act.flag:
            state.flags.add(f"remark on {act.key}" if act.flag == "remark" else f"{act.kind}:{act.flag}")
    asked = [act.key for act in acts if act.kind is Kind.ASK]
    # A question stands while the other side's are answered.
    if asked or not all(act.kind in {Kind.CLARIFY, Kind.HERE, Kind.TELL, Kind.LACK} for act in acts):
        state.pending = asked[-1] if asked else ""
    state.last_own, state.fresh, state.heard_since = acts, (), False
    if any(act.kind not in _NO_SUBSTANCE for act in acts):
        state.last_said = acts


def _recognise_own(state: State, text: str) -> tuple[Act, ...]:
    """Find what an own line did by its text alone, as after a reconnection."""
    ear = Ear(
        is_driver=not state.is_driver,
        negotiates=negotiates(state.part),
        mine=state.theirs,
        theirs=tuple(Topic(topic.key, None, topic.is_load, topic.is_report) for topic in state.mine),
    )
    # A question of which nobody can tell what it asked for cannot be asked again.
    acts = [act for act in understand(text, ear) if act.kind is not Kind.ASK or act.key]
    row = f" {' '.join(words_of(text))} "
    for topic in state.mine:
        value = " ".join(words_of(topic.value or ""))
        if value and f" {value} " in row and not any(act.kind is Kind.TELL and act.key == topic.key for act in acts):
            acts.append(Act(Kind.TELL, key=topic.key, value=topic.value or ""))
    return tuple(acts) or ((Act(Kind.ACKNOWLEDGE),) if text.strip() else ())


def _on_told(state: State, act: Act) -> None:
    state.told.add(act.key)
    is_renewed = act.key.lower().startswith("new ")  # it answers the question for the old one as well
    # What could not be made out is not waited for either, once something was told in its place.
    open_keys = [key for key in state.owed if key and key != act.key]
    state.owed = [key for key in open_keys if not (is_renewed and key.lower() in act.key.lower())]


def _on_clarified(state: State, _act: Act) -> None:
    state.owed = [key for key in state.owed if key]


def _on_asked(state: State, act: Act) -> None:
    state.asks[act.key] += 1


def _on_named(state: State, act: Act) -> None:
    if act.amount is not None:
        state.my_amounts.append(act.amount)
    state.owed = [key for key in state.owed if not _is_rate(state, key)]


def _is_rate(state: State, key: str) -> bool:
    topic = state.find_mine(key)
    return topic is not None and topic.is_rate


def _skip_act(_state: State, _act: Act) -> None:
    """Nothing more to note."""


_OWN: dict[Kind, Callable[[State, Act], None]] = {
    Kind.TELL: _on_told,
    Kind.LACK: _on_told,
    Kind.CLARIFY: _on_clarified,
    Kind.ASK: _on_asked,
    Kind.PROPOSE: _on_named,
    Kind.COUNTER: _on_named,
}


def _on_heard(state: State, item: Item) -> None:
    state.is_addressed = state.heard_since = True
    state.calls_in_a_row = 0
    text = heard_text(item) or ""
    state.mentioned.update(words_of(text))
    acts = understand(text, _ear(state))
    if any(act.kind is Kind.REQUEST and act.key == "papers" for act in acts):
        acts = tuple(act for act in acts if act.kind is not Kind.ASK)  # "send me the times" asks for no time
    for act in acts:
        state.heard[act.kind] += 1
        if (
            act.kind is Kind.CONFIRM
            and state.doubted is not None
            and any(own.kind is Kind.READ_BACK for own in state.last_own)
        ):
            _on_rate(state, Act(Kind.PROPOSE, amount=state.doubted))
        if act.kind is Kind.CONFIRM and any(own.flag in {"confirm", "works"} and own.amount for own in state.last_own):
            state.heard[Kind.ACCEPT] += 1  # yes to "you'll take it at that?"
        _HEARD.get(act.kind, _skip_act)(state, act)
    state.fresh = (*state.fresh, *acts)


def _on_learned(state: State, act: Act) -> None:
    state.learned[act.key] = act.value
    if state.pending == act.key:
        state.pending = ""


def _on_lacking(state: State, act: Act) -> None:
    is_rate = any(topic.is_rate and topic.key == act.key for topic in state.theirs)
    if not is_rate:  # a rate there must be: it is asked for again
        state.given_up.add(act.key)
    state.pending = ""


def _on_question(state: State, act: Act) -> None:
    if act.key not in state.owed:
        state.owed.append(act.key)


def _on_missed(state: State, act: Act) -> None:
    """Owe the rate that was not heard: it is named as it stands, whatever was said last."""
    topic = state.find_mine(act.key)
    if topic is not None and topic.is_rate and negotiates(state.part):
        _on_question(state, act)


def _on_request(state: State, act: Act) -> None:
    """Owe the facts that a wish names: `the right address and a name to ask for`."""
    if act.key != "goal" or state.is_driver:
        return
    for topic in find_asked_in(state.mine, words_of(act.value)):
        if topic.key not in state.owed and topic.key not in state.told and not is_usual(topic):
            state.owed.append(topic.key)
            state.wished.add(topic.key)


def _on_rate(state: State, act: Act) -> None:
    if act.amount is not None and _is_odd(state, act.amount) and act.amount != state.doubted:
        state.doubted = act.amount
        return
    if act.amount is not None:
        state.doubted = None
        state.their_amounts.append(act.amount)
        state.is_final = False
        for topic in state.theirs:
            if topic.is_rate:
                state.learned[topic.key] = f"{act.amount:,} dollars"
                state.pending = "" if state.pending == topic.key else state.pending
    state.is_final = state.is_final or act.flag == "final"


def _is_odd(state: State, amount: int) -> bool:
    """Tell whether nobody would name that now: a dispatcher goes up and a driver down, neither in leaps."""
    before = state.their_amounts[-1] if state.their_amounts else None
    own = state.my_amounts[-1] if state.my_amounts else None
    if not state.is_driver:
        return own is not None and (amount < own or amount > (1.2 * before if before else 2.5 * own))
    floor = next(iter(values_of(state.part.limit("lowest rate"))), 0)
    if before and amount > 2.5 * before:
        return True  # pounds, or miles, whose unit was not heard
    return amount < (before or 0.6 * floor) or (own is not None and amount > 1.2 * own)


_HEARD: dict[Kind, Callable[[State, Act], None]] = {
    Kind.TELL: _on_learned,
    Kind.LACK: _on_lacking,
    Kind.ASK: _on_question,
    Kind.CLARIFY: _on_missed,
    Kind.REQUEST: _on_request,
    Kind.PROPOSE: _on_rate,
    Kind.COUNTER: _on_rate,
}


def _on_call(state: State, item: Item) -> None:
    body = item.body
    if isinstance(body, FunctionCall):
        state.uses.append(Use(body.name, _parsed(body.arguments), body.call_id or item.id))
        state.calls_in_a_row += 1


def _on_result(state: State, item: Item) -> None:
    body = item.body
    if isinstance(body, FunctionCallOutput):
        for use in state.uses:
            if use.call_id == body.call_id:
                use.result = _parsed(body.output)


def _parsed(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _skip(_state: State, _item: Item) -> None:
    """Leave out notes of the application: they change nothing here."""


_READERS: dict[type, Callable[[State, Item], None]] = {
    AssistantMessage: _on_own,
    UserMessage: _on_heard,
    FunctionCall: _on_call,
    FunctionCallOutput: _on_result,
}
