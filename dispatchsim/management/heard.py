"""What both sides of a call in a room made of each other's words, held against what each of them knew before."""

from collections.abc import Iterator

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.sheet import UNKNOWN, build_briefing
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.domain.hearing import HeardTurn, Knowledge, Score, build_knowledge, score_call
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.models import Conversation, Turn
from rehearsal.hearing.corpus import words_of


def score_conversation(conversation: Conversation) -> Score:
    """Score how well both sides of a finished call heard."""
    scenario = FrozenScenario.model_validate(conversation.scenario_copy)
    names = [str(copy["name"]) for copy in (conversation.dispatcher_copy, conversation.driver_copy)]
    turns = Turn.objects.filter(conversation=conversation).exclude(text="").order_by("seq")
    said = [
        HeardTurn(
            Role(turn.speaker),
            words_of(turn.text),
            None if turn.heard_as is None else words_of(turn.heard_as),
            turn.interrupted,
        )
        for turn in turns
    ]
    return score_call(said, {role: know(scenario, role, names) for role in Role})


def know(scenario: FrozenScenario, role: Role, names: list[str]) -> Knowledge:
    """Give what one side was told before the call, in spoken words."""
    prose = [*names, *scenario.briefing(role).splitlines()]
    if role is Role.DRIVER and scenario.freight is None:
        prose.append(scenario.driver_decision)
    return build_knowledge([words_of(value) for value in _facts(scenario, role)], [words_of(text) for text in prose])


def _facts(scenario: FrozenScenario, role: Role) -> Iterator[str]:
    if scenario.freight is None:
        if role is Role.DISPATCHER:
            yield from (fact.value for fact in parse_load_sheet(scenario.load_sheet))
        return
    told = build_briefing(scenario.freight, load_sheet=scenario.load_sheet, role=role)
    for fact in (*told.load_sheet, *told.knows, *told.limits, *told.hours):
        if fact.value != UNKNOWN:
            yield fact.value
