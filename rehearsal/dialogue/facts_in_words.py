"""How a fact is asked for, told and corrected, whatever its author called it."""

import re
from collections.abc import Sequence

from rehearsal.dialogue import phrases
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.choice import choose
from rehearsal.dialogue.mix_ups import slipped
from rehearsal.dialogue.moves import seeded
from rehearsal.dialogue.state import State
from rehearsal.dialogue.topics import Topic, begins_with_a_place, is_named
from rehearsal.wording import humanise, is_yes_or_no, verb_for


def _topic(topics: Sequence[Topic], key: str) -> Topic:
    return next((topic for topic in topics if topic.key == key), Topic(key))


def ask(state: State, act: Act, _place: int) -> str:
    """Ask for a fact, the second time in other words."""
    topic = _topic(state.theirs, act.key)
    category = topic.category
    used = state.own[Kind.ASK]
    if category.asks:
        asks = category.asks if not state.is_driver else _without_problem(category.asks)
        question = choose(state, asks, f"ask {topic.key}", used=state.asks[topic.key])
    else:
        question = _asked_by_key(state, topic, used)
    if not used:
        question = _without_and(question)
    if act.flag == "booking":
        return f"Before I book it, {question[0].lower()}{question[1:]}"
    if act.flag == "again":
        if category.asks:
            return f"Sorry, {question[0].lower() if not question.startswith('I ') else 'I'}{question[1:]}"
        if not _is_noun(topic.key) and not _is_clause(topic.key):
            return f"Sorry, {question[0].lower()}{question[1:]}"
        forms = phrases.ASKS_AGAIN_CLAUSE if _is_clause(topic.key) else phrases.ASKS_AGAIN
        again = choose(state, forms, "ask again", used=used).format(key=humanise(act.key), verb=verb_for(act.key))
        return _owned(again, other="your")
    return question


def miss(state: State, key: str) -> str:
    """Say that the answer to a question was not heard: by the question, where a fact has one, else by its name."""
    topic, used = _topic(state.theirs, key), state.own[Kind.CLARIFY]
    is_mine_to_ask = any(other.key == key for other in state.theirs)  # a driver's wish is no answer
    if is_mine_to_ask and (topic.category.asks or not _is_noun(key)):
        asks = topic.category.asks
        question = choose(state, asks, f"ask {key}") if asks else _asked_by_key(state, topic, used)
        form = choose(state, phrases.CLARIFIES_ASKING, "clarify", used=used)
        return form.format(ask=_without_and(question))
    return _owned(choose(state, phrases.CLARIFIES, "clarify", used=used).format(key=humanise(key)), other="your")


def _is_noun(key: str) -> bool:
    """Tell whether a key can stand after `the`: the gate code; not the arrived, the late by, the what they say."""
    words = humanise(key).lower().split()
    is_verb = words[-1].endswith(("ed", "ing")) or words[-1] in {*_PREPOSITIONS, "back", "safe"}
    return not is_verb and not _is_clause(key) and words[0] not in {"is", "are", "do", "does", "did", "can"}


_PREPOSITIONS = frozenset({"by", "at", "for", "to", "from", "in", "on", "with"})


def _without_and(question: str) -> str:
    """Begin the first question without `and`: nothing was asked before."""
    rest = re.sub(r"^And (?=the )", "What about ", question).removeprefix("And ")
    return rest[0].upper() + rest[1:]


