"""Which words of a text have been heard when part of its sound has been played."""

import re

_WORD = re.compile(r"\S+\s*")
_DIGIT_WEIGHT = 4.0  # "42" is spoken as "forty-two"
_PAUSE_WEIGHT = {",": 3.0, ";": 4.0, ":": 3.0, ".": 6.0, "?": 6.0, "!": 6.0}
# Ordinary English is about 15 letters a second. Used only while the length of the sound is not
# known yet: a transcript comes ahead of its sound, and words must not.
WEIGHT_PER_S = 15.0
LISTENER_S = 0.07  # from the loudspeaker through LiveKit to an ear: 57 to 84 ms


def heard_text(text: str, *, played_s: float, audio_s: float, is_audio_complete: bool) -> str:
    """Return the words whose middle a listener has heard.

    `audio_s` is the length of the sound received so far. Words are placed in proportion to how
    long they take to say: letters count one, digits four, a full stop six, but not the last one:
    sound ends with the last word.
    """
    words = _WORD.findall(text)
    weights = [_weigh(word) for word in words]
    total = sum(weights) - (_pause(words[-1]) if words else 0.0)
    length_s = audio_s if is_audio_complete else max(audio_s, total / WEIGHT_PER_S)
    if length_s <= 0 or played_s <= 0:
        return ""
    if is_audio_complete and played_s >= length_s:
        return text.strip()
    budget = total * (played_s - LISTENER_S) / length_s
    spent, heard = 0.0, 0
    for weight in weights:
        if spent + weight / 2 > budget:
            break
        spent += weight
        heard += 1
    return "".join(words[:heard]).strip()


def _weigh(word: str) -> float:
    return sum(_DIGIT_WEIGHT if char.isdigit() else 1.0 for char in word.rstrip()) + _pause(word) + 1.0


def _pause(word: str) -> float:
    return _PAUSE_WEIGHT.get(word.rstrip()[-1:], 0.0)
