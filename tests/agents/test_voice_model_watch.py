import pytest

from agents.voice_watch import (
    MAX_CONNECTS,
    MAX_FAILED_ANSWERS,
    MAX_FAILURES,
    MAX_SHORT_LIVES,
    MAX_SILENCE_S,
    VoiceError,
    VoiceWatch,
)
from dispatchsim.domain.conversation import EndReason

LOST = VoiceError(is_connection=True)


@pytest.mark.parametrize("error", [VoiceError(http_status=401), VoiceError(code="insufficient_quota")])
def test_a_refusal_is_fatal_at_once(error: VoiceError) -> None:
    trouble = VoiceWatch().on_error(error, 0.0)

    assert trouble is not None
    assert (trouble.reason, trouble.is_fatal) == (EndReason.VOICE_MODEL_REFUSED, True)


def test_a_model_that_accepts_and_closes_is_given_up_within_ten_connects() -> None:
    watch, connects, fatal = VoiceWatch(), 0, False

    while not fatal and connects < 100:
        watch.on_connected(connects * 0.1)
        connects += 1
        trouble = watch.on_error(LOST, connects * 0.1)
        fatal = trouble is not None and trouble.is_fatal

    assert 2 * connects == 2 * MAX_SHORT_LIVES <= 10  # of both sides of a call


def test_the_end_of_a_connection_that_worked_is_forgiven() -> None:
    watch = VoiceWatch()
    watch.on_connected(0.0)

    assert watch.on_error(LOST, 10.0) is None


def test_sessions_that_expire_every_few_seconds_are_recycled() -> None:
    watch = VoiceWatch()

    troubles = [
        trouble
        for start in range(0, 60, 5)
        for trouble in (watch.on_connected(start), watch.on_error(LOST, start + 4.0))
    ]

    assert not any(troubles)


def test_a_session_whose_hour_is_over_is_no_failure() -> None:
    watch = VoiceWatch()

    troubles = [
        trouble
        for start in range(0, 60, 5)
        for trouble in (
            watch.on_connected(start),
            watch.on_error(VoiceError(code="session_expired"), start + 4.0),
            watch.on_error(LOST, start + 4.0),
        )
    ]

    assert not any(troubles)


@pytest.mark.parametrize("status", [429, 500])
def test_a_model_that_stays_too_busy_is_given_up_with_what_it_said(status: int) -> None:
    watch = VoiceWatch()

    troubles = [watch.on_error(VoiceError(http_status=status), float(at)) for at in range(MAX_FAILURES + 1)]

    assert [trouble.is_fatal for trouble in troubles if trouble] == [False] * MAX_FAILURES + [True]
    assert f"HTTP status {status}" in (troubles[-1].message if troubles[-1] else "")


def test_answers_that_fail_in_a_row_are_fatal() -> None:
    watch = VoiceWatch()

    troubles = [watch.on_answer_failed("rate_limit_exceeded") for _ in range(MAX_FAILED_ANSWERS)]

    assert [trouble is None for trouble in troubles] == [True] * (MAX_FAILED_ANSWERS - 1) + [False]


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    watch = VoiceWatch()

    troubles = []
    for _ in range(10):
        troubles.append(watch.on_answer_failed("server_error"))
        watch.on_answered()

    assert not any(troubles)


def test_an_answer_refused_for_money_is_fatal_at_once() -> None:
    trouble = VoiceWatch().on_answer_failed("insufficient_quota")

    assert trouble is not None
    assert trouble.reason is EndReason.VOICE_MODEL_REFUSED


def test_a_response_whose_end_was_lost_is_forgotten_with_the_next() -> None:
    watch = VoiceWatch()
    watch.on_event("response.created", "r1", 0.0)
    watch.on_event("response.created", "r2", 1.0)
    watch.on_event("response.done", "r2", 2.0)

    assert watch.check(1000.0) is None


