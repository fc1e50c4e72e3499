"""Frozen copies: what a conversation was launched with, unchanged by later edits of the library."""

from pydantic import BaseModel, ConfigDict, Field

from dispatchsim.domain.brief import VoiceSettings
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.line import LineQuality


class InlineScenario(BaseModel):
    """A scenario given with the launch instead of one of the library."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(default="Written on the spot", min_length=1, max_length=120)
    summary: str = Field(default="", max_length=1000)
    opener: Role = Role.DISPATCHER
    load_sheet: str = Field(min_length=1, max_length=4000)
    dispatcher_briefing: str = Field(default="", max_length=4000)
    driver_briefing: str = Field(default="", max_length=4000)
    driver_decision: str = Field(default="accept", min_length=1, max_length=300)
    freight: FreightCase | None = None
    line: LineQuality = LineQuality.CLEAR
    max_duration_s: int = Field(default=240, ge=15, le=3600)
    max_turns: int = Field(default=60, ge=2, le=500)


class FrozenScenario(BaseModel):
    """The scenario as it was at the launch."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    slug: str = ""  # empty for an inline scenario
    revision: int | None = None  # None for an inline scenario, and in copies older than revisions
    title: str
    summary: str = ""
    opener: Role
    load_sheet: str
    dispatcher_briefing: str = ""
    driver_briefing: str = ""
    driver_decision: str = "accept"
    freight: FreightCase | None = None  # None: an exchange of the load sheet, with nothing at stake
    line: LineQuality = LineQuality.CLEAR
    max_duration_s: int
    max_turns: int

    def briefing(self, role: Role) -> str:
        """Give the private briefing of one role."""
        return self.dispatcher_briefing if role is Role.DISPATCHER else self.driver_briefing


class FrozenPersona(BaseModel):
    """One persona as it was at the launch, with the voice and the whole prompt of its agent."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    slug: str
    revision: int | None = None  # None in copies older than revisions
    role: Role
    name: str
    title: str
    character: str = ""
    voice: VoiceSettings
    instructions: str = ""  # the rendered prompt; empty until it is rendered
