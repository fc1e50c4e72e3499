"""What a part alone brings to a call: what this side has to tell and to find out, and whether it bargains."""

from collections.abc import Iterable

from rehearsal.dialogue.topics import Topic
from rehearsal.part import Fact, Part, Role


def topics_to_tell(part: Part) -> Iterable[Topic]:
    """Give the facts that this side knows: of the load, of its truck or the report, its hours, and its rate."""
    for fact in part.facts:
        if fact.value is not None:
            yield _as_topic(fact)
    known = {fact.key.lower() for fact in part.facts}
    for fact in part.knows:
        if fact.value is not None:
            yield Topic(fact.key, fact.value, is_load=False, is_report=_is_report(part))
    yield from _hours_as_topics(part, {*known, *(fact.key.lower() for fact in part.knows)})
    if part.limit("opening rate") and not any(topic.is_rate for topic in map(_as_topic, part.facts)):
        yield Topic("rate", part.limit("opening rate"))


def topics_to_find_out(part: Part) -> Iterable[Topic]:
    """Give what is to be found out: in a report what happened comes first, in a booking what the sheet says."""
    of_load = [Topic(fact.key) for fact in part.facts if fact.value is None and part.role is Role.DRIVER]
    known = {fact.key for fact in part.facts}
    is_load = part.role is Role.DRIVER and part.call_kind == "booking"
    others = [Topic(fact.key, None, is_load, _is_report(part)) for fact in part.finds_out if fact.key not in known]
    return [*others, *of_load] if _is_report(part) else [*of_load, *others]


def negotiates(part: Part) -> bool:
    """Tell whether the rate of this call is open."""
    is_booking = part.call_kind == "booking" or bool(part.limit("lowest rate") or part.limit("opening rate"))
    return is_booking or (not part.call_kind and any(_as_topic(fact).is_rate for fact in part.facts))


def _hours_as_topics(part: Part, known: set[str]) -> Iterable[Topic]:
    for key, value in part.hours:
        if key.lower() not in known:
            yield Topic(key, value, is_load=False)


def _as_topic(fact: Fact) -> Topic:
    return Topic(fact.key, fact.value)


def _is_report(part: Part) -> bool:
    return part.call_kind not in {"", "booking"}
