"""What people say on the phone about freight, by act. `{…}` is filled in by `voicing`."""

Table = dict[str, tuple[str, ...]]

OPENS_DISPATCHER = (
    "Hi{peer}, this is {name} with dispatch.",
    "Hey{peer}, {name} here from dispatch.",
    "Hello{peer}, it's {name} at dispatch.",
)
OPENS_DRIVER = ("Hi{peer}, this is {name}.", "Hey{peer}, {name} here.", "Hello{peer}, it's {name}.")
ANSWERS_PHONE = ("Hi{peer}, this is {name}.", "Hey{peer}, {name} here.", "Hi{peer}, {name} speaking.")

OFFERS = (
    "I've got a load of {v} for you.",
    "I have a load of {v} that may suit you.",
    "I'm looking for a truck for a load of {v}.",
    "I have a load of {v} here, are you interested?",
)
OFFERS_PLAIN = (
    "I have a load for you.",
    "I've got a load that may suit you.",
    "I'm calling about a load for you.",
)

ASKS = ("What about the {key}?", "And the {key}?", "What do you have for the {key}?")
ASKS_NAME = ("What's the {key}?", "And the {key}?", "Can you give me the {key}?")
ASKS_WHO = ("Who's the {key}?", "And who's the {key}?")
ASKS_REPORT = ("What {verb} the {key}?", "What about the {key}?", "And the {key}?")
ASKS_AGAIN = (
    "I'm still missing the {key}.",
    "I still need the {key}.",
    "I still need the {key} from you.",
)
ASKS_AGAIN_CLAUSE = ("Sorry, can you tell me {key}?", "And can you tell me {key}?")

TELLS = ("The {key} {verb} {v}.", "For the {key} I have {v}.", "The {key} {verb} {v}.")
TELLS_NO_DEADHEAD = ("I'm right there, no deadhead.", "No deadhead, I'm right there.")
TELLS_KEYED = ("The {key} {verb} {v}.",)
TELLS_SHORT = ("{V}.",)
TELLS_IT = ("It's {v}.", "That's {v}.", "The {key} {verb} {v}.")
TELLS_YES_OR_NO = ("{V}.",)
TELLS_YES_OR_NO_KEYED = ("On the {key}, {v}.", "For the {key}, {v}.")
TELLS_NO_NOUN = ("{V}.", "{V}.")
TELLS_UNASKED = ("The {key} {verb} {v}.", "Also, the {key} {verb} {v}.", "And the {key} {verb} {v}.")
TELLS_UNASKED_YES_OR_NO = ("As for the {key}, {v}.",)
TELLS_WHY = ("The {key} is that {v}.",)
TELLS_CLAUSE = ("{K} is {v}.",)
TELLS_CLAUSE_THAT = ("{K} is that {v}.",)
TELLS_AGAIN = ("Sure, the {key} {verb} {v}.", "The {key} {verb} {v}.", "Yes, the {key} {verb} {v}.")
TELLS_AGAIN_YES_OR_NO = ("Sure, on the {key}, {v}.", "As for the {key}, {v}.")

LACKS = ("I don't have the {key} on my sheet.", "I don't know the {key}, sorry.")
LACKS_THAT = ("I don't have that here, sorry.", "That I don't know, sorry.")

PROPOSES: Table = {
    "open": ("I can do {a} on it.", "It pays {a}, all in.", "I have {a} on this one."),
    "up": ("I can come up to {a}.", "Let me see. I could do {a}.", "All right, I can offer {a}.", "I could go to {a}."),
    "last": ("Let me look. I could get you {a}.", "I can stretch to {a}.", "I could go to {a} for you."),
    "agree": ("Okay, I can do {a}.", "All right, {a} it is, I can do that.", "You know what, I can do {a}."),
    "final": (
        "I have to stay at {a} on this one.",
        "I'm staying at {a}.",
        "I'll have to leave it at {a}.",
    ),
    "again": ("I've got you at {a}.", "The offer is {a}.", "I have {a} on the table."),
}
REMEDIES: Table = {
    "reschedule_appointment": (
        "I can get that moved. The new {stop} time is {time}.",
        "The {where} can take you later. Your new {stop} time is {time}.",
        "Here is what I can do. The new {stop} time is {time}.",
    ),
    "approve_detention": (
        "By the terms that's {hours}, so the detention is {a}.",
        "After the free time that leaves {hours}, so the detention is {a}.",
        "I get {hours} beyond the free time. The detention is {a}.",
    ),
}
COUNTERS_FIRST = (
    "{o} is a little light. Could you do {a}?",
    "{o} is a bit low for that run. I'd need {a}.",
    "Hm, {o}. I was hoping for {a}.",
    "I'd need {a} on that one.",
)
COUNTERS_FIRST_FAR = (
    "{o} is way too low for me. I'd need {a}.",
    "Hm, {o}. I was looking for {a}.",
    "{o} doesn't cover it. I'd need {a}.",
)
COUNTERS = (
    "Could you do {a}?",
    "If you can do {a}, I can work with that.",
    "I'm still a little higher. How about {a}?",
    "Can you make it {a}?",
)
COUNTERS_FAR = (
    "That's still a long way off. I'd need {a}.",
    "We're still far apart. Could you get to {a}?",
    "That won't do it. I'd need {a}.",
)
COUNTERS_LATE = ("Meet me at {a}.", "Let's say {a}.", "Could you get to {a}?")

