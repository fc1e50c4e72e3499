"""A call of two rehearsal minds without a room: prompts, tools and heard words as in a call, no sound, no waiting."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.record import SaidTurn
from dispatchsim.domain.freight.verdict import Verdict
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.management.freight_desk import Desk, tool_specs
from dispatchsim.management.mishearing import mishear
from rehearsal.conversation import Item, Spoken
from rehearsal.item_bodies import (
    AssistantMessage,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    OutputAudio,
    UserMessage,
)
from rehearsal.mind import Call, Reply, Situation, decide
from rehearsal.script import Line
from rehearsal.settings_bodies import FunctionTool

MAX_CALLS_IN_A_ROW = 6  # a mind that only calls tools is stuck
PAUSE_S, WORDS_PER_S = 0.8, 2.6  # between turns, and how fast the voices of the rehearsal model speak
END_CALL = FunctionTool(type="function", name="end_call", description="Hang up.", parameters={"type": "object"})


@dataclass(frozen=True)
class Spec:
    """What a rehearsed call is made of."""

    scenario: FrozenScenario
    instructions: Mapping[Role, str]
    seed: str
    error_rate: float = 0.0


@dataclass(frozen=True)
class Turn:
    """One thing said or done."""

    speaker: Role
    text: str
    heard_as: str = ""
    tool: str = ""
    end_s: float = 0.0


@dataclass
class _Side:
    role: Role
    instructions: str
    tools: tuple[FunctionTool, ...]
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class HeldCall:
    """How a call went; `failure` is empty when it ended as expected."""

    turns: tuple[Turn, ...]
    outcome: str
    failure: str

    @property
    def spoken(self) -> tuple[Turn, ...]:
        """What was said, without the tools."""
        return _without_tools(self.turns)


class Rehearsed(HeldCall):
    """How a call without a room went."""

    @property
    def length_s(self) -> float:
        """How long it would take to say."""
        return sum(_saying_s(turn.text) for turn in self.spoken)


def _without_tools(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    return tuple(turn for turn in turns if not turn.tool)


def _saying_s(text: str) -> float:
    return PAUSE_S + len(text.split()) / WORDS_PER_S


def rehearse(spec: Spec) -> Rehearsed:
    """Hold one call."""
    return _Rehearsal(spec).hold()


class _Rehearsal:
    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        case = spec.scenario.freight
        self._desk = Desk(case, spec.scenario.load_sheet) if case is not None else None
        self._sides = {
            role: _Side(role, spec.instructions[role], (*(tool_specs(case, role) if case else ()), END_CALL))
            for role in Role
        }
        self._turns: list[Turn] = []
        self._hung_up: Role | None = None
        self._now_s = 0.0

    def hold(self) -> Rehearsed:
        role = self._spec.scenario.opener
        while self._hung_up is None and len(self._turns) < 3 * self._spec.scenario.max_turns:
            if not self._take_turn(self._sides[role]):
                break
            role = role.peer
        said = _without_tools(self._turns)
        verdict = self._judge(said)
        return Rehearsed(tuple(self._turns), self._outcome(verdict), self._failure(said, verdict))

    def _take_turn(self, side: _Side) -> bool:
        """Let one side use tools until it speaks; False when it does neither."""
        for _ in range(MAX_CALLS_IN_A_ROW):
            reply = self._decide(side)
            if reply.line is not None:
                self._say(side, reply.line)
            if reply.call is not None and reply.call.name == END_CALL.name:
                self._hung_up = side.role
                return True
            if reply.call is None:
                return reply.line is not None
            self._use(side, reply.call)
        return False

    def _decide(self, side: _Side) -> Reply:
        return decide(Situation(side.instructions, side.tools, "auto", tuple(side.items), self._spec.seed))

    def _say(self, side: _Side, line: Line) -> None:
        number = len(self._turns)
        said = AssistantMessage(
            type="message", role="assistant", content=[OutputAudio(type="output_audio", transcript=line.text)]
        )
        spoken = Spoken(line, marks=[(1000, len(line.text))])
        side.items.append(Item(f"own-{number}", said, spoken=spoken, audio_ms=1000))
        spec = self._spec
        heard = mishear(line.text, rate=spec.error_rate, seed=f"{spec.seed}:{spec.scenario.slug}:{number}")
        body = UserMessage(type="message", role="user", content=[InputAudio(type="input_audio")])
        self._sides[side.role.peer].items.append(Item(f"peer-{number}", body, heard=heard))
        self._now_s += _saying_s(line.text)
        self._turns.append(Turn(side.role, line.text, heard_as=heard, end_s=self._now_s))

    def _use(self, side: _Side, call: Call) -> None:
        number = len(self._turns)
        call_id = f"call-{number}"
        given = json.loads(call.arguments)
        refused: dict[str, JsonValue] = {"ok": False, "reason": "You have no functions here."}
        result = self._desk.use(side.role, call.name, given, at_s=self._now_s) if self._desk else refused
        body = FunctionCall(type="function_call", name=call.name, arguments=call.arguments, call_id=call_id)
        output = FunctionCallOutput(type="function_call_output", call_id=call_id, output=json.dumps(result))
        side.items += [Item(call_id, body), Item(f"result-{number}", output)]
        self._turns.append(Turn(side.role, json.dumps(result), tool=f"{call.name}({call.arguments})"))

    def _judge(self, said: Iterable[Turn]) -> Verdict | None:
        if self._desk is None:
            return None
        return self._desk.judge([SaidTurn(seq, one.speaker, one.text, one.end_s) for seq, one in enumerate(said, 1)])

    def _outcome(self, verdict: Verdict | None) -> str:
        if verdict is not None:
            return verdict.outcome
        return "said" if self._desk is None and self._hung_up is not None else ""

    def _failure(self, said: Iterable[Turn], verdict: Verdict | None) -> str:
        if self._hung_up is None:
            return "Nobody hung up."
        if verdict is not None:
            return verdict.failure
        return "" if {turn.speaker for turn in said if turn.text.strip()} == set(Role) else "One side never spoke."
