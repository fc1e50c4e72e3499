"""Pronounces by rule: espeak-ng's phonemes of American English, written as the CMU dictionary writes them."""

import ctypes
from functools import cache
from pathlib import Path

import espeakng_loader

# espeak-ng's speak_lib.h
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8 = 2, 0x8000, 1
_IPA_APART = ord("_") << 8 | 0x02  # phonemes in IPA with `_` between them

_STRESS = str.maketrans("", "", "ˈˌ'")


class _Rules:
    """An espeak-ng that never speaks. It has global state: one per process, used by one thread."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        self._library.espeak_SetVoiceByName(b"en-us")
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def ipa(self, text: str) -> str:
        pointer = ctypes.c_char_p(text.encode("utf-8", "replace"))
        given: bytes | None = self._library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA_APART)
        return (given or b"").decode("utf-8", "replace")


@cache
def _rules() -> _Rules:
    return _Rules()


@cache
def _cmu_phones() -> dict[str, str]:
    lines = (Path(__file__).parent / "data" / "phones.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(" ") for line in lines if not line.startswith("#"))
    return {sound: phones for sound, _, phones in pairs}


def sounds_of(text: str) -> str:
    """Give the CMU phones of a word or phrase, apart by spaces; empty when nothing can be said."""
    written = _cmu_phones()
    phones = [written.get(sound.translate(_STRESS), "") for sound in _rules().ipa(text).replace(" ", "_").split("_")]
    return " ".join(phone for phone in phones if phone)