ACCEPTS = ("Okay, {a} works for me. I'll take it.", "All right, I'll take it at {a}.", "Deal, I'll take it at {a}.")
ACCEPTS_AGAIN = ("Yes, I'll take it at {a}.", "Right, I'll take it at {a}.")
ACCEPTS_PICKUP = ("So that's pickup {pickup}.", "I have the pickup as {pickup}.")
ACCEPTS_PLACE = ("So I pick up in {pickup}.",)
ACCEPTS_CAN = ("I checked, I can make that.", "That works for me, I can make it.", "I can do that.")
AGREES_TO_TIME = ("Okay, so that's {v}. {can}", "{V}, okay. {can}", "So that's {v}. {can}")
DECIDES = (
    "That's all I need. I'll take the load.",
    "That works for me. I'll take the load.",
    "Sounds good. I'll take the load.",
)
AGREES = (
    "That's all I need. I accept, we'll do it that way.",
    "That works for me. I accept.",
    "All right, I accept. That's how we'll do it.",
)
DECLINES: Table = {
    "": (
        "Thanks for all that, but I have to pass on this load.",
        "I'm sorry, I'll have to decline this load.",
        "I appreciate it, but I have to pass on this one.",
    ),
    "rate": (
        "I can't do it for that, so I have to pass on this one.",
        "That doesn't pay enough for me. I'll have to pass on it.",
        "Then it doesn't work for me at that rate. I'll have to pass on this one.",
    ),
    "far": (
        "We're too far apart on the rate. I'll have to pass on this one.",
        "That's too far from what I need, so I have to pass on it.",
    ),
    "hours": (
        "I checked, and my hours don't get me there in time. I'll have to pass on it.",
        "I'm out of hours for that run, so I have to pass on this one.",
    ),
    "equipment": ("That won't fit my truck, {v}. I'll have to pass on it.", "{V}, so I have to pass on this one."),
    "deadhead": (
        "{V}, and that's too far for me. I'll have to pass on it.",
        "That's too much deadhead, {v}. I'll have to pass on it.",
    ),
    "hazmat": ("{V}, so I have to pass on this one.", "{V}, so I can't take it. I'll have to pass on it."),
    "time": ("I checked, and I can't make it by then.", "My hours don't allow it, I can't make that."),
    "trust": ("Something isn't right with this load, so I have to pass on it.",),
}
REASONS = ("Here is why: {v}.", "The reason is this: {v}.")

READS_BACK = (
    "Good. Let me confirm it: that's {what}.",
    "Great. Let me read it back: {what}.",
    "Okay, so to confirm, that's {what}.",
)
READS_BACK_AGAIN = ("Let me go over it again: {what}.",)
CHECKS_RATE = ("Let me make sure I have it right. Did you say {a}?", "Sorry, did you say {a}?")
REPEATS = ("Okay, so that's {v}.", "All right, so I have {v}.", "So that's {v}.")
REPEATS_CAN = ("I can make that.", "I checked, I can make that.")

