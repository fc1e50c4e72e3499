"""Puts acts into words: chosen by seed and by what was said before, fitting what they follow. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rehearsal.dialogue import phrases
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.moves import known_value, seeded
from rehearsal.dialogue.names import with_places
from rehearsal.dialogue.numbers import dollars, slipped
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, begins_with_a_place
from rehearsal.part import Role
from rehearsal.wording import address, end_sentence, humanise, is_yes_or_no, verb_for

_MARK = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


@dataclass
class Wording:
    """The sentences of one turn as they come together."""

    state: State
    sentences: list[str] = field(default_factory=list)
    acts: list[tuple[int, Act]] = field(default_factory=list)

    def add(self, act: Act, text: str) -> None:
        """Add the words of an act; it is done once its last sentence is heard."""
        self.sentences += [part for part in _MARK.split(text) if part]
        self.acts.append((max(len(self.sentences) - 1, 0), act))


def put_into_words(state: State, acts: Sequence[Act]) -> tuple[tuple[str, ...], tuple[tuple[int, Act], ...]]:
    """Give the sentences of a turn, and each act with the place of the sentence that does it."""
    wording = Wording(state)
    tells = [place for place, act in enumerate(acts) if act.kind is Kind.TELL and act.flag != "offered"]
    for place, act in enumerate(acts):
        # Two bare values in a row would not show which is which.
        named = replace(act, flag="also") if place in tells[1:] and act.flag in {"", "unasked"} else act
        text = _SAYS[act.kind](state, named, place)
        wording.add(act, hesitate(state, act, text))
    if not wording.sentences:
        wording.sentences.append("Okay.")
    return tuple(wording.sentences), tuple(wording.acts)


def choose(state: State, options: Sequence[str], place: str, *, used: int = 0) -> str:
    """Choose by seed, the next one each time the same is done."""
    options = _as_long_as(state, options)
    start = int(seeded(state, f"words:{place}") * len(options))
    return options[(start + used) % len(options)]


def _as_long_as(state: State, options: Sequence[str]) -> Sequence[str]:
    """Keep the shorter half for people of few words, the longer half for the others."""
    if len(options) < 3 or not (state.manner.is_terse or state.manner.is_talkative):
        return options
    by_length = sorted(options, key=len, reverse=state.manner.is_talkative)
    kept = by_length[: (len(options) + 1) // 2]
    return [option for option in options if option in kept]


def hesitate(state: State, act: Act, text: str) -> str:
    """Put an `uh`, or the persona's own words, before a number."""
    if act.kind not in {Kind.TELL, Kind.COUNTER, Kind.PROPOSE} or not re.search(r"\d", text):
        return text
    draw = seeded(state, f"hesitate:{state.own_turns}:{act.key}")
    own = [lead for lead in state.manner.leads if not lead.startswith("Let")]
    if own and draw < 0.4:
        return f"{own[int(draw * 100) % len(own)]}, {_lowered(act, text)}"
    if not state.manner.hesitates or draw > 0.55:
        return text
    if draw < 0.25 and (inside := _BEFORE_NUMBER.sub(r"\1, uh, ", text, count=1)) != text:
        return inside
    return f"{choose(state, phrases.HESITATES, 'hesitate', used=state.own_turns)}{_lowered(act, text)}"


_BEFORE_NUMBER = re.compile(r"(\b(?:it's|is|are|at|need|do|weighs|pays|to)) (?=\d)", re.IGNORECASE)


def _lowered(act: Act, text: str) -> str:
    """Begin with a small letter, unless it is a name that begins."""
    first = text.split(maxsplit=1)[0]
    is_small = first in _NO_NAME or (act.value[:1].islower() and act.value[1:4] == text[1:4])
    return text[0].lower() + text[1:] if is_small else text


_NO_NAME = frozenset(
    re.findall(
        r"[^|]+",
        "It's|It|The|That's|For|Pickup|Delivery|About|They|You|By|After|On|Detention|Could|Can|Set|If|Right|"
        "Let's|All|Okay,|Meet|We're|Take|Then",
    )
)


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
        return f"{choose(state, phrases.OFFERS[:3], 'offer').format(v=goods)[:-1]}, {rest}."
    if goods:
        return choose(state, phrases.OFFERS, "offer").format(v=goods)
    return choose(state, phrases.OFFERS_PLAIN, "offer")


def _report(state: State, act: Act, _place: int) -> str:
    if act.flag == "questions":
        return choose(state, phrases.QUESTIONS, "report")
    tables = phrases.REPORTS_DRIVER if state.is_driver else phrases.REPORTS_DISPATCHER
    text = choose(state, tables.get(act.key, tables[""]), "report")
    return text.format(ref=act.value) if act.value else text.replace(" load {ref}", " the load")


