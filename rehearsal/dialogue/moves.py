"""What one response may consist of, and the small decisions that both sides share."""

import hashlib
from dataclasses import dataclass, field

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.names import PLACES
from rehearsal.dialogue.numbers import find_numbers
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, alike, is_named, is_usual
from rehearsal.dialogue.words import words_of
from rehearsal.strict import Json

MAX_CALLS_IN_A_ROW = 3  # agents stop a model that only calls tools
TRIES = 2  # for one tool that was refused


@dataclass(frozen=True)
class Move:
    """Acts to be spoken, or one tool to be used before anything is said."""

    acts: tuple[Act, ...] = ()
    tool: str = ""
    arguments: Json = field(default_factory=dict)
    ends_call: bool = False


def say(*acts: Act, ends_call: bool = False) -> Move:
    """Speak."""
    return Move(tuple(acts), ends_call=ends_call)


def chance(state: State, place: str) -> float:
    """Give a number from 0 to 1 by seed, place and turn."""
    return seeded(state, f"{place}:{state.own_turns}")


def seeded(state: State, place: str) -> float:
    """Give a number from 0 to 1 by seed and place, the same all through a call."""
    digest = hashlib.sha256(f"{state.part.seed}:{place}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def use_tool(state: State, name: str, arguments: Json) -> Move | None:
    """Use a tool unless it is not there, was just done so, was refused so, or too many were used without a word."""
    if name not in state.tools or state.calls_in_a_row >= MAX_CALLS_IN_A_ROW:
        return None
    same = [use for use in state.uses if use.name == name and use.arguments == arguments]
    if any(use.is_ok for use in same[-1:]) or sum(not use.is_ok for use in same) >= TRIES:
        return None
    if same and same[-1] is state.uses[-1]:
        return None  # refused a moment ago: say something first
    return Move(tool=name, arguments=arguments)


def answers(state: State, *, leave_rate: bool) -> list[Act]:
    """Answer what was asked, in the order in which it was asked."""
    acts: list[Act] = []
    for key in state.owed:
        topic = _renewed(state, state.find_mine(key))
        if topic is None:
            acts.append(_guess(state) if not key else Act(Kind.LACK, key=key))
        elif not topic.is_rate or not (
            leave_rate or state.my_amounts
        ):  # one that is haggled over is named as it stands
            flag = "unasked" if key in state.wished else ""
            acts.append(Act(Kind.TELL, key=topic.key, value=topic.value or "", flag=flag))
    return acts[:3] or _all_else(state)


def _guess(state: State) -> Act:
    """Tell what is still untold once a question could not be made out twice: likely it asked for that."""
    is_booking, has_called = state.part.call_kind in {"", "booking"}, state.part.opens_the_call
    untold = (topic for topic in state.mine if topic.key not in state.told | set(state.owed) and not topic.is_rate)
    if state.is_driver and is_booking:  # a driver who is offered a load is asked what it pulls
        topic = next((topic for topic in untold if is_named(topic, "equipment")), None)
    else:
        topic = next((topic for topic in untold if topic.is_load is is_booking and (is_booking or has_called)), None)
    return Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="unasked") if topic else Act(Kind.LACK)


def _all_else(state: State) -> list[Act]:
    """Tell what nobody could know to ask for, once `anything else I should know?` was asked."""
    if state.is_driver or not state.has(Kind.WAIT):
        return []
    told = [act.key for act in state.last_own]
    untold = [
        topic
        for topic in state.mine
        if topic.is_load and not topic.is_rate and not is_usual(topic) and topic.key not in state.told | set(told)
    ]
    tells = [Act(Kind.TELL, key=topic.key, value=topic.value or "", flag="unasked") for topic in untold[:2]]
    return tells or [Act(Kind.CONFIRM, flag="everything")]


