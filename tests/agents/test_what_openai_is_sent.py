"""What our client sends to OpenAI when a call opens: captured on the wire, held against the pinned SDK's types."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from livekit.agents import AgentSession
from livekit.plugins.openai.realtime import RealtimeModel
from openai.types.realtime import (
    AudioTranscription,
    RealtimeReasoning,
    RealtimeSessionCreateRequest,
    audio_transcription,
    realtime_session_create_request,
)
from websockets.asyncio.server import Server, ServerConnection, serve

from agents.config import VoiceEndpoint
from agents.talking import TalkingAgent, build_session, stop_answering, tell_beside_prompt
from agents.turn_recorder import TurnRecorder
from agents.voice_model import build_reasoning, build_transcription
from agents.wire import Wire
from dispatchsim.domain.brief import ConversationBrief, TurnDetection
from dispatchsim.domain.conversation import VoiceProvider
from dispatchsim.domain.voice_models import (
    DEFAULT_MODEL,
    LAST_DAYS,
    MODELS,
    TRANSCRIPTION_LAST_DAYS,
    TRANSCRIPTION_MODELS,
    describe_end,
)
from tests.agents.briefs import build_brief, build_voice
from tests.agents.fakes import FakeClock, FakeSink
from tests.protocol_checker import ProtocolChecker

Json = dict[str, Any]
KEY = "sk-for-tests"
INSTRUCTIONS = "You are Tim, a freight dispatcher.\n\n# Your part\nrole: dispatcher\nname: Tim"
WAIT_S = 10


@dataclass
class Recorder:
    """A Realtime server that confirms every setting and keeps what it is sent."""

    url: str = ""
    path: str = ""
    authorization: str = ""
    events: list[Json] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        self.path, self.authorization = request.path, request.headers["Authorization"]
        session: Json = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        await connection.send(json.dumps({"type": "session.created", "event_id": "event_0", "session": session}))
        async for message in connection:
            event = json.loads(message)
            async with self._changed:
                self.events.append(event)
                self._changed.notify_all()
            if event["type"] == "session.update":
                session = merge(session, event["session"])
                confirmation = {"type": "session.updated", "event_id": f"event_{len(self.events)}", "session": session}
                await connection.send(json.dumps(confirmation))

    async def until(self, kind: str, count: int) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: len(self.of(kind)) >= count), WAIT_S)

    def of(self, kind: str) -> list[Json]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def session(self) -> Json:
        """All settings together, as the server has them."""
        settings: Json = {}
        for event in self.of("session.update"):
            settings = merge(settings, event["session"])
        return settings

    def problems(self) -> list[str]:
        """What the SDK's types do not know, at any depth."""
        checker = ProtocolChecker()
        for event in self.events:
            checker.client_event(event)
        return checker.violations


def merge(old: Json, new: Json) -> Json:
    return old | {
        key: merge(old[key], value) if isinstance(value, dict) and isinstance(old.get(key), dict) else value
        for key, value in new.items()
    }


def openai_brief(model: str, **voice: Any) -> ConversationBrief:
    settings: Json = {
        "provider": VoiceProvider.OPENAI,
        "model": model,
        "voice": "marin",
        "speed": 1.1,
        "turn_detection": TurnDetection(threshold=0.6, silence_duration_ms=450),
        "transcription_model": "gpt-4o-mini-transcribe",
        "transcription_prompt": "Springdale, reefer, lumper",
    }
    return build_brief(instructions=INSTRUCTIONS, voice=build_voice(**(settings | voice)))


@asynccontextmanager
async def opened(brief: ConversationBrief) -> AsyncIterator[tuple[Recorder, AgentSession[None]]]:
    """Open the session of an agent against the recorder, as a call does, but without a room."""
    recorder = Recorder()
    async with serve(recorder.handle, "127.0.0.1", 0) as server:
        endpoint = VoiceEndpoint(base_url=f"http://127.0.0.1:{_port(server)}/v1", api_key=KEY)
        sink = FakeSink()
        wire = Wire(
            sink, TurnRecorder(sink, turn_prefix="dispatcher"), settings=brief.voice, now=FakeClock(),
            on_fatal=lambda trouble: pytest.fail(trouble.message),
        )  # fmt: skip
        session = build_session(brief, endpoint, wire)
        await session.start(TalkingAgent(brief.instructions, lambda context: None), session_host=False, record=False)
        await recorder.until("session.update", 3)  # settings, instructions, tools
        yield recorder, session
        model = session.llm
        await session.aclose()
        assert isinstance(model, RealtimeModel)
        await model.aclose()  # in a job the connection pool is the job's


