"""The script that both parts follow: what to say next, given what was heard so far. Pure.

    dispatcher  greeting ·        · fact 1 ·       · fact 2 ·  …   · fact n ·          · farewell ·
    driver               · ask 1  ·        · ask 2 ·        ·  …            · decision ·           · farewell, end_call

The one who speaks before anybody addressed it opens the call. Nobody needs to understand what the other
one said: both keep the order of the load sheet, so question and answer meet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rehearsal import wording
from rehearsal.dialogue.acts import Act as DialogueAct
from rehearsal.part import Part, Role


class Act(StrEnum):
    """What a line does."""

    GREET = "greet"
    FACT = "fact"  # the dispatcher tells it, the driver asks for it
    DECIDE = "decide"
    FAREWELL = "farewell"
    BYE = "bye"
    EXCUSE = "excuse"  # no load sheet to speak from


@dataclass(frozen=True)
class Step:
    """One place of the script."""

    act: Act
    index: int = 0


@dataclass(frozen=True)
class Line:
    """What is said at one step, sentence by sentence; `core` is the sentence that has to be heard."""

    step: Step
    sentences: tuple[str, ...]
    core: int = 0
    ends_call: bool = False
    acts: tuple[
        tuple[int, DialogueAct], ...
    ] = ()  # what is done, by the sentence that does it; empty in the blind script

    @property
    def text(self) -> str:
        """The whole line as it is written."""
        return " ".join(self.sentences)

    def is_heard(self, chars: int) -> bool:
        """Tell whether half of the core was heard when `chars` of the text were."""
        return self._is_sentence_heard(self.core, chars)

    def acts_within(self, chars: int) -> tuple[DialogueAct, ...]:
        """Give the acts whose sentence was heard to its half when `chars` of the text were."""
        return tuple(act for place, act in self.acts if self._is_sentence_heard(place, chars))

    def _is_sentence_heard(self, place: int, chars: int) -> bool:
        start = sum(len(sentence) + 1 for sentence in self.sentences[:place])
        return chars >= start + len(self.sentences[place]) / 2


def next_line(part: Part | None, *, said: Iterable[Step], is_addressed: bool) -> Line:
    """Give the line after the steps that were heard; `is_addressed` once the other side said anything."""
    if part is None:
        return Line(Step(Act.EXCUSE), (wording.NO_LOAD_SHEET,))
    done = set(said)
    if part.role is Role.DISPATCHER and not done and not is_addressed:
        return _greeting(part)
    plan = _plan(part)
    reached = max((plan.index(step) for step in done if step in plan), default=-1)
    if part.must_wrap_up:
        reached = max(reached, plan.index(Step(Act.FAREWELL)) - 1)
    step = plan[min(reached + 1, len(plan) - 1)]
    return _line(part, step, is_first=not done, is_addressed=is_addressed)


def recognise(part: Part, text: str) -> Step | None:
    """Find the step of an own line by its text alone, as after a reconnection."""
    greeting = [_greeting(part)] if part.role is Role.DISPATCHER else []
    lines = [
        _line(part, step, is_first=is_first, is_addressed=is_addressed)
        for step in _plan(part)
        for is_first, is_addressed in ((False, True), (True, True), (True, False))
    ]
    nearest = max((*greeting, *lines), key=lambda line: _shared_start(line.text, text))
    return nearest.step if nearest.is_heard(_shared_start(nearest.text, text)) else None


def _shared_start(one: str, other: str) -> int:
    same = (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(same, min(len(one), len(other)))


def _plan(part: Part) -> list[Step]:
    facts = [Step(Act.FACT, index) for index in range(len(part.facts))]
    decision = [Step(Act.DECIDE)] if part.role is Role.DRIVER else []
    return [*facts, *decision, Step(Act.FAREWELL), Step(Act.BYE)]


def _line(part: Part, step: Step, *, is_first: bool, is_addressed: bool) -> Line:
    if step.act is Act.FACT:
        if part.role is Role.DISPATCHER:
            return _told(part, step, is_first=is_first)
        return _asked(part, step, is_first=is_first, is_addressed=is_addressed)
    if step.act is Act.DECIDE:
        return _decision(part, step)
    if step.act is Act.FAREWELL:
        return _farewell(part, step)
    return Line(step, (wording.pick(wording.BYES, seed=part.seed, place="bye"),), ends_call=True)


def _greeting(part: Part) -> Line:
    opens = wording.pick(wording.DISPATCHER_OPENS, seed=part.seed, place="opens")
    return Line(Step(Act.GREET), (_hello(part), opens))


def _hello(part: Part) -> str:
    to = f" {part.peer_name}" if part.peer_name else ""
    who = part.name or f"the {part.role}"
    at_desk = " with dispatch" if part.role is Role.DISPATCHER and part.name else ""
    return f"Hi{to}, this is {who}{at_desk}."


def _told(part: Part, step: Step, *, is_first: bool) -> Line:
    """Tell a fact; the dispatcher only comes here first when the driver opened the call."""
    fact = part.facts[step.index]
    begins = _hello(part) if is_first else wording.rotate(wording.DISPATCHER_BEGINS, seed=part.seed, index=step.index)
    key = wording.humanise(fact.key)
    if fact.value is None:
        return Line(step, (begins, f"I don't have the {key} on my sheet."), core=1)
    form = wording.rotate(wording.DISPATCHER_TELLS, seed=part.seed >> 8, index=step.index)
    if wording.is_yes_or_no(fact.value):
        form = wording.DISPATCHER_TELLS_YES_OR_NO
    sentence = form.format(key=key, verb=wording.verb_for(fact.key), value=fact.value)
    return Line(step, (begins, wording.end_sentence(sentence)), core=1)


def _asked(part: Part, step: Step, *, is_first: bool, is_addressed: bool) -> Line:
    form = wording.rotate(wording.DRIVER_ASKS, seed=part.seed >> 8, index=step.index)
    key = part.facts[step.index].key
    question = form.format(key=wording.humanise(key), verb=wording.verb_for(key))
    if is_first:
        choices = wording.DRIVER_IS_READY if is_addressed else wording.DRIVER_OPENS
        return Line(step, (_hello(part), wording.pick(choices, seed=part.seed, place="opens"), question), core=2)
    acknowledges = wording.rotate(wording.DRIVER_ACKNOWLEDGES, seed=part.seed, index=step.index)
    return Line(step, (acknowledges, question), core=1)


def _decision(part: Part, step: Step) -> Line:
    verdict, _, reason = (text.strip() for text in part.decision.partition(":"))
    if verdict.lower().startswith("accept"):
        accepts = wording.DRIVER_AGREES if part.opens_the_call else wording.DRIVER_ACCEPTS
        return Line(step, (wording.pick(accepts, seed=part.seed, place="decision"),))
    if verdict.lower().startswith("decline"):
        declines = wording.pick(wording.DRIVER_DECLINES, seed=part.seed, place="decision")
        reasons = (wording.end_sentence(f"Here is why: {reason}"),) if reason else ()
        return Line(step, (declines, *reasons), core=len(reasons))
    if verdict:
        return Line(step, ("Here is my answer.", wording.end_sentence(part.decision)), core=1)
    return Line(step, wording.DRIVER_IS_UNDECIDED)


def _farewell(part: Part, step: Step) -> Line:
    name = wording.address(part.peer_name)
    if part.role is Role.DRIVER:
        goodbye = wording.pick(wording.DRIVER_FAREWELLS, seed=part.seed, place="farewell").format(name=name)
        return Line(step, (goodbye,), ends_call=True)
    confirms = wording.pick(wording.DISPATCHER_CONFIRMS, seed=part.seed, place="confirms")
    goodbye = wording.pick(wording.FAREWELLS, seed=part.seed, place="farewell").format(name=name)
    return Line(step, (confirms, goodbye), core=1)
