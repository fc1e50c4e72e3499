from hypothesis import given
from hypothesis import strategies as st

from agents.placement import heard_text

TEXT = "The weight is 42,000 pounds. It picks up in Dallas."


def test_nothing_is_heard_before_the_first_sound() -> None:
    assert heard_text(TEXT, played_s=0.0, audio_s=4.0, is_audio_complete=True) == ""


def test_everything_is_heard_at_the_end() -> None:
    assert heard_text(TEXT, played_s=4.0, audio_s=4.0, is_audio_complete=True) == TEXT


def test_a_number_takes_longer_than_its_digits() -> None:
    heard = heard_text("42,000 pounds of frozen chicken", played_s=1.4, audio_s=4.0, is_audio_complete=True)

    assert heard == "42,000"


def test_words_do_not_run_ahead_while_the_sound_is_still_arriving() -> None:
    heard = heard_text(TEXT, played_s=0.25, audio_s=0.25, is_audio_complete=False)

    assert heard == "The"


def test_the_silence_after_the_last_word_does_not_count_as_sound() -> None:
    told = [heard_text("Yes sir.", played_s=at, audio_s=1.0, is_audio_complete=True) for at in (0.27, 0.31)]

    assert told == ["", "Yes"]  # its middle is played at 0.22 s and heard at 0.29 s


def test_a_word_is_heard_when_its_sound_has_reached_the_listener() -> None:
    text = "aaaaaaaaa bbbbbbbbb"

    on_its_way = heard_text(text, played_s=0.3, audio_s=1.0, is_audio_complete=True)
    arrived = heard_text(text, played_s=0.33, audio_s=1.0, is_audio_complete=True)

    assert (on_its_way, arrived) == ("", "aaaaaaaaa")


def test_a_text_without_sound_is_not_heard() -> None:
    assert heard_text(TEXT, played_s=1.0, audio_s=0.0, is_audio_complete=True) == ""


@given(st.text(max_size=80), st.floats(0, 10), st.floats(0, 10))
def test_more_sound_never_takes_a_word_back(text: str, early_s: float, later_s: float) -> None:
    early_s, later_s = sorted((early_s, later_s))

    early = heard_text(text, played_s=early_s, audio_s=10.0, is_audio_complete=True)
    later = heard_text(text, played_s=later_s, audio_s=10.0, is_audio_complete=True)

    assert later.startswith(early)