def _topic(topics: Sequence[Topic], key: str) -> Topic:
    return next((topic for topic in topics if topic.key == key), Topic(key))


def _ask(state: State, act: Act, _place: int) -> str:
    topic = _topic(state.theirs, act.key)
    category = topic.category
    used = state.own[Kind.ASK]
    if category.asks:
        question = choose(state, category.asks, f"ask {topic.key}", used=state.asks[topic.key])
    else:
        question = _asked_by_key(state, topic, used)
    if act.flag == "again":
        if category.asks:
            return f"Sorry, {question[0].lower() if not question.startswith('I ') else 'I'}{question[1:]}"
        forms = phrases.ASKS_AGAIN_CLAUSE if _is_clause(topic.key) else phrases.ASKS_AGAIN
        return choose(state, forms, "ask again", used=used).format(key=humanise(act.key), verb=verb_for(act.key))
    return question


def _asked_by_key(state: State, topic: Topic, used: int) -> str:
    """Ask for a fact that only its author knows words for."""
    key = humanise(topic.key)
    first, last = key.split()[0].lower(), key.split()[-1].lower()
    if first in _ASKING and " to " in f" {key} ".removeprefix(f" {first}")[:4]:
        return f"Can you tell me {key}?"
    if first in {"who", "is", "are", "do", "does", "did", "can"} or re.match(
        r"what (?:is|are|was|happened|broke|went)\b", key
    ):
        return f"{key[0].upper()}{key[1:]}?"
    if first in {"what", "where", "when", "why", "how"}:
        return f"Can you tell me {key}?"
    if last.endswith(("ed", "ing")) or last in {"by", "at", "for", "to", "from", "in", "on", "with"}:
        return f"What can you tell me about {key}?"
    table: tuple[str, ...] = phrases.ASKS_REPORT[1:] if state.part.call_kind not in {"", "booking"} else phrases.ASKS
    if _NAMES_A_PERSON & set(topic.words):
        table = phrases.ASKS_WHO
    elif _NAMES_A_VALUE & set(topic.words) and verb_for(key) == "is":
        table = phrases.ASKS_NAME if _IS_GIVEN & set(topic.words) else phrases.ASKS_NAME[:2]
    return _owned(choose(state, table, "ask", used=used).format(key=key, verb=verb_for(key)), other="your")


_ASKING = frozenset(["what", "who", "where", "when", "why", "how"])
_IS_GIVEN = frozenset(["code", "number", "address", "line"])
_NAMES_A_PERSON = frozenset(["broker", "carrier", "customer", "shipper", "receiver", "consignee", "manager", "owner"])
_NAMES_A_VALUE = frozenset(
    [
        "code",
        "number",
        "address",
        "time",
        "temperature",
        "rate",
        "name",
        "reading",
        "fee",
        "amount",
        "position",
        "new",
        "eta",
    ]
)


def _owned(text: str, *, other: str) -> str:
    """Leave the article out where the key says whose it is."""
    text = re.sub(r"\b[Tt]he (?:our|my)\b", lambda match: other.capitalize() if match[0][0] == "T" else other, text)
    text = re.sub(r"\bthe (what|who|where|when|how)\b", r"\1", text)
    return re.sub(r"\bThe (what|who|where|when|how)\b", lambda match: match[1].capitalize(), text)


def _tell(state: State, act: Act, place: int) -> str:
    if act.flag == "offered":
        return ""
    topic, value = _topic(state.mine, act.key), act.value
    key, verb = humanise(act.key), verb_for(act.key)
    if act.flag == "paper":
        text = (phrases.TELLS_IT if _stands_alone(value) else phrases.TELLS_KEYED)[0]
    elif act.flag in {"unasked", "again", "also"}:
        text = choose(state, _named_forms(topic, act.flag, value), f"tell {act.flag}", used=state.own[Kind.TELL])
    else:
        forms = _asked_forms(state, topic, value, is_alone=not place)
        text = choose(state, forms, "tell", used=state.own[Kind.TELL])
    return _filled(text, key=key, verb=verb, value=_misspoken(state, topic, _sized(topic, value, text)))


def _misspoken(state: State, topic: Topic, value: str) -> str:
    """Let somebody who mixes up numbers name a wrong one first, and mend it at once."""
    is_apt = state.manner.misspeaks and not topic.is_rate and seeded(state, f"misspeak:{topic.key}") < 0.35
    number = re.match(r"\d[\d,]*(?= (?:pounds|miles|feet|foot|degrees|hours|dollars|pallets)\b)", value)
    return f"{slipped(number[0])}, sorry, {value}" if is_apt and number is not None else value