def _renewed(state: State, topic: Topic | None) -> Topic | None:
    """Give the new time of a stop once it has been named, instead of the old one."""
    has_moved = state.part.opens_the_call and not state.is_driver and state.part.call_kind != ""
    if topic is None or not (state.own[Kind.PROPOSE] or state.own[Kind.SETTLE] or has_moved):
        return topic
    new = (
        other for other in state.mine if other.key.lower().startswith("new ") and set(topic.words) <= set(other.words)
    )
    return next(new, topic)


def owes_rate(state: State) -> bool:
    """Tell whether the rate was asked for."""
    return any((topic := state.find_mine(key)) is not None and topic.is_rate for key in state.owed)


def next_question(state: State) -> Topic | None:
    """Choose what to ask next: what drivers ask first, else near the order of the sheet, neighbours changed by seed."""
    wanted = [topic for topic in askable(state) if not _is_too_early(state, topic)]
    if not wanted:
        return None
    places = {topic.key: place for place, topic in enumerate(state.theirs)}

    def order(topic: Topic) -> tuple[bool, bool, float, float]:
        # What is reported is told in the order of its author, who knows what follows from what.
        shift = (0.9 if topic.is_report else 3.5) * seeded(state, f"order:{topic.key}")
        is_urgent = is_named(topic, "safe")
        return (
            not is_urgent,
            not (topic.is_report and is_named(topic, "what happened")),
            _rank(state, topic),
            places[topic.key] + shift,
        )

    return min(wanted, key=order)


def _rank(state: State, topic: Topic) -> float:
    """Give how soon a driver who is offered a load asks: where from, where to, how far, what it pays; then the rest."""
    if not state.is_driver or state.part.call_kind not in {"", "booking"}:
        return 0
    place = next(
        (place for place, names in enumerate(_ASKED_FIRST) if any(is_named(topic, name) for name in names)), -1
    )
    return len(_ASKED_FIRST) if place < 0 else place + _NEIGHBOURS * seeded(state, f"rank:{topic.key}")


_ASKED_FIRST = (
    ("pickup",),
    ("delivery", "first stop", "second stop"),
    ("miles",),
    ("rate",),
    ("weight", "commodity"),
    ("trailer", "hazmat"),
    ("temperature",),
)
_NEIGHBOURS = 1.2  # more than one: two that follow each other may be asked the other way round


def askable(state: State) -> list[Topic]:
    """Give what is still open and was not asked for too often."""
    wanted = [topic for topic in state.open_questions if state.asks[topic.key] < state.max_asks]
    return [topic for topic in wanted if _can_be_known_of(state, topic)]


def _can_be_known_of(state: State, topic: Topic) -> bool:
    """Tell whether a driver who reports can ask for a fact by its name: a usual one, a task, or one spoken of.

    Who is offered a load goes through its sheet, and asks for whatever stands there.
    """
    part = state.part
    is_task = any(fact.key == topic.key for fact in part.finds_out)
    if not state.is_driver or part.call_kind in {"", "booking"} or is_task or topic.category.asks:
        return True
    known = {*words_of(part.situation), *words_of(part.goal), *state.mentioned}
    return all(any(alike(word, other) for other in known) for word in topic.words)


def ask_openly(state: State) -> list[Act]:
    """Ask whether there is anything else, where there is something that nobody can know to ask for."""
    unknown = [topic for topic in state.open_questions if not _can_be_known_of(state, topic)]
    may_ask = bool(unknown) and state.own[Kind.WAIT] < _OPEN_ASKS and "everything" not in state.mentioned
    return [Act(Kind.WAIT, flag="what else")] if may_ask else []


_OPEN_ASKS = 5


