"""Whatever an author calls a fact, what is said of it is English: each template, for each key of the library."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.sheet import build_briefing
from dispatchsim.models.freight_text import parse_freight, write_freight
from dispatchsim.services.library import read_library
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.retelling import tell_again
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import is_named
from rehearsal.dialogue.voicing import put_into_words
from rehearsal.part import find_part
from rehearsal.wording import humanise

# Read one by one: each is good English after `the`.
NOUNS = frozenset(
    [
        "address on the papers",
        "alarm code",
        "amount",
        "arrival on record",
        "broker on the papers",
        "carrier on the papers",
        "commodity",
        "contact",
        "deadhead miles",
        "delivery",
        "detention",
        "detention rate",
        "dock",
        "equipment",
        "first stop",
        "free time",
        "gate code",
        "hazmat",
        "hazmat endorsement",
        "late fee",
        "layover",
        "layover pay",
        "load number",
        "lumper",
        "miles",
        "new delivery time",
        "new pickup time",
        "paperwork",
        "pickup",
        "position",
        "rate",
        "receipt",
        "receiver's night line",
        "right address",
        "road report",
        "road service",
        "second stop",
        "service shop",
        "shipper",
        "tarps",
        "temperature",
        "temperature in the box",
        "trailer",
        "trailer length",
        "way around",
        "weight",
    ]
)


@cache
def sides() -> tuple[State, ...]:
    """Give how each side of each scenario begins."""
    scenarios = [file.fields for file in read_library() if file.kind == "scenarios"]
    return tuple(_side(fields, role) for fields in scenarios for role in Role)


def _side(fields: Mapping[str, object], role: Role) -> State:
    freight, sheet = fields["freight"], str(fields["load_sheet"])
    assert isinstance(freight, dict)
    case = parse_freight(write_freight(freight))
    assert case is not None
    briefing = build_briefing(case, load_sheet=sheet, role=role)
    sections = {
        "Load sheet": briefing.load_sheet,
        "What you know": briefing.knows,
        "What you have to find out": briefing.finds_out,
    }
    body = "\n".join(
        f"# {title}\n" + "\n".join(f"{fact.key}: {fact.value}" for fact in facts) for title, facts in sections.items()
    )
    part = find_part(f"# Your part\nrole: {role}\ncall_kind: {case.kind}\n\n{body}\n")
    assert part is not None
    return tell_again(part, (), ())


def said_of_facts() -> Iterator[tuple[str, str]]:
    """Give all that can be said of each fact, with its key."""
    for state in sides():
        for topic in state.theirs:
            for act in (
                *(Act(Kind.ASK, key=topic.key, flag=flag) for flag in ("", "again", "booking")),
                Act(Kind.CLARIFY, key=topic.key),
            ):
                yield from ((topic.key, text) for text in _ways(state, act))
        for topic in state.mine:
            told = [
                Act(Kind.TELL, topic.key, topic.value or "", flag=flag) for flag in ("", "unasked", "again", "also")
            ]
            for act in (*told, Act(Kind.CORRECT, topic.key, topic.value or ""), Act(Kind.LACK, topic.key)):
                yield from ((topic.key, text) for text in _ways(state, act))


def _ways(state: State, act: Act) -> Iterator[str]:
    for used in range(3):  # as many as there are forms
        state.own.clear()
        state.own[act.kind] = used
        yield " ".join(put_into_words(state, [act])[0])
    state.own.clear()


def test_only_a_noun_stands_after_an_article() -> None:
    odd = {
        key: text
        for key, text in said_of_facts()
        if re.search(rf"\bthe {re.escape(humanise(key))}\b", text, re.IGNORECASE) and humanise(key) not in NOUNS
    }

    assert odd == {}


def test_what_was_missed_is_asked_for_by_its_own_question() -> None:
    missed = {
        key: text for key, text in said_of_facts() if key in {"arrived", "times signed"} and re.match("Sorry", text)
    }

    assert missed.keys() == {"arrived", "times signed"}
    assert all(text.endswith("?") and key not in text.partition("our times signed")[0] for key, text in missed.items())


def test_what_happened_is_told_with_a_verb() -> None:
    told = {topic.value or "" for state in sides() for topic in state.mine if is_named(topic, "what happened")}

    assert told
    assert [
        text for text in told if not re.search(r"\b(?:is|are|was|were|has|have|had|\w+ed|went|lost|sat)\b", text)
    ] == []
