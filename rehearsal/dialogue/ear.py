"""What a listener knows when it listens: it is what makes words mean something."""

from dataclasses import dataclass

from rehearsal.dialogue.topics import Topic


@dataclass(frozen=True)
class Ear:
    """What the listener knows when it listens."""

    is_driver: bool
    negotiates: bool
    mine: tuple[Topic, ...]  # what the other side may ask about
    theirs: tuple[Topic, ...]  # what the other side may tell
    pending: str = ""  # key of what was asked last
    awaits_yes: bool = False  # a read-back or a question for yes or no was said last
    papers: bool = False
    money_is_rate: bool = False  # a rate was asked for or named last
    told: str = ""  # the value that was told last, which may come back: it is checked, and is no answer
    quantity: str = ""  # what was told or corrected last with its unit, by which an echo of it is known
    names: tuple[tuple[str, str], ...] = ()  # heard word, as it is written