def _is_too_early(state: State, topic: Topic) -> bool:
    """Tell whether a question makes sense only after another one, or after what was not told yet."""
    still_open = [other for other in askable(state) if other is not topic]
    if state.is_driver and is_named(topic, "temperature") and "reefer" not in state.part.limit("needs equipment"):
        return bool(state.part.limits) and any(is_named(other, "trailer") for other in still_open)
    if (before := next((first for stop, first in _STOPS if is_named(topic, stop)), "")) != "":
        return any(is_named(other, before) for other in still_open)
    if state.is_driver or topic.is_load or topic.is_report:
        return False
    if is_named(topic, "trailer length"):
        return any(is_named(other, "equipment") for other in still_open)
    if is_named(topic, "deadhead"):
        pickup = find_named(state.mine, "pickup")
        return (pickup is not None and pickup.key not in state.told) or any(
            is_named(other, "position") for other in still_open
        )
    return False


_STOPS = (("second stop", "first stop"), ("first stop", "pickup"))  # each after the one before it


def ask(topic: Topic, state: State) -> Act:
    """Ask for a fact, the second time as such."""
    return Act(Kind.ASK, key=topic.key, flag="again" if state.asks[topic.key] else "")


def acknowledge(state: State) -> list[Act]:
    """Show what was taken down: careful people repeat it, the others now and then."""
    told = [act for act in state.fresh if act.kind is Kind.TELL]
    if not told:
        return []
    last = told[-1]
    words = words_of(last.value)
    has_number = any(number.has_unit or number.is_money or number.is_time for number in find_numbers(words))
    # Names that are not known would come back as they sound; yes and no need no repeating.
    can_echo = len(words) <= 16 and _is_plain(words) and (has_number or not PLACES.isdisjoint(words))
    value = last.value.removesuffix(" by now")
    echoes = can_echo and chance(state, "echo") < state.manner.care * (0.95 if has_number else 0.6)
    flag = "echo" if echoes else "noted" if state.part.call_kind not in {"", "booking"} else "told"
    return [Act(Kind.ACKNOWLEDGE, key=last.key, value=value, flag=flag)]


def _is_plain(words: tuple[str, ...]) -> bool:
    """Tell whether all words are spelt as they sound: numbers, units, times, places, trailers."""
    counted = {place for number in find_numbers(words) for place in range(number.start, number.end)}
    return all(place in counted or word in _PLAIN or word in PLACES for place, word in enumerate(words))


_PLAIN = frozenset(
    [
        "pounds",
        "pound",
        "dollars",
        "dollar",
        "miles",
        "mile",
        "degrees",
        "degree",
        "hours",
        "hour",
        "minutes",
        "foot",
        "feet",
        "pallets",
        "percent",
        "minus",
        "about",
        "at",
        "in",
        "the",
        "this",
        "that",
        "by",
        "now",
        "an",
        "a",
        "after",
        "day",
        "tomorrow",
        "today",
        "tonight",
        "morning",
        "afternoon",
        "evening",
        "noon",
        "midnight",
        "a",
        "m",
        "p",
        "am",
        "pm",
        "reefer",
        "flatbed",
        "dry",
        "van",
        "tanker",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "to",
        "of",
        "deadhead",
        "pickup",
        "fort",
        "city",
        "santa",
        "saint",
        "new",
        "los",
        "las",
        "el",
        "san",
        "north",
        "south",
        "east",
        "west",
    ]
)


def numbers_differ(expected: str, heard: str) -> bool:
    """Tell whether numbers were heard and none of those expected is among them."""
    wanted = {number.value for number in find_numbers(words_of(expected))}
    got = {number.value for number in find_numbers(words_of(heard))}
    return bool(wanted) and bool(got) and not wanted & got


def find_named(topics: tuple[Topic, ...], name: str) -> Topic | None:
    """Give the usual fact of that name, as `pickup`."""
    return next((topic for topic in topics if is_named(topic, name)), None)


def known_value(state: State, name: str) -> str:
    """Give the value of a usual fact, one's own or learnt."""
    mine = find_named(state.mine, name)
    theirs = find_named(state.theirs, name)
    if mine is not None and mine.value:
        return mine.value
    return state.learned.get(theirs.key, "") if theirs is not None else ""
