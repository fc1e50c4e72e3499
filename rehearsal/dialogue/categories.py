"""The usual facts of freight: their keys, and how people ask for them and tell them."""

from dataclasses import dataclass
from functools import lru_cache

from rehearsal.dialogue.words import words_of


@dataclass(frozen=True)
class Category:
    """How people ask for one of the usual facts of freight and tell it."""

    keys: frozenset[str]
    cues: tuple[str, ...]  # word rows that ask for it
    asks: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()  # `{v}` is the value
    of_place: tuple[str, ...] = ()  # for values that begin with a name of a place
    unasked: tuple[str, ...] = ()  # told without being asked for
    needs_number: bool = False

    @property
    def lead_ins(self) -> tuple[tuple[str, ...], ...]:
        """The words before the value in its tellings, where they show which fact it is."""
        return _lead_ins((*self.tells, *self.of_place, *self.unasked))


@lru_cache(maxsize=500)
def _lead_ins(forms: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    rows = {words_of(form.partition("{v}")[0]) for form in forms if "{v}" in form}
    return tuple(sorted((row for row in rows if len(row) > 1 and row not in _EMPTY), key=len, reverse=True))


_EMPTY = frozenset({("it", "is"), ("that", "is"), ("i", "have"), ("it", "is", "about"), ("set", "it", "at")})


def _keys(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split("|"))


LOAD = (
    Category(
        _keys("rate|pay|linehaul|all in rate|rate all in|line haul|offered rate"),
        (
            "what does it pay",
            "how much does it pay",
            "what is it paying",
            "what is the money",
            "does this one pay",
            "pay on",
        ),
        ("What does it pay?", "What's the rate on it?", "What are you paying on it?", "What does this one pay?"),
        ("It pays {v}.", "The rate is {v}.", "I have {v} on it."),
        needs_number=True,
    ),
    Category(
        _keys("commodity|freight|product|goods"),
        ("what is the commodity", "hauling", "what is on it", "what is in it", "what is it i would"),
        ("What's the commodity?", "What am I hauling?", "What's the freight?"),
        ("It's {v}.", "The commodity is {v}.", "You'd be hauling {v}."),
    ),
    Category(
        _keys("weight|gross weight"),
        ("how heavy", "how much does it weigh", "weigh"),
        ("How heavy is it?", "How much does it weigh?", "What's the weight?"),
        ("It's {v}.", "It weighs {v}.", "The weight is {v}."),
        unasked=("It weighs {v}.", "The weight is {v}."),
        needs_number=True,
    ),
    Category(
        _keys("pickup|pick up|origin"),
        ("where does it pick up", "when and where do i pick up", "pick up", "picking up", "loading"),
        ("Where and when does it pick up?", "What's the pickup?", "Where and when do I pick up?"),
        ("Pickup is {v}.", "The pickup is {v}."),
        ("It picks up in {v}.", "Pickup is {v}."),
        ("Pickup is {v}.",),
    ),
    Category(
        _keys("delivery|destination|drop"),
        ("where does it deliver", "where does it go", "deliver", "drop off"),
        ("Where does it deliver?", "Where does it deliver, and when?", "What's the delivery?"),
        ("Delivery is {v}.", "The delivery is {v}."),
        ("It delivers in {v}.", "Delivery is {v}."),
        ("Delivery is {v}.",),
    ),
    Category(
        _keys("miles|distance|mileage|loaded miles"),
        ("how many miles", "how far is it", "how long is the run"),
        ("How many loaded miles is it?", "How many loaded miles?", "How long is the run?"),
        ("It's {v} miles.", "I have {v} miles on it.", "That's {v} miles."),
        unasked=("The run is {v} miles.",),
        needs_number=True,
    ),
    Category(
        _keys("trailer|equipment|trailer type"),
        ("kind of trailer", "what trailer", "what equipment", "equipment does it"),
        ("What kind of trailer does it need?", "What trailer does it need?", "What equipment does it take?"),
        ("It needs a {v}.", "It takes a {v}."),
        unasked=("It needs a {v}.",),
    ),
    Category(
        _keys("temperature|temp"),
        ("how cold", "what temperature", "the temperature"),
        ("What's the temperature?", "What temperature does it run at?", "What do I set the unit to?"),
        ("It runs at {v}.", "The temperature is {v}.", "Set it at {v}."),
        unasked=("It runs at {v}.",),
        needs_number=True,
    ),
    Category(
        _keys("first stop"),
        ("first stop", "deliver first"),
        ("Where's the first stop?", "Where does it deliver first?"),
        ("The first stop is {v}.",),
        unasked=("The first stop is {v}.",),
    ),
    Category(
        _keys("second stop"),
        ("second stop",),
        ("And where's the second stop?", "And the second stop?"),
        ("The second stop is {v}.",),
        unasked=("The second stop is {v}.",),
    ),
    Category(
        _keys("tarps|tarp"),
        ("need tarps", "about tarps", "the tarps", "any tarps"),
        ("Do I need tarps?", "What about tarps?", "Does it need tarps?"),
        ("As for tarps, {v}.",),
        unasked=("As for the tarps, {v}.",),
    ),
    Category(
        _keys("lumper|lumper fee"),
        ("pays the lumper", "paying the lumper", "about the lumper", "and the lumper"),
        ("Who pays the lumper?", "And who pays the lumper?"),
        ("The lumper is {v}.",),
        unasked=("The lumper is {v}.",),
    ),
    Category(
        _keys("hazmat|hazardous|hazmat placards"),
        ("any hazmat", "is it hazmat", "hazardous", "anything hazardous"),
        ("Is any of it hazmat?", "Any hazmat on it?", "Is it hazmat?"),
    ),
    Category(
        _keys("paid back|paid out|when it is paid"),
        ("paid back", "when do i get", "see my money", "fee back", "money back"),
        ("When do I get paid back?", "When will I see my money?"),
        ("You get it {v}.", "{V}."),
        unasked=("You'll be paid back {v}.",),
    ),
    Category(
        _keys("contact|ask for"),
        ("who do i ask for", "who is the contact", "contact there", "name to ask for", "somebody to ask for"),
        ("Who do I ask for there?", "Who's my contact there?"),
        ("{V}.",),
        unasked=("At the receiver, {v}.",),
    ),
    Category(
        _keys("who pays|paid by"),
        ("who pays", "who is paying", "who is going to pay"),
        ("Who pays for that?", "Who pays for it?"),
        ("{V}.", "That's {v}."),
        unasked=("The bill goes to {v}.",),
    ),
    Category(
        _keys("what to do|what the driver does|instructions"),
        ("whether to load", "what do i do", "what should i do", "want me to do", "what to do"),
        ("What do you want me to do?", "So what do I do now?"),
        ("{V}.",),
        unasked=("For now, {v}.",),
    ),
    Category(
        _keys("road service|tow|help|repair service"),
        ("who is coming", "somebody sent", "sent out", "are you sending", "send somebody"),
        ("Who are you sending?", "Who's coming out?"),
        ("I'm sending {v}.", "That's {v}."),
        unasked=("I'm sending {v}.",),
    ),
    Category(
        _keys("service shop|shop|repair shop|dealer"),
        ("where do i take", "looked at", "where do i go with", "which shop"),
        ("Where do I take it?", "Which shop do I go to?"),
        ("Take it to {v}.", "Go to {v}."),
        unasked=("Take it to {v}.",),
    ),
    Category(
        _keys("free time|free hours|time free"),
        ("how much free time", "how much of it is free", "how many hours are free", "free time"),
        ("How much free time is there?", "How much of that is free time?"),
        ("The free time is {v}.", "You get {v} free."),
        unasked=("The free time is {v}.",),
        needs_number=True,
    ),
    Category(
        _keys("detention rate|detention pay|detention per hour"),
        ("what does detention pay", "detention rate"),
        ("What does detention pay?", "What's the detention rate?"),
        ("Detention pays {v}.", "The detention rate is {v}."),
        unasked=("Detention pays {v}.",),
        needs_number=True,
    ),
    Category(
        _keys("layover|layover pay"),
        ("about a layover", "takes longer", "about the layover"),
        ("What about a layover?", "And what about a layover?"),
        ("The layover is {v}.", "That's {v}."),
        unasked=("The layover is {v}.",),
    ),
    Category(
        _keys("late fee|fee for the delay"),
        ("late fee", "pays for the delay", "pay for the delay"),
        ("Is there a late fee?", "Will there be a late fee?"),
        ("There's a late fee of {v}.", "The late fee is {v}."),
        unasked=("There's a late fee of {v}.",),
    ),
    Category(
        _keys("dock"),
        ("which dock", "what dock", "which door", "dock do i"),
        ("Which dock do I go to?", "Which dock is it?"),
        ("It's {v}.", "You go to {v}.", "The dock is {v}."),
        unasked=("The dock is {v}.",),
    ),
    Category(
        _keys("paperwork|papers needed|papers"),
        ("what paperwork", "what papers", "need from me"),
        ("What paperwork do you need from me?", "What do you need from me on paper?"),
        ("We need {v}.", "I need {v}."),
        unasked=("For the paperwork we need {v}.",),
    ),
    Category(
        _keys("reference|load number|reference number|load reference"),
        ("reference number", "load number", "which load"),
        ("What's the load number?", "Do you have a load number for me?", "What's the reference on it?"),
        ("The load number is {v}.", "It's {v}.", "That's {v}."),
    ),
)


TRUCK = (
    Category(
        _keys("position|location|current position|where the truck is"),
        ("where are you", "what is your position", "your location", "where is your truck"),
        ("Where are you right now?", "Where's your truck right now?", "What's your position?"),
        ("I'm at {v}.", "Right now I'm at {v}."),
        ("I'm in {v}.", "Right now I'm in {v}.", "I'm sitting in {v}."),
    ),
    Category(
        _keys("equipment|trailer|trailer type"),
        ("what are you pulling", "what are you running", "what equipment do you", "kind of trailer do you"),
        ("What are you pulling?", "What kind of trailer do you have?", "What equipment are you running?"),
        ("I'm pulling a {v}.", "I've got a {v}."),
        unasked=("I'm pulling a {v}.",),
    ),
    Category(
        _keys("trailer length|length"),
        ("how long is your trailer", "how long is the trailer"),
        ("How long is your trailer?", "What's your trailer length?"),
        ("It's {v}.", "It's {v} long."),
        unasked=("My trailer is {v} long.",),
        needs_number=True,
    ),
    Category(
        _keys("deadhead miles|deadhead|empty miles"),
        ("how far are you from", "how many empty miles", "deadhead"),
        ("How far are you from the pickup?", "How much deadhead is that for you?"),
        ("About {v} of deadhead.", "It's about {v} to the pickup."),
        needs_number=True,
    ),
    Category(
        _keys("hazmat endorsement|hazmat"),
        ("hazmat endorsement", "are you hazmat"),
        ("Do you have your hazmat endorsement?", "Have you got a hazmat endorsement?"),
    ),
    Category(
        _keys("driving left|hours|hours left|driving hours left"),
        ("how many hours", "how are you on hours", "hours do you have"),
        ("How many hours do you have left?", "How are you on hours?"),
        ("I've got {v} of driving left.", "I have {v} left to drive."),
        needs_number=True,
    ),
)


CALL = (
    Category(
        _keys("where|location|place|position|where it happened"),
        ("where are you", "where is that", "where exactly", "where did that", "where is the truck"),
        ("Where are you right now?", "Where exactly are you?"),
        ("{V}.", "I'm at {v}."),
        ("{V}.", "I'm at {v}."),
        ("Right now I'm at {v}.", "I'm standing at {v}."),
    ),
    Category(
        _keys("late by|delay|how late|delayed by|running late by"),
        ("how late", "how much later", "how far behind"),
        ("How late will you be?", "How late do you think you'll be?"),
        ("{V}.", "I'd say {v}.", "It will be {v}."),
        unasked=("I'll be late by {v}.", "I'm running late by {v}."),
    ),
    Category(
        _keys("arrived|arrival|arrived at|checked in|check in|arrival time"),
        ("when did you get there", "when did you arrive", "when did you check in", "what time did you"),
        ("When did you get there?", "What time did you check in?", "When did you arrive?"),
        ("{V}.", "I checked in at {v}."),
        unasked=("I got here at {v}.", "I checked in at {v}."),
    ),
    Category(
        _keys("waiting|waited|wait|waiting time|time waiting|hours waiting|waiting for"),
        ("how long have you", "how long did you", "waiting now"),
        ("How long have you been waiting?", "How long have you been there now?"),
        ("{V}.", "It's been {v}."),
        unasked=("I've been waiting {v}.", "I've been sitting here {v}."),
    ),
    Category(
        _keys("what broke|what happened|problem|cause|reason|why|trouble|what is wrong|damage"),
        ("what happened", "what broke", "what is the problem", "what is going on", "what is wrong", "the reason for"),
        ("What happened?", "What's the problem?", "What happened there?"),
        ("{V}.",),
        unasked=("Here's what happened: {v}.",),
    ),
    Category(
        _keys("amount|fee|lumper fee|lumper|cost"),
        ("how much was", "how much did", "what did they charge", "what is the amount"),
        ("How much was it?", "How much did they charge you?", "What's the amount?"),
        ("{V}.", "It was {v}.", "They charged {v}."),
        unasked=("They charged {v}.", "It was {v}."),
        needs_number=True,
    ),
    Category(
        _keys("paid to|crew|who was paid|paid whom"),
        ("who did you pay", "who got paid", "name of the crew"),
        ("Who did you pay?", "What's the name of the crew?"),
        ("{V}.", "That was {v}."),
        unasked=("The crew was {v}.", "I paid it to {v}."),
    ),
    Category(
        _keys("safe|is everybody safe|is it safe"),
        ("are you safe", "is everybody safe", "off the road"),
        ("Are you safe where you are?", "First of all, are you safe?"),
        ("{V}.",),
        unasked=("As for safety, {v}.",),
    ),
    Category(
        _keys("since when|how long ago"),
        ("since when", "how long has it", "how long ago"),
        ("How long has it been like that?", "How long has it been going on?"),
        ("{V}.", "It's been {v}."),
        unasked=("It's been going on for {v}.",),
    ),
    Category(
        _keys("way around|detour|other route"),
        ("way around", "around it", "which way"),
        ("Which way can you go around?", "Is there a way around?"),
        ("{V}.",),
        unasked=("The way around is {v}.",),
    ),
    Category(
        _keys("times signed|signed"),
        ("times signed", "are they signed", "have them signed"),
        ("Are your times signed?", "Have you got your times signed?"),
        ("{V}.",),
        unasked=("On the signed times, {v}.",),
    ),
    Category(
        _keys("eta|new eta|can be there|back on the road"),
        ("when can you be", "when will you be", "when do you think"),
        ("When can you be there?", "What's your ETA?"),
        ("{V}.", "I can be there {v}."),
        unasked=("I can be there {v}.", "My ETA is {v}."),
    ),
)
