"""The official client holds a spoken exchange with the rehearsal model, every event checked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import RealtimeServerEvent

from rehearsal.audio import duration_ms
from tests.protocol_checker import ProtocolChecker
from tests.rehearsal.wire import DISPATCHER, DRIVER, END_CALL, KEY, Running, chunks_of, speech, spoken_audio

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Talk:
    """A session of the official client."""

    connection: AsyncRealtimeConnection
    checker: ProtocolChecker = field(default_factory=ProtocolChecker)
    log: list[dict[str, Any]] = field(default_factory=list)

    async def until(self, kind: str) -> Any:
        while True:
            event: RealtimeServerEvent = await self.connection.recv()
            raw = event.to_dict(mode="json", exclude_unset=True)
            self.checker.server_event(raw)
            self.log.append(raw)
            if event.type == kind:
                return event

    async def hear(self, pcm: bytes) -> None:
        for chunk in chunks_of(pcm):
            await self.connection.input_audio_buffer.append(audio=chunk)

    async def use(self, instructions: str, *, manual: bool = False, **more: Any) -> None:
        listening: dict[str, Any] = {"turn_detection": None} if manual else {}
        session: Any = {"type": "realtime", "instructions": instructions, "audio": {"input": listening}, **more}
        await self.connection.session.update(session=session)
        await self.until("session.updated")


@asynccontextmanager
async def talk_to(server: Running) -> AsyncIterator[Talk]:
    client = AsyncOpenAI(
        api_key=KEY, base_url=f"{server.http_url}/v1", websocket_base_url=f"{server.ws_url}/v1", max_retries=0
    )
    async with client, client.realtime.connect(model="gpt-realtime") as connection:
        talk = Talk(connection)
        await talk.until("session.created")
        yield talk
        talk.checker.assert_complete()


@pytest_asyncio.fixture(loop_scope="module")
async def talk(shared_server: Running) -> AsyncIterator[Talk]:
    async with talk_to(shared_server) as opened:
        yield opened


async def test_a_spoken_question_gets_a_spoken_fact(talk: Talk) -> None:
    await talk.use(DISPATCHER)

    await talk.hear(speech("Hi Tim, this is Chris. What's the commodity?"))
    done = await talk.until("response.done")

    assert "frozen chicken" in done.response.output[0].content[0].transcript
    assert 2000 < duration_ms(spoken_audio(talk.log)) < 12_000


async def test_a_turn_is_told_in_its_order(talk: Talk) -> None:
    await talk.use(DISPATCHER)

    await talk.hear(speech("Hi Tim, this is Chris."))
    await talk.until("response.done")

    told = [event["type"] for event in talk.log]
    assert told[2 : told.index("response.created") + 1] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]


async def test_turns_by_hand_wait_for_the_client(talk: Talk) -> None:
    await talk.use(DISPATCHER, manual=True)
    await talk.hear(speech("Hi Tim, this is Chris."))

    await talk.connection.input_audio_buffer.commit()
    await talk.until("conversation.item.done")
    await talk.connection.response.create()
    await talk.until("response.done")

    assert not any("speech_st" in event["type"] for event in talk.log)


async def test_text_answers_have_no_sound(talk: Talk) -> None:
    await talk.use(DISPATCHER, output_modalities=["text"])

    await talk.connection.response.create()
    done = await talk.until("response.done")

    assert done.response.output[0].content[0].text.startswith("Hi Chris")
    assert spoken_audio(talk.log) == b""


async def test_the_goodbye_comes_with_end_call(talk: Talk) -> None:
    sheet_of_none = DRIVER.replace("commodity: ?", "rate: ?").split("weight: ?")[0]
    await talk.use(sheet_of_none + "# Your decision\ndecision: accept\n", tools=[END_CALL], output_modalities=["text"])

    for text in ("Hi Chris, this is Tim.", "The rate is $2,450.", "You're on it, goodbye."):
        item: Any = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        await talk.connection.conversation.item.create(item=item)
        await talk.connection.response.create()
        done = await talk.until("response.done")

    assert [item.type for item in done.response.output] == ["message", "function_call"]
    assert done.response.output[1].name == "end_call"


async def test_the_output_of_end_call_does_not_call_it_again(talk: Talk) -> None:
    await talk.use(DISPATCHER, tools=[END_CALL], tool_choice="required", output_modalities=["text"])
    await talk.connection.response.create()
    call = (await talk.until("response.done")).response.output[0]

    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "{}"}
    await talk.connection.conversation.item.create(item=output)
    await talk.connection.response.create(response={"tool_choice": "auto"})
    done = await talk.until("response.done")

    assert [item.type for item in done.response.output] == ["message"]


async def tell_commodity(talk: Talk) -> str:
    """Have the commodity told, as the first fact; give the item's id."""
    await talk.use(DISPATCHER, manual=True)
    await talk.hear(speech("What's the commodity?"))
    await talk.connection.input_audio_buffer.commit()
    await talk.connection.response.create()
    item_id: str = (await talk.until("response.done")).response.output[0].id
    return item_id


async def test_a_truncated_fact_is_told_again(talk: Talk) -> None:
    item_id = await tell_commodity(talk)

    await talk.connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=300)
    await talk.until("conversation.item.truncated")
    await talk.connection.response.create()
    again = await talk.until("response.done")

    assert "frozen chicken" in again.response.output[0].content[0].transcript


async def test_a_fact_heard_to_its_end_is_not_told_again(talk: Talk) -> None:
    item_id = await tell_commodity(talk)

    heard_ms = duration_ms(spoken_audio(talk.log)) - 100
    await talk.connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)
    await talk.connection.response.create()
    second = await talk.until("response.done")

    assert "42,000 pounds" in second.response.output[0].content[0].transcript


async def test_cancelling_stops_the_voice(slow_shared_server: Running) -> None:
    async with talk_to(slow_shared_server) as talk:
        await talk.use(DISPATCHER)
        await talk.connection.response.create()
        await talk.until("response.output_audio.delta")

        await talk.connection.response.cancel()
        done = await talk.until("response.done")

        assert done.response.status == "cancelled"
        assert done.response.status_details.reason == "client_cancelled"


async def test_a_key_can_be_probed_by_listing_models(shared_server: Running) -> None:
    async with AsyncOpenAI(api_key=KEY, base_url=f"{shared_server.http_url}/v1", max_retries=0) as client:
        models = await client.models.list()

    assert [model.id for model in models.data] == ["gpt-realtime"]
