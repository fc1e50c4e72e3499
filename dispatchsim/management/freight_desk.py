"""The freight tools of a call without a room: the one place where rehearsing meets the freight rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.record import CallRecord, SaidTurn, UsedTool
from dispatchsim.domain.freight.sheet import build_facts
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.tools import tools_for
from dispatchsim.domain.freight.transitions import apply_tool
from dispatchsim.domain.freight.verdict import Verdict, build_verdict
from rehearsal.settings_bodies import FunctionTool


@dataclass
class Desk:
    """What has been settled in one call."""

    case: FreightCase
    load_sheet: str
    state: FreightState = field(default_factory=FreightState)
    uses: list[UsedTool] = field(default_factory=list)

    def use(self, role: Role, name: str, arguments: Mapping[str, JsonValue], *, at_s: float) -> dict[str, JsonValue]:
        """Use a tool as the server would."""
        self.state, result = apply_tool(self.state, self.case, role, name, arguments)
        self.uses.append(UsedTool(f"call-{len(self.uses)}", role, name, arguments, result, at_s))
        return dict(result)

    def judge(self, said: Sequence[SaidTurn]) -> Verdict | None:
        """Judge the call as a finished one is judged; None where one side never spoke."""
        facts = build_facts(self.case, load_sheet=self.load_sheet)
        end = EndReason.AGENT_HUNG_UP
        return build_verdict(CallRecord(self.case, facts, self.state, tuple(said), tuple(self.uses), end))


def tool_specs(case: FreightCase, role: Role) -> list[FunctionTool]:
    """Give the function tools of one side as the Realtime session has them."""
    return [
        FunctionTool(type="function", name=tool.name, description=tool.description, parameters=dict(tool.parameters))
        for tool in tools_for(case, role)
    ]
