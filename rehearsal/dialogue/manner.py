"""How a persona speaks, from the words of its character: traits, and phrases of its own that stand in quotes."""

import re
from dataclasses import dataclass
from functools import lru_cache

_TRAITS = {
    "patience": (
        "patient calm calmly easygoing unhurried relaxed gentle steady friendly kind slow slowly",
        "impatient hurried rushed brisk quick fast short-tempered annoyed irritable restless hate hates "
        "hurry rush blunt",
    ),
    "talk": (
        "talkative chatty warm laugh laughs storyteller cheerful wordy friendly lively remark remarks stories "
        "jokes tales rambles rambling long-winded loud",
        "tired weary sleepy exhausted terse brief briefly little dry short laconic curt few silent quiet half blunt",
    ),
    "care": (
        "careful exact accurate precise repeat repeats confirm check checks double thorough meticulous",
        "careless sloppy forgetful distracted vague hasty",
    ),
    "thrift": (
        "counts every bills money sums haggle bargain hard tough stubborn pay pays firm",
        "generous trusting flexible fair",
    ),
    "hesitancy": (
        "nervous hesitant hesitates unsure shy timid tentative slow slowly think thinks hesitation",
        "decide decides confident brisk fast exact quick",
    ),
}
# What people write in more than one word, and the words of the traits that it comes to.
_SAYINGS = (
    (r"talks? (?:a lot|too much|at length|all day)|(?:loves?|likes?) to (?:talk|chat)", "talkative"),
    (r"(?:asks?|checks?) (?:everything|things|all of it) (?:twice|again)|double-checks?", "repeat repeat"),
    (r"(?:no|little) patience|can't (?:wait|stand waiting)", "impatient"),
    (r"(?:takes?|taking) (?:your|their|his|her) time", "slow"),
)
_ONE_TRAIT = re.compile(r"\b(?:more than (?:was|is|were) asked)\b")
_MISSPEAKS = re.compile(r"\b(?:mix(?:es)? up|misspeaks?|careless|sloppy|forgetful|distracted)\b")
_MISHEARS = re.compile(r"\b(?:hears? (?:a |the )?numbers? wrong|mishears?|careless|sloppy|distracted)\b")
_QUOTED = re.compile(r"[\"\u201c]([^\"\u201d]{2,40})[\"\u201d]")
_MAX_SAYING_WORDS = 4
_LEADS = frozenset({"well", "now", "so", "oh", "see", "look", "listen", "let"})
_DENIALS = frozenset({"not", "never", "no", "don't"})
_UNSAFE = frozenset({"no", "nope", "not", "actually", "bye", "goodbye", "sorry"})  # would mean something


@dataclass(frozen=True)
class Manner:
    """Traits from 0 (the opposite) over 0.5 (nothing said) to 1, and habits."""

    patience: float = 0.5
    talk: float = 0.5
    care: float = 0.5
    thrift: float = 0.5
    hesitancy: float = 0.5
    misspeaks: bool = False  # names a wrong number now and then, and corrects itself
    mishears: bool = False  # repeats a wrong number now and then, and is corrected
    acknowledges: tuple[str, ...] = ()  # its own words for `okay`
    leads: tuple[str, ...] = ()  # its own words before a number, as `Well now`

    @property
    def is_terse(self) -> bool:
        """Whether few words will do."""
        return self.talk < 0.35

    @property
    def is_talkative(self) -> bool:
        """Whether there is always something to add."""
        return self.talk > 0.65

    @property
    def hesitates(self) -> bool:
        """Whether it says uh."""
        return self.hesitancy > 0.65


@lru_cache(maxsize=200)
def find_manner(character: str) -> Manner:
    """Read the traits; a word soon after `not` or `never` counts for nothing, nor does what is quoted."""
    sayings = [text.strip(" .,!") for text in _QUOTED.findall(character)]
    plain = _QUOTED.sub(" ", character).lower().replace("a little", " ")
    for saying, trait in _SAYINGS:
        plain = re.sub(rf"\b(?:{saying})\b", trait, plain)
    words = re.findall(r"[a-z'-]+", plain)
    kept = [word for place, word in enumerate(words) if _DENIALS.isdisjoint(words[max(0, place - 3) : place])]
    traits = {name: _weigh(kept, *(part.split() for part in parts)) for name, parts in _TRAITS.items()}
    if _ONE_TRAIT.search(plain):
        traits["talk"] = min(0.9, traits["talk"] + 0.2)
    return Manner(
        **traits,
        misspeaks=_MISSPEAKS.search(plain) is not None,
        mishears=_MISHEARS.search(plain) is not None,
        acknowledges=tuple(_as_sentence(text) for text in sayings if _is_usable(text) and not _leads(text)),
        leads=tuple(text[0].upper() + text[1:] for text in sayings if _is_usable(text) and _leads(text)),
    )


def _weigh(words: list[str], more: list[str], less: list[str]) -> float:
    up, down = sum(word in more for word in words), sum(word in less for word in words)
    return max(0.1, min(0.9, 0.5 + 0.2 * (up - down)))


def _is_usable(text: str) -> bool:
    words = re.findall(r"[a-z']+", text.lower())
    return 0 < len(words) <= _MAX_SAYING_WORDS and words[0] not in _UNSAFE and "?" not in text


def _leads(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() in _LEADS


def _as_sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
