"""What the client is told of a turn that was heard: OpenAI's transcription events.

conversation.item.added ─► … delta ─► completed, or … failed when nothing was recognised (any time after, in order)
"""

from collections.abc import Iterator

from rehearsal.hearing.heard import Heard
from rehearsal.settings_bodies import Transcription
from rehearsal.strict import Json
from rehearsal.usage import heard_tokens, text_tokens

_PREFIX = "conversation.item.input_audio_transcription"
_BILLED_BY_TIME = "whisper-1"


def transcript_events(item_id: str, audio_ms: int, heard: Heard, asked: Transcription) -> Iterator[tuple[str, Json]]:
    """Give the events of one turn, as kind and fields. The text is as recognised: spoken words in lower case."""
    where: Json = {"item_id": item_id, "content_index": 0}
    if not heard.text:
        yield f"{_PREFIX}.failed", {**where, "error": dict(_NOTHING_RECOGNISED)}
        return
    yield f"{_PREFIX}.delta", {**where, "delta": heard.text}
    yield f"{_PREFIX}.completed", {**where, "transcript": heard.text, "usage": _usage(audio_ms, heard.text, asked)}


def vocabulary_text(instructions: str, asked: Transcription | None) -> str:
    """Give all that the ears may know beforehand: what the session was told, and nothing else."""
    hints = () if asked is None else (asked.prompt or "", *(asked.keywords or ()))
    return "\n".join(text for text in (instructions, *hints) if text)


def _usage(audio_ms: int, text: str, asked: Transcription) -> Json:
    if asked.model == _BILLED_BY_TIME:
        return {"type": "duration", "seconds": round(audio_ms / 1000, 2)}
    prompt, audio, said = text_tokens(asked.prompt or ""), heard_tokens(audio_ms), text_tokens(text)
    return {
        "type": "tokens",
        "total_tokens": prompt + audio + said,
        "input_tokens": prompt + audio,
        "input_token_details": {"text_tokens": prompt, "audio_tokens": audio},
        "output_tokens": said,
    }


_NOTHING_RECOGNISED: Json = {
    "type": "transcription_error",
    "code": "audio_unintelligible",
    "message": "The audio could not be transcribed.",
    "param": None,
}