def _asked_forms(state: State, topic: Topic, value: str, *, is_alone: bool) -> tuple[str, ...]:
    if is_yes_or_no(value):
        return phrases.TELLS_YES_OR_NO if topic.category.asks else phrases.TELLS_YES_OR_NO_KEYED
    if _is_no_noun(value) or (_is_clause(topic.key) and not topic.category.tells):
        return phrases.TELLS_NO_NOUN
    if is_alone and state.manner.is_terse and _stands_alone(value) and seeded(state, f"short:{topic.key}") < 0.6:
        return phrases.TELLS_SHORT
    return _full_forms(topic, value)


def _full_forms(topic: Topic, value: str) -> tuple[str, ...]:
    category = topic.category
    if begins_with_a_place(value) and category.of_place:
        return category.of_place
    if _is_participle(value):
        return phrases.TELLS_KEYED  # "I have paid by us" would say something else
    if _says_why(topic, value):
        return phrases.TELLS_SHORT
    if category.tells:
        return category.tells
    return phrases.TELLS_IT if _stands_alone(value) and verb_for(topic.key) == "is" else phrases.TELLS


def _stands_alone(value: str) -> bool:
    """Tell whether a value is a name or a quantity, that can follow `it's`."""
    return re.match(r"(?:(?:an?|about|around|minus|door|dock)\b|\d|[A-Z])", value) is not None


def _sentence_forms(topic: Topic, value: str) -> tuple[str, ...] | None:
    """Choose for a key that is half a sentence, or a value that is a whole one."""
    if humanise(topic.key).startswith("what ") and not _is_no_noun(value):
        return phrases.TELLS_CLAUSE_THAT if re.match(r"(?:they|it|he|she|you|we)\b", value) else phrases.TELLS_CLAUSE
    return phrases.TELLS_WHY if _says_why(topic, value) else None


def _says_why(topic: Topic, value: str) -> bool:
    """Tell whether a value is a sentence that gives a reason: `the brewery starts at midnight`."""
    has_verb = re.search(r"\w (?:is|are|was|were|has|have|had|will|\w{3,}s)\b", value) is not None
    return has_verb and bool({"reason", "cause"} & set(topic.words))


def _is_participle(value: str) -> bool:
    first = re.match(r"(?:not )?(\w+)", value)
    return first is not None and (
        first[1] in {"paid", "sent", "due", "shut", "free"}
        or re.fullmatch(r"(?!flatbed|\w*eed$)\w{2,}ed", first[1]) is not None
    )


def _is_clause(key: str) -> bool:
    return humanise(key).split()[0].lower() in {"what", "who", "where", "when", "why", "how", "since"}


def _is_no_noun(value: str) -> bool:
    """Tell whether a value cannot follow `is`: an order, or something that begins with a preposition."""
    return value.split(maxsplit=1)[0].lower().rstrip(",") in _NO_NOUN_BEGINS if value.split() else False


_NO_NOUN_BEGINS = frozenset(
    [
        "ask",
        "load",
        "call",
        "go",
        "send",
        "keep",
        "stay",
        "wait",
        "take",
        "bring",
        "use",
        "follow",
        "check",
        "turn",
        "come",
        "park",
        "drive",
        "see",
        "look",
        "do",
        "don't",
        "never",
        "with",
        "through",
        "via",
        "behind",
        "over",
        "under",
    ]
)


def _named_forms(topic: Topic, flag: str, value: str) -> tuple[str, ...]:
    """Choose ways to tell that name the fact."""
    if flag != "again" and topic.category.unasked:
        return topic.category.unasked
    if (forms := _sentence_forms(topic, value)) is not None:
        return forms
    if _is_clause(topic.key) or _is_no_noun(value):
        return phrases.TELLS_UNASKED_YES_OR_NO
    if flag == "again":
        return phrases.TELLS_AGAIN_YES_OR_NO if is_yes_or_no(value) else phrases.TELLS_AGAIN
    if is_yes_or_no(value):
        return phrases.TELLS_UNASKED_YES_OR_NO
    return phrases.TELLS_UNASKED if flag == "also" else phrases.TELLS_KEYED


def _sized(topic: Topic, value: str, form: str) -> str:
    """Keep `330 miles miles` and `a a reefer` away, add the unit that a bare number needs."""
    if "{v} miles" in form:
        return re.sub(r"\s+miles?$", "", value)
    if re.fullmatch(r"[\d,.]+", value) and "miles" in topic.words and "{key}" not in form:
        return f"{value} miles"
    if " a {v}" in form:
        return re.sub(r"^(?:an?|the)\s+", "", value)
    return value


