"""Something has happened, and one side reports it: what both need to know of a report, its papers and its wishes."""

import re

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, find_asked_in
from rehearsal.dialogue.words import words_of

PAPERS = {
    "lumper": "a photo of the receipt",
    "detention": "a photo of the signed bill of lading",
    "reefer_alarm": "a photo of the reefer display",
    "double_brokering": "a photo of the bill of lading",
}
OF_PAPERS = frozenset({"receipt", "receipts", "paperwork", "photo"})


def is_reporter(state: State) -> bool:
    """Tell whether this side reports: it knows what the other one has to find out."""
    return bool(state.part.knows) and not _is_only_the_new_time(state)


def _is_only_the_new_time(state: State) -> bool:
    return all(is_new_time(fact.key) for fact in state.part.knows)


def is_new_time(key: str) -> bool:
    """Tell whether a key is of a time that is agreed on in the call."""
    return re.match(r"new .*time$", key.lower()) is not None


def is_of_papers(state: State, topic: Topic) -> bool:
    """Tell whether a fact is about a paper that is sent in such a call."""
    return state.part.call_kind in PAPERS and bool(OF_PAPERS & set(topic.words))


def build_request(state: State, told: list[Act]) -> Act:
    """Ask for what is wanted; a dispatcher asks whether the new time can be made."""
    time = find_new_time(state)
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


def wishes_something(state: State) -> bool:
    """Tell whether there is still something to ask for."""
    return not state.own[Kind.REQUEST] and bool(_open_wishes(state) or not state.part.goal)


def untold_facts(state: State, now: list[Act]) -> list[Topic]:
    """Give what is still to be told; a paper is told of when it is sent."""
    said = state.told | {act.key for act in now}
    return [
        topic
        for topic in state.mine
        if not topic.is_load
        and topic.key not in said
        and not _is_hours(state, topic)
        and not (state.is_driver and is_of_papers(state, topic))
    ]


def _is_hours(state: State, topic: Topic) -> bool:
    return topic.key in {key for key, _ in state.part.hours}


def find_new_time(state: State) -> Topic | None:
    """Give the new time, where this side knows it."""
    return next((topic for topic in state.mine if is_new_time(topic.key)), None)
