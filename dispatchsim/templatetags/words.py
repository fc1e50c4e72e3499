"""Times, lengths and roles as people say them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from pydantic import JsonValue

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason, Role, VoiceProvider
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.sheet import build_full_sheet
from dispatchsim.domain.freight.verdict import Result, Verdict
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.domain.load_sheet import Fact, parse_load_sheet
from dispatchsim.services.tool_words import list_facts
from dispatchsim.services.usage import CallCost

register = template.Library()

UNKNOWN = "\N{EN DASH}"
_JUST_NOW = timedelta(seconds=45)
_STATUS_WORDS = {
    ConversationStatus.QUEUED: "Waiting",
    ConversationStatus.LAUNCHING: "Connecting",
    ConversationStatus.LIVE: "Live",
    ConversationStatus.ENDING: "Hanging up",
    ConversationStatus.ENDED: "Ended",
    ConversationStatus.FAILED: "Failed",
}
_STATE_WORDS = {
    AgentState.INITIALIZING: "Getting ready",
    AgentState.LISTENING: "Listening",
    AgentState.THINKING: "Thinking",
    AgentState.SPEAKING: "Speaking",
    AgentState.GONE: "Left",
}
_RESULT_WORDS = {Result.PASS: "Pass", Result.FAIL: "Fail", Result.NOT_EVALUABLE: "Not judged"}
_WHEN_BUSY = "When the machine is busy with several calls, run fewer at a time (DISPATCHSIM_MAX_CALLS)."
_ADVICE = {
    EndReason.NOBODY_SPOKE: "Launch it again; if it stays silent, the terminal shows what the voice model said.",
    EndReason.DEAD_AIR: f"Launch it again. {_WHEN_BUSY} If it goes on, shorten the silence that the personas wait for.",
    EndReason.AGENT_NEVER_JOINED: "See that the agent servers run: the terminal names each part, and so does /readyz.",
    EndReason.AGENT_VANISHED: f"The turns so far are kept. {_WHEN_BUSY} If the agent stopped, the terminal says why.",
    EndReason.AGENT_FAILED: "The terminal says why the agent stopped. The turns so far are kept.",
    EndReason.ROOM_VANISHED: "See that the LiveKit server has not been restarted, then launch it again.",
    EndReason.LIVEKIT_UNAVAILABLE: "Start the LiveKit server, or check LIVEKIT_URL and its key, then launch it again.",
    EndReason.VOICE_MODEL_UNREACHABLE: "Check OPENAI_BASE_URL and the network, or launch it with the rehearsal model.",
    EndReason.VOICE_MODEL_REFUSED: "Mend what was refused: OPENAI_API_KEY, its quota, a model or a voice.",
}


@register.filter
def clock(seconds: float | None) -> str:
    """Write a length as `1:07` or `1:02:07`; a dash while it is unknown."""
    if seconds is None:
        return UNKNOWN
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Write a moment as `2 min ago`, exact on hover."""
    if moment is None:
        return UNKNOWN
    words = moment_in_words(moment, now=timezone.now())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        f"{moment.day} {moment:%b %Y, %H:%M:%S %Z}",
        words,
    )


def moment_in_words(moment: datetime, *, now: datetime) -> str:
    """Say how long ago a moment was, or its date once that is shorter to grasp."""
    passed = now - moment
    if passed < _JUST_NOW:
        return "just now"
    minutes = max(1, round(passed / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min ago"
    hours = round(passed / timedelta(hours=1))
    if hours < 24:
        return f"{hours} h ago"
    if passed < timedelta(days=7):
        return f"{round(passed / timedelta(days=1))} d ago"
    return f"{moment.day} {moment:%b %Y}"


@register.filter
def role_name(role: str) -> str:
    """Name a role as people see it, `Dispatcher` or `Driver`."""
    return Role(role).identity


@register.filter
def status_name(status: str) -> str:
    """Name a status in a word or two."""
    return _STATUS_WORDS[ConversationStatus(status)]


@register.filter
def status_tone(status: str) -> str:
    """Give the colour class of a status: `waiting`, `live`, `ended` or `failed`."""
    match ConversationStatus(status):
        case ConversationStatus.ENDED:
            return "ended"
        case ConversationStatus.FAILED:
            return "failed"
        case ConversationStatus.LIVE | ConversationStatus.ENDING:
            return "live"
        case _:
            return "waiting"


@register.filter
def state_name(state: str) -> str:
    """Name what an agent is doing."""
    return _STATE_WORDS[AgentState(state)]


@register.filter
def spelled(name: str) -> str:
    """Spell a name of ours for people: `read_back_correctly` is "Read back correctly"."""
    return str(name).replace("_", " ").capitalize()


@register.filter
def result_name(result: str) -> str:
    """Name how a check, or a verdict, came out."""
    return _RESULT_WORDS[Result(result)]


@register.filter
def verdict_words(verdict: Verdict, end_reason: str = "") -> str:
    """Say what a verdict comes to: `Verdict: pass`, or `Not judged: ended early`."""
    if verdict.joint is not Result.NOT_EVALUABLE:
        return f"Verdict: {result_name(verdict.joint).lower()}"
    is_early = bool(end_reason) and end_reason != EndReason.AGENT_HUNG_UP
    return f"{result_name(verdict.joint)}{': ended early' if is_early else ''}"


@register.filter
def count(number: int) -> str:
    """Write a count with its thousands apart: `12,345`."""
    return f"{number:,}"


@register.filter
def end_sentence(reason: str | None) -> str:
    """Give the sentence of an end reason; nothing while there is none."""
    return EndReason(reason).sentence if reason else ""


@register.filter
def provider_name(provider: str) -> str:
    """Name who speaks."""
    return "OpenAI" if provider == VoiceProvider.OPENAI else "Rehearsal"


@register.filter
def cost_words(cost: CallCost) -> str:
    """Write what a call cost as `$0.42`; `unpriced` where no price is known, a dash where nothing is to be paid."""
    if cost.is_unpriced:
        return "unpriced"
    return UNKNOWN if cost.usd is None else f"${cost.usd:.2f}"


@register.filter
def sheet_facts(scenario: FrozenScenario) -> tuple[Fact, ...]:
    """Give the load sheet of a call as its dispatcher had it; one that cannot be read shows nothing."""
    try:
        if scenario.freight is not None:
            return build_full_sheet(scenario.freight, load_sheet=scenario.load_sheet)
        return parse_load_sheet(scenario.load_sheet)
    except InvalidInputError:
        return ()


@register.filter
def tool_facts(values: Mapping[str, JsonValue]) -> tuple[Fact, ...]:
    """Give what a tool was given, or answered, for people."""
    return list_facts(values)


@register.filter
def end_advice(reason: str | None) -> str:
    """Say what to do about a failed call; nothing where there is nothing to mend."""
    return _ADVICE.get(EndReason(reason), "") if reason else ""