def _filled(text: str, *, key: str, verb: str, value: str) -> str:
    value = value.rstrip(".")
    capital = value[:1].upper() + value[1:]
    lowered = value[:1].lower() + value[1:] if is_yes_or_no(value) else value
    name = key[:1].upper() + key[1:]
    spoken = _owned(text.format(key=key, K=name, verb=verb, v=lowered, V=capital), other="our")
    return spoken.replace(" a 8", " an 8").replace("..", ".")


def _lack(state: State, act: Act, _place: int) -> str:
    if act.key:
        return choose(state, phrases.LACKS, "lack", used=state.own[Kind.LACK]).format(key=humanise(act.key))
    return choose(state, phrases.LACKS_THAT, "lack", used=state.own[Kind.LACK])


def _propose(state: State, act: Act, _place: int) -> str:
    if act.key == "remedy":
        stop, _, time = act.value.partition(" ")
        hours, _, amount = act.value.partition(" of detention, ")
        text = choose(state, phrases.REMEDIES[act.flag], "remedy", used=state.own[Kind.PROPOSE])
        return text.format(stop=stop, time=time, hours=hours, a=amount)
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
    follows = state.manner.care + 0.4 > seeded(state, "repeats pickup")
    return (
        f"{text} {choose(state, phrases.ACCEPTS_PICKUP, 'pickup').format(pickup=pickup)}"
        if pickup and follows
        else text
    )


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
    return end_sentence(_filled(text, key="", verb="", value=act.value or "it doesn't fit"))


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
    fine = phrases.CONFIRMS_HELPED if act.value == "helped" else phrases.CONFIRMS_FINE
    table = {"all": phrases.CONFIRMS_ALL, "fine": fine, "nothing": phrases.NOTHING_ELSE}.get(act.flag, phrases.CONFIRMS)
    return choose(state, table, "confirm", used=state.own[Kind.CONFIRM])


def _correct(state: State, act: Act, _place: int) -> str:
    if act.key == "remedy":
        stop, _, time = act.value.partition(" ")
        _, _, amount = act.value.partition(" of detention, ")
        value = time if stop in {"pickup", "delivery"} else f"{amount} of detention" if amount else act.value
        return choose(state, phrases.CORRECTS_REMEDY, "correct").format(v=value)
    topic = _topic(state.mine, act.key)
    begins = choose(state, phrases.CORRECTS, "correct", used=state.own[Kind.CORRECT])
    form = choose(state, _named_forms(topic, "also", act.value), "correct as")
    if form.startswith(("Also", "And")):
        form = phrases.TELLS_KEYED[0]
    value = _sized(topic, act.value, form)
    return f"{begins} {_filled(form, key=humanise(act.key), verb=verb_for(act.key), value=value)}"


def _booked(state: State, act: Act, _place: int) -> str:
    if act.amount is not None:
        return choose(state, phrases.BOOKS, "book").format(a=dollars(act.amount))
    return choose(state, phrases.BOOKS_PLAIN if state.part.opens_the_call else phrases.NOTES_PLAIN, "book")


def _settle(state: State, act: Act, _place: int) -> str:
    text = choose(state, phrases.SETTLES[act.value], "settle", used=state.own[Kind.SETTLE])
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


def _acknowledge(state: State, act: Act, _place: int) -> str:
    used = state.own[Kind.ACKNOWLEDGE]
    if act.flag == "declined":
        return choose(state, phrases.TAKES_NO, "no")
    if act.flag == "remark":
        return choose(state, {**phrases.REMARKS, **phrases.REMARKS_REPORT}[act.key], f"remark {act.key}")
    if act.flag in {"echo", "slip", "mended"}:
        repeats = phrases.MENDED if act.flag == "mended" else phrases.ECHOES
        return _filled(choose(state, repeats, "echo", used=used), key="", verb="", value=with_places(act.value))
    table = phrases.ACKNOWLEDGES_REPORT if act.flag == "noted" else phrases.ACKNOWLEDGES
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
        return choose(state, phrases.CLARIFIES, "clarify", used=used).format(key=humanise(act.key))
    return choose(state, phrases.CLARIFIES_THAT, "clarify", used=used)


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
    Kind.ASK: _ask,
    Kind.TELL: _tell,
    Kind.LACK: _lack,
    Kind.PROPOSE: _propose,
    Kind.COUNTER: _counter,
    Kind.ACCEPT: _accept,
    Kind.DECLINE: _decline,
    Kind.READ_BACK: _read_back,
    Kind.CONFIRM: _confirm,
    Kind.CORRECT: _correct,
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