def test_a_model_that_is_gone_is_given_up() -> None:
    watch = VoiceWatch()
    watch.on_connected(0.0)

    troubles = [watch.on_error(LOST, 10.0 + at) for at in range(MAX_FAILURES + 2)]

    assert [trouble.is_fatal for trouble in troubles if trouble][-1]


def test_failures_of_long_ago_do_not_count() -> None:
    watch = VoiceWatch()

    troubles = [watch.on_error(LOST, at * 31.0) for at in range(20)]

    assert not any(trouble.is_fatal for trouble in troubles if trouble)


def test_too_many_connects_are_fatal_even_if_each_works_for_a_while() -> None:
    watch = VoiceWatch()

    troubles = [watch.on_connected(float(at)) for at in range(MAX_CONNECTS + 1)]

    assert troubles[-1] is not None


def test_a_mistake_in_a_request_of_ours_does_not_end_the_call() -> None:
    watch = VoiceWatch()
    error = VoiceError(code="invalid_value", is_about_a_request=True)

    troubles = [watch.on_error(error, 0.1 * at) for at in range(50)]

    assert not any(trouble.is_fatal for trouble in troubles if trouble)


def test_silence_between_responses_is_normal() -> None:
    watch = VoiceWatch()
    watch.on_event("response.created", "r1", 0.0)
    watch.on_event("response.done", "r1", 1.0)

    assert watch.check(1000.0) is None


def test_silence_in_the_middle_of_a_response_is_fatal() -> None:
    watch = VoiceWatch()
    watch.on_event("response.created", "r1", 0.0)

    trouble = watch.check(MAX_SILENCE_S)

    assert trouble is not None
    assert trouble.is_fatal


def test_a_reconnect_forgets_the_response_that_was_lost() -> None:
    watch = VoiceWatch()
    watch.on_event("response.created", "r1", 0.0)
    watch.on_connected(1.0)

    assert watch.check(100.0) is None


def test_an_answer_that_is_not_begun_is_fatal() -> None:
    watch = VoiceWatch()
    watch.on_answer_due(0.0)

    trouble = watch.check(MAX_SILENCE_S)

    assert trouble is not None
    assert (trouble.reason, trouble.is_fatal) == (EndReason.VOICE_MODEL_UNREACHABLE, True)


def test_asking_again_does_not_lengthen_the_wait() -> None:
    watch = VoiceWatch()
    watch.on_answer_due(0.0)
    watch.on_answer_due(10.0)

    assert watch.check(MAX_SILENCE_S) is not None


@pytest.mark.parametrize("event", ["error", "input_audio_buffer.speech_started"])
def test_a_model_that_says_why_it_does_not_answer_is_there(event: str) -> None:
    watch = VoiceWatch()
    watch.on_answer_due(0.0)
    watch.on_event(event, "", 1.0)

    assert watch.check(1000.0) is None


def test_an_answer_that_came_is_not_waited_for() -> None:
    watch = VoiceWatch()
    watch.on_answer_due(0.0)
    watch.on_event("response.created", "r1", 1.0)
    watch.on_event("response.done", "r1", 2.0)

    assert watch.check(1000.0) is None


def test_a_reconnect_forgets_what_was_due() -> None:
    watch = VoiceWatch()
    watch.on_answer_due(0.0)
    watch.on_connected(1.0)

    assert watch.check(1000.0) is None


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (VoiceError(code="model_not_found"), "check the name of the model."),
        (VoiceError(code="invalid_model", http_status=400), "check the name of the model."),
        (VoiceError(http_status=400), "check its address and the name of the model."),
        (VoiceError(http_status=404), "check its address and the name of the model."),
        (VoiceError(http_status=401), "check its key."),
        (VoiceError(code="insufficient_quota"), "check its quota and billing."),
        (VoiceError(http_status=403), "check whether its key may use this model."),
    ],
)
def test_a_refusal_says_what_to_look_at(error: VoiceError, hint: str) -> None:
    trouble = VoiceWatch().on_error(error, 0.0)

    assert trouble is not None
    assert trouble.message.endswith(hint)
