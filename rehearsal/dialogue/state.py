"""Where a call stands for one side."""

from collections import Counter
from dataclasses import dataclass, field

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.manner import Manner
from rehearsal.dialogue.topics import Topic, is_named, means_the_same
from rehearsal.part import Part, Role
from rehearsal.strict import Json


@dataclass
class Use:
    """One call of a tool, and what came back."""

    name: str
    arguments: Json
    call_id: str
    result: Json | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it was done."""
        return self.result is not None and self.result.get("ok") is True

    @property
    def reason(self) -> str:
        """Why it was refused."""
        return str((self.result or {}).get("reason", ""))


@dataclass
class State:
    """Everything that one side has told, learnt, asked, named and done."""

    part: Part
    tools: frozenset[str]
    manner: Manner
    mine: tuple[Topic, ...]
    theirs: tuple[Topic, ...]
    learned: dict[str, str] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    asks: Counter[str] = field(default_factory=Counter)
    owed: list[str] = field(default_factory=list)  # keys that the other side asked for
    wished: set[str] = field(default_factory=set)  # those that were named in a wish, and not asked for one by one
    pending: str = ""
    fresh: tuple[Act, ...] = ()  # heard since this side spoke last
    is_addressed: bool = False
    heard_since: bool = False  # something was said since this side spoke last, understood or not
    own_turns: int = 0
    clarified: int = 0  # in a row
    my_amounts: list[int] = field(default_factory=list)
    their_amounts: list[int] = field(default_factory=list)
    repeated: str = ""  # what was read back last
    doubted: int | None = None  # an amount just heard that cannot be right
    is_final: bool = False  # the other side's last rate is its last word
    own: Counter[Kind] = field(default_factory=Counter)
    heard: Counter[Kind] = field(default_factory=Counter)
    last_own: tuple[Act, ...] = ()
    last_said: tuple[Act, ...] = ()  # the last ones of substance, before it asked to hear something again
    uses: list[Use] = field(default_factory=list)
    calls_in_a_row: int = 0
    flags: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)  # words of the other side

    @property
    def is_driver(self) -> bool:
        """Whether this side is the driver."""
        return self.part.role is Role.DRIVER

    @property
    def open_questions(self) -> list[Topic]:
        """What is still to be found out."""
        done = self.learned.keys() | self.given_up
        return [topic for topic in self.theirs if topic.key not in done and not self._needs_no_asking(topic)]

    def _needs_no_asking(self, topic: Topic) -> bool:
        """Tell whether a fact goes without saying after what was told on either side."""
        if self.is_done("send_papers") and _PAPERWORK & set(topic.words):
            return True
        if topic.is_load and is_named(topic, "trailer") and self.is_cooled:
            return True
        return any(other.is_report and means_the_same(topic, other) for other in self.mine)

    @property
    def is_cooled(self) -> bool:
        """Whether the load was told to run at a temperature: so it takes a reefer."""
        return any(is_named(topic, "temperature") and topic.key in self.learned for topic in self.theirs)

    @property
    def max_asks(self) -> int:
        """How often one fact is asked for before it goes on without: more often with patience."""
        return 2 + round(2 * self.manner.patience)

    @property
    def max_clarified(self) -> int:
        """How often in a row it asks to hear something again."""
        return 1 + round(2 * self.manner.patience)

    def find_mine(self, name: str) -> Topic | None:
        """Give a fact of one's own by its exact key."""
        return next((topic for topic in self.mine if topic.key == name), None)

    def find_use(self, name: str) -> Use | None:
        """Give the last use of a tool."""
        return next((use for use in reversed(self.uses) if use.name == name), None)

    def is_done(self, name: str) -> bool:
        """Whether a tool was used and did what it was to do."""
        return any(use.name == name and use.is_ok for use in self.uses)

    def has(self, *kinds: Kind) -> bool:
        """Whether one of these was heard since this side spoke last."""
        return any(act.kind in kinds for act in self.fresh)

    def find(self, kind: Kind) -> Act | None:
        """Give the last act of a kind that was heard since this side spoke last."""
        return next((act for act in reversed(self.fresh) if act.kind is kind), None)


_PAPERWORK = frozenset({"paper", "papers", "paperwork", "bol"})
