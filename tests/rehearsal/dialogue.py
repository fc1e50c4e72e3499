"""A dialogue with one mind: what the other side says is written, what tools give is made up."""

import json
from dataclasses import dataclass, field

from rehearsal.conversation import Item, Spoken
from rehearsal.item_bodies import (
    AssistantMessage,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    OutputAudio,
    UserMessage,
)
from rehearsal.mind import Reply, Situation, decide
from rehearsal.settings_bodies import FunctionTool
from rehearsal.strict import Json

BOOKING_DISPATCHER = """# Your part
role: dispatcher
name: Tim
peer_role: driver
peer_name: Chris
opens_the_call: yes
call_kind: booking

# Load sheet
commodity: frozen chicken
weight: 42,000 pounds
pickup: Springdale, Arkansas, tomorrow at 7 in the morning
delivery: Dallas, Texas, the day after at 5 in the morning
dock door: 14
tarps: yes, two of them

# What you have to find out
position: ?

# Your limits
opening rate: 1,450 dollars
highest rate: 1,650 dollars
"""
BOOKING_DRIVER = """# Your part
role: driver
name: Chris
peer_role: dispatcher
peer_name: Tim
opens_the_call: no
call_kind: booking

# Load sheet
commodity: ?
pickup: ?
dock door: ?

# What you know
position: Fort Smith, Arkansas

# What you have to find out
rate: ?

# Your limits
lowest rate: 1,550 dollars
needs equipment: reefer
hazmat: no
"""
DISPATCHER_TOOLS = ("offer_rate", "book_load", "end_call")
DRIVER_TOOLS = ("accept_load", "decline_load", "end_call")


@dataclass
class Talk:
    """One side of a call; the other side is the test."""

    instructions: str
    tools: tuple[str, ...] = ()
    seed: str = ""
    items: list[Item] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)  # reason by tool, once each
    results: dict[str, Json] = field(default_factory=dict)  # what a tool tells when it is done, by tool

    def hear(self, text: str | None) -> "Talk":
        """Let the other side say something; None is sound without words."""
        body = UserMessage(type="message", role="user", content=[InputAudio(type="input_audio")])
        self.items.append(Item(f"peer-{len(self.items)}", body, heard=text))
        return self

    def reply(self) -> str:
        """Let the mind use its tools until it speaks; give its words."""
        for _ in range(5):
            reply = self.decide()
            if reply.line is not None:
                self._say(reply)
            if reply.call is not None:
                self._call(reply)
            if reply.line is not None or reply.call is None or reply.call.name == "end_call":
                return "" if reply.line is None else reply.line.text
        raise AssertionError("only tools, no word")

    def say(self, text: str | None) -> str:
        """Say something and give the answer."""
        return self.hear(text).reply()

    @property
    def last_line(self) -> str:
        """What the mind said last."""
        spoken = self.items[-1].spoken
        assert spoken is not None
        return spoken.line.text

    def decide(self) -> Reply:
        """Decide, and change nothing."""
        tools = tuple(FunctionTool(type="function", name=name) for name in self.tools)
        return decide(Situation(self.instructions, tools, "auto", tuple(self.items), self.seed))

    def cut(self, *, heard_ms: int) -> None:
        """Let the last own line be interrupted; all of it would take a second."""
        spoken = self.items[-1].spoken
        assert spoken is not None
        spoken.heard_ms = heard_ms

    def _say(self, reply: Reply) -> None:
        assert reply.line is not None
        text = reply.line.text
        body = AssistantMessage(
            type="message", role="assistant", content=[OutputAudio(type="output_audio", transcript=text)]
        )
        spoken = Spoken(reply.line, marks=[(1000, len(text))])
        self.items.append(Item(f"own-{len(self.items)}", body, spoken=spoken, audio_ms=1000))

    def _call(self, reply: Reply) -> None:
        assert reply.call is not None
        name, arguments = reply.call.name, json.loads(reply.call.arguments)
        self.calls.append((name, arguments))
        refusal = self.refusals.pop(name, None)
        done = {"ok": True, **self.results.get(name, {})}
        result = done if refusal is None else {"ok": False, "reason": refusal}
        call_id = f"call-{len(self.items)}"
        call = FunctionCall(type="function_call", name=name, arguments=reply.call.arguments, call_id=call_id)
        output = FunctionCallOutput(type="function_call_output", call_id=call_id, output=json.dumps(result))
        self.items += [Item(call_id, call), Item(f"output-{call_id}", output)]