CONFIRMS = ("That's right.", "Yes, that's right.", "That's correct.")
CONFIRMS_ALL = ("Yes, that's all correct.", "Yes, that's right.", "That's it, all correct.")
EVERYTHING = ("That's everything.", "That's everything on my sheet.")
NOTHING_ELSE = ("No, that's all.", "No, that's it.")
CONFIRMS_FINE = ("Okay, that's fine with me.", "All right, sounds good.")
CONFIRMS_HELPED = ("Okay, thanks, that helps.", "Great, thanks.", "Okay, good, thanks.")
CORRECTS = ("Not quite.", "Let me correct that.", "No, that's not it.")
CORRECTS_REMEDY = ("Not quite, it's {v}.", "Let me correct that, it's {v}.")

BOOKS = (
    "You're booked at {a}. I'll send you the confirmation.",
    "Good, you're booked at {a}. The confirmation is on its way.",
    "It's booked at {a}. You'll have the confirmation in a minute.",
)
BOOKS_PLAIN = ("Good, I've got you down. I'll send you the paperwork.", "Great, I have you down for it.")
NOTES_PLAIN = ("Okay, I've written that down.", "Good, I'll note that down.")
SETTLES: Table = {
    "reschedule_appointment": ("Good, that's done. You're on for {time}.", "It's done, you're on for {time}."),
    "approve_detention": (
        "Good, the {a} are approved and on record.",
        "It's done, {a} of detention is approved.",
    ),
    "open_incident": (
        "I've opened an incident, it's all on record.",
        "It's on record, I've opened an incident.",
    ),
    "open_incident double_brokering": (
        "I've opened an incident, our people will look into it.",
        "It's on record, and our people will look into it.",
    ),
    "": ("Good, I've passed it on.", "It's on record, and I've passed it on."),
}
REQUESTS_DISPATCHER = (
    "Can you make {time}?",
    "Will you be able to make {time}?",
    "Can you make that, {time}?",
)
REQUESTS_DISPATCHER_PLAIN = ("Can you make that work?", "Will you be able to make that?", "Can you make that?")
PAPERS = ("Can you send me {v}?", "Send me {v}, please.", "I'll need {v}, can you send me that?")
PAPERS_THAT = ("Can you send me that?", "Send me that, please.", "Can you send me that now?")
DELIVERS = ("Sure, I'm sending it over now.", "Okay, I just sent it over.", "Done, you should have it now.")

ACKNOWLEDGES = ("Got it.", "Okay.", "Copy that.", "All right.", "Okay, noted.", "Understood.", "Okay, thanks.")
ACKNOWLEDGES_REPORT = ("Okay.", "Got it.", "All right.", "I see.", "Okay, noted.", "Understood.", "Copy that.")
ECHOES = ("{V}, got it.", "Okay, {v}.", "{V}, okay.", "All right, {v}.")
MENDED = ("Oh, {v}, thanks.", "Sorry, {v}, got it.", "Ah, {v}, okay.")
REMARKS: Table = {
    "position": ("I know that area.", "Nice part of the country."),
    "pickup": ("I've been through there many a time.", "I know the way."),
    "delivery": ("I've been there a few times.", "That's a nice run."),
    "commodity": ("I've hauled that before.",),
}
REMARKS_REPORT: Table = {
    "what happened": ("These things happen.", "It's always something out there."),
    "waiting": ("That's a long time to sit.",),
}
TAKES_WISH: Table = {
    "on record": ("I'll put it on record.", "Sure, I'll put it on record."),
    "looked into": ("Sure, we'll look into it.", "We'll look into it."),
}
TAKES_WISH_TOO: Table = {
    "on record": ("And I'll put it on record.",),
    "looked into": ("And we'll look into it.",),
}
TAKES_NO_MISFIT = ("Sorry about that.", "Sorry, my mistake.")
TAKES_NO = ("I understand.", "Fair enough.", "All right, no hard feelings.", "Okay, I understand.")
HERE_YES = ("Yes, I'm here.", "I'm still here.")
HERE_ASKS = ("Hello, are you still there?", "Are you still there?")
CLARIFIES = (
    "Sorry, I didn't catch the {key}. Can you say that again?",
    "Sorry, I missed the {key}. Can you repeat that?",
)
CLARIFIES_ASKING = ("Sorry, I didn't catch that. {ask}", "Sorry, I missed that. {ask}")
CLARIFIES_QUESTION = ("Sorry, what was your question?", "Sorry, I missed your question. Can you say it again?")
CLARIFIES_THAT = (
    "Sorry, I didn't catch that. Can you say that again?",
    "Sorry, you broke up there. Can you say that again?",
    "Sorry, I missed that. Can you repeat that?",
)