def _port(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


@pytest.mark.parametrize("model", MODELS)
async def test_every_event_is_one_that_the_sdk_knows_in_every_key(model: str) -> None:
    brief = openai_brief(model)
    async with opened(brief) as (recorder, session):
        await tell_beside_prompt(session, brief, "# Wrap up now")
        stop_answering(session, brief)
        await recorder.until("session.update", 5)
        session.generate_reply()
        await recorder.until("response.create", 1)

        assert recorder.problems() == []


@pytest.mark.parametrize("model", MODELS)
async def test_the_model_is_asked_for_by_name_and_key(model: str) -> None:
    async with opened(openai_brief(model)) as (recorder, _):
        assert urlsplit(recorder.path).path == "/v1/realtime"
        assert parse_qs(urlsplit(recorder.path).query) == {"model": [model]}
        assert recorder.authorization == f"Bearer {KEY}"
        assert recorder.session["model"] == model


async def test_the_prompt_goes_word_for_word() -> None:
    async with opened(openai_brief(DEFAULT_MODEL)) as (recorder, _):
        assert recorder.session["instructions"] == INSTRUCTIONS


async def test_the_tools_are_functions_with_a_schema() -> None:
    async with opened(openai_brief(DEFAULT_MODEL)) as (recorder, _):
        tools = recorder.session["tools"]

    assert [(tool["type"], tool["name"]) for tool in tools] == [("function", "end_call")]
    assert tools[0]["parameters"]["type"] == "object"
    assert tools[0]["description"].startswith("Hang up the phone.")
    assert recorder.session["tool_choice"] == "auto"


async def test_the_server_detects_turns_as_the_persona_waits() -> None:
    async with opened(openai_brief(DEFAULT_MODEL)) as (recorder, _):
        assert recorder.session["audio"]["input"]["turn_detection"] == {
            "type": "server_vad", "threshold": 0.6, "prefix_padding_ms": 300, "silence_duration_ms": 450,
            "create_response": True, "interrupt_response": True,
        }  # fmt: skip


async def test_a_call_that_ends_asks_for_no_more_answers() -> None:
    brief = openai_brief(DEFAULT_MODEL)
    async with opened(brief) as (recorder, session):
        stop_answering(session, brief)
        await recorder.until("session.update", 4)

        detection = recorder.session["audio"]["input"]["turn_detection"]
        assert (detection["create_response"], detection["interrupt_response"]) == (False, False)


async def test_the_peer_is_transcribed_with_the_words_to_expect() -> None:
    async with opened(openai_brief(DEFAULT_MODEL)) as (recorder, _):
        assert recorder.session["audio"]["input"]["transcription"] == {
            "model": "gpt-4o-mini-transcribe", "prompt": "Springdale, reefer, lumper",
        }  # fmt: skip


async def test_without_a_transcription_model_nothing_is_transcribed() -> None:
    async with opened(openai_brief(DEFAULT_MODEL, transcription_model=None)) as (recorder, _):
        assert recorder.session["audio"]["input"]["transcription"] is None


@pytest.mark.parametrize("model", ["gpt-realtime-whisper", "gpt-4o-transcribe-diarize"])
def test_a_transcription_model_that_takes_no_prompt_gets_none(model: str) -> None:
    transcription = build_transcription(openai_brief(DEFAULT_MODEL, transcription_model=model).voice)

    assert transcription is not None
    assert transcription.prompt is None


async def test_voice_speed_and_sound_are_those_of_the_persona() -> None:
    async with opened(openai_brief(DEFAULT_MODEL)) as (recorder, _):
        output = recorder.session["audio"]["output"]

    assert (output["voice"], output["speed"]) == ("marin", 1.1)
    assert output["format"] == {"type": "audio/pcm", "rate": 24000}
    assert recorder.session["output_modalities"] == ["audio"]


@pytest.mark.parametrize("model", MODELS)
async def test_reasoning_is_sent_to_models_that_reason_alone(model: str) -> None:
    async with opened(openai_brief(model, reasoning_effort="minimal")) as (recorder, _):
        assert recorder.session.get("reasoning") == (
            {"effort": "minimal"} if model.startswith("gpt-realtime-2") else None
        )


@pytest.mark.parametrize("model", ["gpt-realtime-2", "gpt-realtime-2.1", "gpt-realtime-2.1-mini", "gpt-realtime-3"])
def test_successors_reason(model: str) -> None:
    assert build_reasoning(openai_brief(model).voice) == RealtimeReasoning(effort="low")


@pytest.mark.parametrize(
    "model",
    ["gpt-realtime", "gpt-realtime-2025-08-28", "gpt-realtime-1.5", "gpt-realtime-mini-2025-12-15", "rehearsal"],
)
def test_older_models_and_the_rehearsal_model_do_not_reason(model: str) -> None:
    assert build_reasoning(openai_brief(model).voice) is None


@pytest.mark.parametrize("model", MODELS)
def test_the_pinned_sdk_knows_every_model_that_is_offered(model: str) -> None:
    assert model in _literals(RealtimeSessionCreateRequest.model_fields["model"].annotation)


def test_the_sdk_announces_the_end_of_the_models_that_are_said_to_end() -> None:
    told = inspect.getsource(realtime_session_create_request)

    assert all(f'"{model}"' in told and day.isoformat() in told for model, day in LAST_DAYS.items())


@pytest.mark.parametrize("model", TRANSCRIPTION_MODELS)
def test_the_pinned_sdk_knows_every_transcription_model_that_is_offered(model: str) -> None:
    assert model in _literals(AudioTranscription.model_fields["model"].annotation)


def test_the_sdk_announces_the_end_of_the_transcription_models_that_are_said_to_end() -> None:
    told = inspect.getsource(audio_transcription).split("Deprecated values:")[1]

    assert all(f'"{model}"' in told and day.isoformat() in told for model, day in TRANSCRIPTION_LAST_DAYS.items())


def test_the_end_of_a_transcription_model_is_told() -> None:
    assert describe_end("gpt-4o-mini-transcribe") == "OpenAI ends it on 26 Feb 2027"


def _literals(annotation: Any) -> set[Any]:
    found = {part for one in get_args(annotation) for part in (get_args(one) or (one,))}
    return {one for one in found if isinstance(one, str)}


async def test_no_sound_is_sent_before_anybody_speaks() -> None:
    async with opened(openai_brief(DEFAULT_MODEL)) as (recorder, _):
        assert {event["type"] for event in recorder.events} == {"session.update"}
