"""Names of OpenAI's Realtime models, transcription models and voices that are offered; others work as well."""

from datetime import date
from difflib import get_close_matches

# The newest that is generally available and has a published price.
DEFAULT_MODEL = "gpt-realtime-2.1"
MODELS = (
    DEFAULT_MODEL,
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime-1.5",
    "gpt-realtime",
    "gpt-realtime-mini",
)
# Last days as OpenAI announced them; its SDK's types name them too.
LAST_DAYS = {"gpt-realtime": date(2027, 1, 20), "gpt-realtime-mini": date(2027, 1, 20)}
# Of those that a Realtime session takes, the newest first.
TRANSCRIPTION_MODELS = ("gpt-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe", "whisper-1")
TRANSCRIPTION_LAST_DAYS = dict.fromkeys(
    (
        "whisper-1",
        "gpt-4o-mini-transcribe",
        "gpt-4o-mini-transcribe-2025-12-15",
        "gpt-4o-transcribe",
        "gpt-4o-transcribe-diarize",
    ),
    date(2027, 2, 26),
)
# The rehearsal model has a voice of its own for each name, and no other.
VOICES = ("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse")


def doubt_voice(voice: str) -> str:
    """Tell why a voice may not work; nothing for one that is known."""
    if voice in VOICES:
        return ""
    return (
        f"{name_known_voices(voice)}"
        " A call with the rehearsal model is refused; with OpenAI's model it fails if OpenAI does not have this voice."
    )


def name_known_voices(unknown: str) -> str:
    """Say that a voice is unknown, and name those that are not; the one that may be meant, too."""
    close = get_close_matches(unknown.lower(), VOICES, n=1)
    return (
        f"“{unknown}” is none of the voices known here: {', '.join(VOICES)}.{f' Is it “{close[0]}”?' if close else ''}"
    )


def describe_end(model: str) -> str:
    """Tell until when OpenAI keeps a model, be it for voice or transcription; nothing where no end is announced."""
    last_day = LAST_DAYS.get(model) or TRANSCRIPTION_LAST_DAYS.get(model)
    return f"OpenAI ends it on {last_day.day} {last_day:%b %Y}" if last_day else ""
