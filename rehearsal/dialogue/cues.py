"""Word rows that show what is meant, in recognised speech: lower case, no marks, contractions opened."""

import re


def _any(*rows: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(rows) + r")\b")


QUESTION = _any(
    r"what (?:is|are|was|do|does|did|kind|trailer|temperature|equipment|am|about|broke|happened)",
    r"(?:where|when|why|which|who)(?: is| are| do| does| did| was)?",
    r"how (?:about|heavy|much|many|far|cold|long|late|are|is|did|do|does)",
    r"(?:can|could) you (?:give|tell|read|make|send)",
    r"will you be",
    r"does that",
    r"do (?:you (?:have|know|need)|i need)",
    r"have you (?:got|been)",
    r"(?:is|are) (?:it|there|any)",
    r"(?:is|are) (?:your|you|everybody|they)",
    r"does it",
    r"anything on",
    r"any",
    r"and (?:the|your|on the)",
    r"tell me",
    r"did you",
    r"i (?:still need|am still missing|am missing) the",
    r"i would like to",
    r"what i need",
    r"what(?! i)",
)
# A bare "bye" counts at the end alone: ears make "five hours bye now" and "bye the receiver" of what was "by".
GOODBYE = _any(
    r"good ?bye",
    r"bye(?: bye)?(?: for now| (?!now)\w+)?$",
    r"talk to you (?:soon|later)",
    r"so long",
    r"take care",
    r"see you",
)
GREETING = re.compile(r"^(?:(?:ok|yes|oh|well) )?(?:hi|hello|hey|good morning|good afternoon|good evening|morning)\b")
AGAIN = _any(
    r"(?:say|give me|tell me|run|read|repeat) (?:that|it)(?: one)?(?: by me)? (?:again|once more|one more time)",
    r"did not (?:catch|get|hear|understand)",
    r"come again",
    r"repeat that",
    r"(?:once more|one more time)",
    r"pardon",
    r"what was that",
    r"missed (?:that|the)",
    r"say again",
    r"(?:breaking|broke) up",
)
WHICH_QUESTION = _any(r"(?:what was|missed) (?:your|the) question")
ASKS_YOU = _any(r"(?:are|do|did|have|will|can|were) you", r"(?:is|are) your", r"(?:does|is|did) it")
HERE = _any(r"(?:are )?you (?:still )?there", r"can you (?:still )?hear me", r"lost you")
YES = _any(
    r"yes", r"yeah", r"yep", r"right", r"correct", r"exactly", r"that is it", r"sure", r"you got it", r"sounds right"
)
NO = re.compile(
    r"^(?:ok |well |sorry |oh )*(?:no|not quite|nope|actually)\b|\blet me (?:correct|fix)\b|\bnot (?:right|correct)\b"
)
RIGHT = _any(r"that is (?:right|correct|it)", r"correct", r"exactly", r"you have got it", r"you got it", r"all correct")
TAKE = _any(
    r"i will take (?:it|the load|that load|this one|that one)",
    r"take (?:it|that|this|the) at",
    r"^deal",
    r"i(?: will)? accept",
    r"(?:we have|it is|you have|we have got|you have got) a deal",
    r"works for me",
    r"put me (?:on it|down)",
    r"book it",
    r"count me in",
)
CAN_DO = _any(
    r"i can make (?:it|that)", r"i will (?:be there|make it)", r"that (?:works|will work|suits me)", r"i can do that"
)
CAN_NOT_DO = _any(r"can ?not make (?:it|that)", r"will not make it", r"no way i")
PASS = _any(
    r"(?:have|going) to pass",
    r"pass on (?:this|that|it)",
    r"have to decline",
    r"decline (?:this|that|the|it)",
    r"can ?not (?:do it|take|haul|run)",
    r"turn (?:it|this|that) down",
    r"not (?:going to work|for me)",
    r"have to say no",
    r"too far from what i need",
    r"leave it",
)
FINAL = _any(
    r"(?:have to stay|staying|have to leave it) at",
    r"(?:best|most) i can do",
    r"all i (?:can do|have|have got)",
    r"as far as i (?:can )?go",
    r"no more room",
    r"top of",
)
BOOKED = _any(
    r"you are booked", r"(?:is|you are) all (?:booked|set)", r"(?:have|got) you (?:down|booked|on it)", r"it is booked"
)
DONE = _any(
    r"(?:is|are|it is|that is|has been|have) (?:done|on record|moved|approved|open|opened|passed on|sent|noted|logged)",
    r"i have (?:moved|approved|opened|passed|put|logged|noted|set)",
    r"(?<!put it )on record",
    r"taken care of",
    r"you are on for",
)
MORE = _any(
    r"any room",
    r"(?:do|go) (?:any )?(?:better|higher|more)",
    r"come up",
    r"a (?:little|bit) (?:more|better|light|low)",
    r"is (?:low|light|thin)",
    r"too low",
)
WANTS = _any(
    r"i would need",
    r"i need",
    r"looking for",
    r"hoping for",
    r"let us say",
    r"get to",
    r"how about",
    r"could you do",
    r"can you do",
    r"make it",
    r"if you (?:can|could)",
    r"get me",
    r"closer to",
    r"meet me at",
    r"what about",
    r"give me",
)
OFFERS = _any(
    r"i (?:can|could) (?:do|pay|go|offer|get you|give)",
    r"it pays",
    r"the rate is",
    r"i have",
    r"pays",
    r"we can do",
    r"come up to",
    r"i will (?:do|go|give)",
    r"let us say",
    r"call it",
    r"rate on",
)
_FIRM_READS_BACK = (
    r"let me (?:read|go over|repeat|run|confirm)",
    r"(?:just )?to (?:confirm|be sure)",
    r"read (?:that|it) back",
    r"is that right",
    r"do i have that right",
    r"did you say",
    r"sorry did you",
    r"right did you",
    r"i have (?:that|it) as",
    r"is that all right",
    r"have i got that right",
    r"let me make sure",
)
READS_BACK_FIRMLY = _any(*_FIRM_READS_BACK)
READS_BACK = _any(r"(?:ok )?so (?:that is|i have|we have|it is|to be sure)", *_FIRM_READS_BACK)
OPEN_END = re.compile(r"(?:and the|what about|how about|can you (?:give|tell)|what do you have|what)\b")
SILENT_PREAMBLE = frozenset(
    [
        "sure",
        "yes",
        "yeah",
        "yep",
        "ok",
        "right",
        "well",
        "so",
        "let",
        "me",
        "see",
        "uh",
        "um",
        "er",
        "ah",
        "all",
        "sorry",
        "again",
        "no",
        "it",
        "is",
        "that",
        "i",
        "have",
        "am",
        "would",
        "be",
        "now",
        "here",
        "there",
        "the",
        "a",
        "an",
        "of",
        "we",
        "are",
        "have",
        "got",
        "my",
        "sheet",
        "says",
        "for",
        "noted",
        "copy",
        "understood",
        "thanks",
        "thank",
        "good",
        "great",
        "perfect",
        "fine",
        "hm",
        "they",
        "bet",
        "sounds",
        "with",
        "works",
        "oh",
        "roger",
    ]
)
SEND = _any(r"send", r"(?:email|text) (?:me|us)", r"need (?:a|the) (?:picture|photo|copy|receipt)")
SENT = _any(
    r"(?:just )?sent (?:you|it|them|over)",
    r"sending (?:you|it|that)",
    r"on (?:its|their) way to you",
    r"you should have (?:the|it)",
)
GOES_ON = re.compile(r"(?:do you|does it|did you|is it|are you|any)\b")  # how long | do you
ANYTHING_ELSE = _any(r"anything else", r"what else", r"(?:i|you) should know")
STRONG_QUESTION = re.compile(
    r"(?:what (?:is|are|do|does|did|kind|about)|how (?:much|many|far|long|about|late|heavy)|"
    r"where (?:is|are|do|does|exactly)|when|"
    r"(?:can|could) you|will you be|does that|do you|i (?:still need|am still missing)|i would like to|what i need)\b"
)
THANKS = _any(r"thanks?", r"thank you", r"appreciate")
SAFE = _any(r"drive safe", r"safe travels", r"be safe", r"stay safe", r"take care")
REQUEST = _any(r"i would like to", r"what i need is", r"i need you to", r"can you (?:still )?make", r"will you be able")