APOLOGIES: Table = {
    "": ("Thanks for letting me know.", "Okay, thanks for calling it in."),
    "breakdown": ("I'm sorry to hear that.", "That's no good, sorry about that."),
    "late": ("Okay, thanks for calling ahead.", "Thanks for letting me know."),
    "detention": ("Okay, let's look at that.", "Sorry about the wait."),
}
REPORTS_DRIVER: Table = {
    "late": ("I'm running late on load {ref}.", "I'm calling about load {ref}, I'm going to be late."),
    "detention": ("I'm still waiting at the dock with load {ref}.", "I'm calling about detention on load {ref}."),
    "appointment": ("I'm calling about the appointment on load {ref}.",),
    "bad_address": ("The address I have for load {ref} is wrong.", "I have a bad address on load {ref}."),
    "lumper": ("I'm calling about a lumper fee on load {ref}.", "I had to pay a lumper on load {ref}."),
    "weather": ("I'm calling about the weather on load {ref}.", "The weather is holding me up with load {ref}."),
    "reefer_alarm": ("I have a reefer alarm on load {ref}.", "My reefer is throwing an alarm on load {ref}."),
    "breakdown": ("I've broken down with load {ref}.", "I have a breakdown on load {ref}."),
    "double_brokering": (
        "Something looks wrong with the papers on load {ref}.",
        "I'm calling about load {ref}, something isn't right with the papers.",
    ),
    "": ("I'm calling about load {ref}.",),
}
REPORTS_DISPATCHER: Table = {
    "appointment": (
        "The appointment on load {ref} has changed.",
        "I'm calling about load {ref}, the appointment has changed.",
    ),
    "weather": (
        "There's weather on your way with load {ref}.",
        "I'm calling about load {ref}, there is weather ahead of you.",
    ),
    "double_brokering": ("I'm calling about load {ref}, something isn't right with it.",),
    "": ("I'm calling about load {ref}.", "I have news about load {ref}."),
}
QUESTIONS = (
    "I'm calling about the load.",
    "I have a few questions about the load.",
    "I need a few details on the load.",
)

WAITS: Table = {
    "first": (
        "Before we get to the money, one question.",
        "One question before the rate.",
        "I'll get to that. One question first.",
    ),
    "first some": (
        "Before we get to the money, a couple of questions.",
        "A couple of questions before the rate.",
        "I'll get to that. A couple of questions first.",
    ),
    "confirm": ("Just so I have it right, you'll take it at {a}?",),
    "works": ("So, does that work for you?", "What do you think?"),
    "works rate": ("So, does {a} work for you?", "So what do you think about {a}?"),
    "anything else": ("Anything else you want to know?", "What else can I tell you?"),
    "what else": ("Anything else I should know?", "Is there anything else I should know?"),
    "listening": ("What's going on?", "What can I do for you?"),
    "undecided": ("That's all I need. I'll think it over and call you back.",),
    "call back": ("Let me look into it and call you back.",),
    "system": ("Bear with me, the system didn't take that.",),
    "standing booked": ("I have to run, but you're booked.",),
    "standing declined": ("I have to run, so we'll leave it at that.",),
    "standing settled": ("I have to run, but it's all on record.",),
    "standing open": ("I have to run, so we'll leave it open for now and talk again.",),
}
CLOSES_DISPATCHER = (
    "Thanks for your time{peer}, goodbye.",
    "Drive safe{peer}, goodbye.",
    "Thanks{peer}, talk to you soon, goodbye.",
)
CLOSES_DRIVER = ("Thank you{peer}, goodbye.", "Thanks{peer}, goodbye.", "All right{peer}, thanks, bye for now.")
CLOSES_ANSWER: Table = {
    "": ("All right{peer}, goodbye.", "Okay, goodbye.", "Goodbye{peer}."),
    "thanks": ("You're welcome{peer}, goodbye.", "Sure thing{peer}, goodbye.", "Thank you{peer}, goodbye."),
    "safe": ("Will do{peer}, goodbye.", "Thanks, I will. Goodbye{peer}.", "Thanks{peer}, goodbye."),
}
CLOSES_BYE = ("Bye.", "Goodbye.", "Okay, bye.")
CLOSES_WRAP = ("Goodbye{peer}.", "Bye{peer}.")

HESITATES = ("Uh, ", "Um, ", "Let me see, ", "Well, ")
