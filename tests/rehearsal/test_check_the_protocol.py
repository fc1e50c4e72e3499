"""The checker of the protocol finds what the SDK's types let pass."""

import copy
from typing import Any

import pytest

from tests.protocol_checker import ProtocolChecker
from tests.rehearsal.wire import DISPATCHER, Wire


async def recorded(wire: Wire) -> list[dict[str, Any]]:
    await wire.respond(instructions=DISPATCHER)
    return copy.deepcopy(wire.log)


def violations(events: list[dict[str, Any]]) -> str:
    checker = ProtocolChecker()
    for event in events:
        checker.server_event(event)
    return "\n".join(checker.violations)


def first(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(event for event in events if event["type"] == kind)


async def test_a_true_log_is_clean(wire: Wire) -> None:
    assert violations(await recorded(wire)) == ""


async def test_an_unknown_key_deep_inside_is_found(wire: Wire) -> None:
    events = await recorded(wire)

    first(events, "response.done")["response"]["usage"]["input_token_details"]["cake"] = 1

    assert "unknown key 'cake'" in violations(events)


async def test_a_nonsense_response_is_found(wire: Wire) -> None:
    events = await recorded(wire)

    first(events, "response.done")["response"] = {"nonsense": 1}

    assert "unknown key 'nonsense'" in violations(events)


async def test_a_missing_field_is_found(wire: Wire) -> None:
    events = await recorded(wire)

    del first(events, "response.done")["response"]["usage"]["total_tokens"]

    assert "response.usage.total_tokens is missing" in violations(events)


async def test_a_wrong_type_is_found(wire: Wire) -> None:
    events = await recorded(wire)

    first(events, "response.output_item.added")["output_index"] = "0"

    assert "str is not" in violations(events)


@pytest.mark.parametrize(
    "kind",
    [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "conversation.item.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.done",
        "response.content_part.done",
        "response.output_item.done",
    ],
)
async def test_an_event_left_out_is_found(wire: Wire, kind: str) -> None:
    events = await recorded(wire)

    events.remove(first(events, kind))

    assert violations(events) != ""


async def test_two_events_exchanged_are_found(wire: Wire) -> None:
    events = await recorded(wire)

    one, other = events.index(first(events, "response.content_part.done")), -1
    events[one], events[other] = events[other], events[one]

    assert violations(events) != ""


async def test_a_response_without_end_is_found(wire: Wire) -> None:
    checker = ProtocolChecker()
    for event in (await recorded(wire))[:-1]:
        checker.server_event(event)

    with pytest.raises(AssertionError, match="never done"):
        checker.assert_complete()


def test_a_client_event_with_an_unknown_key_is_found() -> None:
    checker = ProtocolChecker()

    checker.client_event({"type": "response.create", "response": {"colour": "red"}})

    assert "unknown key 'colour'" in checker.violations[0]
