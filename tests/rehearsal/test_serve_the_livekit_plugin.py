"""The Realtime plugin of LiveKit takes the rehearsal model for OpenAI's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from livekit import rtc
from livekit.agents import function_tool, llm
from livekit.plugins.openai.realtime import RealtimeModel, RealtimeSession
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

from tests.protocol_checker import ProtocolChecker
from tests.rehearsal.wire import DISPATCHER, DRIVER, KEY, Running, silence, speech

WAIT_S = 10


@function_tool
async def end_call() -> None:
    """Hang up."""


@dataclass
class Heard:
    """One generation as the plugin hands it on."""

    message_id: str = ""
    text: str = ""
    samples: int = 0
    calls: list[str] = field(default_factory=list)


@dataclass
class Plugged:
    """A session of the plugin with what it emitted."""

    session: RealtimeSession
    checker: ProtocolChecker
    generations: asyncio.Queue[llm.GenerationCreatedEvent]
    errors: list[Any]

    async def next_generation(self) -> Heard:
        return await listen(await asyncio.wait_for(self.generations.get(), WAIT_S))

    async def reply(self) -> Heard:
        await asyncio.wait_for(self.session.generate_reply(), WAIT_S)
        return await self.next_generation()

    async def hear(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), 960):
            chunk = pcm[start : start + 960]
            self.session.push_audio(rtc.AudioFrame(chunk, 24_000, 1, len(chunk) // 2))
            await asyncio.sleep(0)


async def listen(generation: llm.GenerationCreatedEvent) -> Heard:
    """Take all that a generation says, plays and calls."""
    heard = Heard()
    async for message in generation.message_stream:
        heard.message_id = message.message_id
        heard.text += "".join([text async for text in message.text_stream])
        heard.samples += sum([frame.samples_per_channel async for frame in message.audio_stream])
    heard.calls = [call.name async for call in generation.function_stream]
    return heard


@pytest.fixture
async def plugged(server: Running) -> AsyncIterator[Plugged]:
    async with aiohttp.ClientSession() as http:
        model = RealtimeModel(
            model="gpt-realtime",
            voice="cedar",
            base_url=f"{server.http_url}/v1",
            api_key=KEY,
            turn_detection=ServerVad(type="server_vad", silence_duration_ms=500),
            http_session=http,
        )
        session = model.session()
        opened = Plugged(session, ProtocolChecker(), asyncio.Queue(), [])
        session.on("openai_client_event_queued", opened.checker.client_event)
        session.on("openai_server_event_received", opened.checker.server_event)
        session.on("generation_created", opened.generations.put_nowait)
        session.on("error", opened.errors.append)
        yield opened
        await session.aclose()
        await model.aclose()
        opened.checker.assert_clean()
        assert opened.errors == []


async def test_a_reply_has_words_and_sound(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DISPATCHER)

    heard = await plugged.reply()

    assert heard.text.startswith("Hi Chris, this is Tim")
    assert heard.samples > 24_000


async def test_pushed_speech_is_answered(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DISPATCHER)

    await plugged.hear(speech("What's the commodity?"))
    heard = await plugged.next_generation()

    assert "frozen chicken" in heard.text


async def test_extra_instructions_do_not_disturb_the_part(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DISPATCHER)

    await asyncio.wait_for(plugged.session.generate_reply(instructions="Greet the driver."), WAIT_S)
    heard = await plugged.next_generation()

    assert heard.text.startswith("Hi Chris, this is Tim")


async def test_the_tool_is_called_after_the_goodbye(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DRIVER)
    await plugged.session.update_tools([end_call])

    replies = [await plugged.reply() for _ in range(7)]

    assert [reply.calls for reply in replies] == [*[[] for _ in range(6)], ["end_call"]]


async def test_a_fact_cut_off_by_the_peer_is_told_again(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DISPATCHER)
    await plugged.hear(speech("What's the commodity?"))
    first = await plugged.next_generation()

    plugged.session.truncate(message_id=first.message_id, modalities=["audio", "text"], audio_end_ms=200)
    await plugged.hear(silence(200) + speech("Sorry, what is it?"))
    again = await plugged.next_generation()

    assert "frozen chicken" in again.text


async def test_a_line_that_nobody_heard_is_said_again(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DISPATCHER)
    first = await plugged.reply()

    plugged.session.truncate(message_id=first.message_id, modalities=["audio", "text"], audio_end_ms=0)
    again = await plugged.reply()

    assert again.text == first.text


async def test_a_context_update_is_taken(plugged: Plugged) -> None:
    await plugged.session.update_instructions(DISPATCHER)
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="Hi, Chris here.")

    await plugged.session.update_chat_ctx(context)
    heard = await plugged.reply()

    assert "frozen chicken" in heard.text