def _without_problem(asks: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what only the one who is called asks: a driver who hears of a change asks what happened."""
    return tuple(form for form in asks if "problem" not in form)


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
    if last.endswith(("ed", "ing")) or last in _PREPOSITIONS:
        return f"What can you tell me about {key}?"
    table: tuple[str, ...] = phrases.ASKS_REPORT[1:] if state.part.call_kind not in {"", "booking"} else phrases.ASKS
    if _NAMES_A_PERSON & set(topic.words):
        table = phrases.ASKS_WHO
    elif _NAMES_A_VALUE & set(topic.words) and verb_for(key) == "is":
        table = phrases.ASKS_NAME if _IS_GIVEN & set(topic.words) else phrases.ASKS_NAME[:2]
        table = table if used else phrases.ASKS_NAME[:1]
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


def tell(state: State, act: Act, place: int) -> str:
    """Tell a fact: short, in full, or by its name where more than one is told."""
    if act.flag == "offered":
        return ""
    topic, value = _topic(state.mine, act.key), act.value
    key, verb = humanise(act.key), verb_for(act.key)
    if is_named(topic, "deadhead") and re.fullmatch(r"0(?: miles)?", value):
        return choose(state, phrases.TELLS_NO_DEADHEAD, "tell", used=state.own[Kind.TELL])
    if act.flag in {"unasked", "again", "also"}:
        text = choose(
            state, _named_forms(topic, act.flag, topic.value or value), f"tell {act.flag}", used=state.own[Kind.TELL]
        )
    else:
        forms = _asked_forms(state, topic, value, is_alone=not place)
        text = choose(state, forms, "tell", used=state.own[Kind.TELL])
    return filled(text, key=key, verb=verb, value=_misspoken(state, topic, _sized(topic, value, text)))


def _misspoken(state: State, topic: Topic, value: str) -> str:
    """Let somebody who mixes up numbers name a wrong one first, and mend it at once."""
    is_apt = state.manner.misspeaks and not topic.is_rate and seeded(state, f"misspeak:{topic.key}") < 0.35
    number = re.match(r"\d[\d,]*(?= (?:pounds|miles|feet|foot|degrees|hours|dollars|pallets)\b)", value)
    return f"{slipped(number[0])}, sorry, {value}" if is_apt and number is not None else value


def _asked_forms(state: State, topic: Topic, value: str, *, is_alone: bool) -> tuple[str, ...]:
    if is_yes_or_no(value):
        keyed = topic.category.tells or phrases.TELLS_YES_OR_NO_KEYED
        return phrases.TELLS_YES_OR_NO if topic.category.asks and not topic.category.tells else keyed
    if _is_no_noun(value) or (_is_clause(topic.key) and not topic.category.tells):
        return phrases.TELLS_NO_NOUN
    if is_alone and state.manner.is_terse and _stands_alone(value) and seeded(state, f"short:{topic.key}") < 0.6:
        return phrases.TELLS_SHORT
    return _full_forms(topic, value)


def _full_forms(topic: Topic, value: str) -> tuple[str, ...]:
    category = topic.category
    if begins_with_a_place(value) and category.of_place:
        return category.of_place
    if _is_participle(value) or topic.key.lower().startswith("new "):
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
    if topic.category.unasked and (flag != "again" or not _is_noun(topic.key)):
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


def filled(text: str, *, key: str, verb: str, value: str) -> str:
    """Fill a form with key and value."""
    value = value.rstrip(".")
    capital = value[:1].upper() + value[1:]
    lowered = value[:1].lower() + value[1:] if is_yes_or_no(value) else value
    name = key[:1].upper() + key[1:]
    spoken = _owned(text.format(key=key, K=name, verb=verb, v=lowered, V=capital), other="our")
    return spoken.replace(" a 8", " an 8").replace("..", ".")


def lack(state: State, act: Act, _place: int) -> str:
    """Say that a fact is not known."""
    if act.key and _is_noun(act.key):
        text = choose(state, phrases.LACKS, "lack", used=state.own[Kind.LACK]).format(key=humanise(act.key))
        return _owned(text, other="your")
    return choose(state, phrases.LACKS_THAT, "lack", used=state.own[Kind.LACK])


def correct(state: State, act: Act, _place: int) -> str:
    """Say what is right, after something wrong came back."""
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
    return f"{begins} {filled(form, key=humanise(act.key), verb=verb_for(act.key), value=value)}"
