"""Speaks a reply: sentence by sentence, words beside their sound, faster than real time."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from rehearsal import voice
from rehearsal.audio import BYTES_PER_MS, duration_ms
from rehearsal.delivery import Delivery
from rehearsal.mind import Reply
from rehearsal.response import ResponseRun
from rehearsal.script import Line

_FIRST_CHUNK_MS = 100  # soon at the listener
_CHUNK_MS = 200

# espeak-ng has one state per process, so one thread; it never holds up the event loop.
_voice_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")

Ready = Callable[[], Awaitable[None]]


_PLAIN = Delivery()


async def perform(run: ResponseRun, reply: Reply, *, is_ready: Ready, pace: float, delivery: Delivery = _PLAIN) -> None:
    """Play a whole reply into a response; stops early when the response was finished from outside.

    `is_ready` waits until the client has taken what was sent; `pace` is a multiple of real time, 0 unlimited.
    `delivery` decides on hesitation and breaths.
    """
    if reply.delay_s > 0:
        await asyncio.sleep(reply.delay_s)
    if reply.failure:
        run.finish("failed", error={"type": reply.failure, "code": reply.failure})
    if reply.line is not None and not run.is_done:
        run.open_message(reply.line)
        if run.options.modality == "audio":
            await _speak_line(run, reply.line, is_ready, pace, delivery)
        else:
            await _write_line(run, reply.line, is_ready)
    if run.is_done:
        return
    if run.is_over_budget:
        run.finish("incomplete", reason="max_output_tokens")
        return
    run.close_message()
    if reply.call is not None:
        run.call_function(reply.call.name, reply.call.arguments)
    run.finish("completed")


async def _write_line(run: ResponseRun, line: Line, is_ready: Ready) -> None:
    for word in _words(line.text):
        await is_ready()
        if run.is_done or run.is_over_budget:
            return
        run.say(word, b"")


async def _speak_line(run: ResponseRun, line: Line, is_ready: Ready, pace: float, delivery: Delivery) -> None:
    loop = asyncio.get_running_loop()
    options = run.options
    chunk_ms, breath = _FIRST_CHUNK_MS, voice.pause(delivery.breath_s)
    for number, sentence in enumerate(line.sentences):
        aloud = delivery.with_hesitation(sentence)
        pcm = await loop.run_in_executor(_voice_thread, _sound_of, aloud, options.voice, options.speed)
        is_last = number == len(line.sentences) - 1
        words = f" {sentence}" if number else sentence
        for spoken, chunk in _chunks(words, pcm if is_last else pcm + breath, chunk_ms):
            await is_ready()
            if run.is_done or run.is_over_budget:
                return
            run.say(spoken, chunk)
            if pace > 0:
                await asyncio.sleep(duration_ms(chunk) / 1000 / pace)
        chunk_ms = _CHUNK_MS


def _sound_of(sentence: str, name: str, speed: float) -> bytes:
    return voice.speak(sentence, voice=name, speed=speed)


def _chunks(text: str, pcm: bytes, first_ms: int) -> Iterator[tuple[str, bytes]]:
    """Cut a sentence into chunks of sound, each with the words that begin in it."""
    words = _words(text)
    start, size, said = 0, first_ms * BYTES_PER_MS, 0
    while start < len(pcm):
        end = min(start + size, len(pcm))
        due = -(-len(text) * end // len(pcm))  # characters that begin before the end of this chunk
        spoken = ""
        while words and (said < due or end == len(pcm)):
            spoken += words[0]
            said += len(words.pop(0))
        yield spoken, pcm[start:end]
        start, size = end, _CHUNK_MS * BYTES_PER_MS
    if words:
        yield "".join(words), b""


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*$|\s*\S+", text)
