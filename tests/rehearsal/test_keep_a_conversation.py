"""Items: made, shown, cut and taken out."""

import base64
import json
from typing import Any

from tests.rehearsal.wire import DISPATCHER, Wire, silence, speech


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **more}


async def error_of(wire: Wire, kind: str, **fields: Any) -> dict[str, Any]:
    await wire.connection.send(json.dumps({"type": kind, **fields}))
    error: dict[str, Any] = (await wire.until("error"))["error"]
    return error


async def test_items_follow_each_other(wire: Wire) -> None:
    first = await wire.write("one")

    await wire.send("conversation.item.create", item=said("two"))
    added = await wire.until("conversation.item.added")

    assert added["previous_item_id"] == first


async def test_an_item_can_be_put_first(wire: Wire) -> None:
    await wire.write("one")

    await wire.send("conversation.item.create", item=said("zero"), previous_item_id="root")
    added = await wire.until("conversation.item.added")

    assert added["previous_item_id"] is None


async def test_an_item_can_be_put_between(wire: Wire) -> None:
    first = await wire.write("one")
    await wire.write("three")

    await wire.send("conversation.item.create", item=said("two"), previous_item_id=first)
    added = await wire.until("conversation.item.added")

    assert added["previous_item_id"] == first


async def test_the_clients_own_id_is_kept(wire: Wire) -> None:
    await wire.send("conversation.item.create", item=said("one", id="item_of_mine"))

    added = await wire.until("conversation.item.added")

    assert added["item"]["id"] == "item_of_mine"


async def test_an_id_is_taken_once(wire: Wire) -> None:
    await wire.send("conversation.item.create", item=said("one", id="mine"))

    error = await error_of(wire, "conversation.item.create", item=said("two", id="mine"))

    assert error["code"] == "item_create_duplicate_item_id"


async def test_an_unknown_predecessor_is_refused(wire: Wire) -> None:
    error = await error_of(wire, "conversation.item.create", item=said("two"), previous_item_id="nobody")

    assert error["param"] == "previous_item_id"


async def test_an_output_needs_its_call(wire: Wire) -> None:
    output = {"type": "function_call_output", "call_id": "call_1", "output": "{}"}

    error = await error_of(wire, "conversation.item.create", item=output)

    assert error["code"] == "invalid_tool_call_id"


async def test_a_call_and_its_output_can_be_told(wire: Wire) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "look_up", "arguments": "{}"}
    await wire.send("conversation.item.create", item=call)
    await wire.until("conversation.item.done")

    output = {"type": "function_call_output", "call_id": "call_1", "output": "42"}
    await wire.send("conversation.item.create", item=output)
    done = await wire.until("conversation.item.done")

    assert done["item"]["output"] == "42"


async def test_a_deleted_item_is_gone(wire: Wire) -> None:
    item_id = await wire.write("one")
    await wire.send("conversation.item.delete", item_id=item_id)
    await wire.until("conversation.item.deleted")

    error = await error_of(wire, "conversation.item.retrieve", item_id=item_id)

    assert error["code"] == "item_retrieve_invalid_item_id"


async def test_spoken_input_can_be_heard_again(wire: Wire) -> None:
    await wire.update(audio={"input": {"turn_detection": None}})
    pcm = speech("What's the commodity?")
    await wire.hear(pcm)
    await wire.send("input_audio_buffer.commit")
    item_id = (await wire.until("conversation.item.done"))["item"]["id"]

    await wire.send("conversation.item.retrieve", item_id=item_id)
    shown = await wire.until("conversation.item.retrieved")

    assert base64.b64decode(shown["item"]["content"][0]["audio"]) == pcm


async def test_a_truncated_item_loses_its_transcript(wire: Wire) -> None:
    item_id = (await wire.respond(instructions=DISPATCHER))["output"][0]["id"]

    await wire.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=400)
    await wire.until("conversation.item.truncated")
    await wire.send("conversation.item.retrieve", item_id=item_id)
    shown = await wire.until("conversation.item.retrieved")

    assert shown["item"]["content"][0]["transcript"] == ""


async def test_nothing_can_be_cut_beyond_its_end(wire: Wire) -> None:
    item_id = (await wire.respond(instructions=DISPATCHER))["output"][0]["id"]

    error = await error_of(
        wire, "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=10_000_000
    )

    assert "already shorter" in error["message"]


async def test_what_a_user_said_cannot_be_cut(wire: Wire) -> None:
    item_id = await wire.write("one")

    error = await error_of(wire, "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=1)

    assert error["param"] == "item_id"


async def test_an_empty_buffer_cannot_be_committed(wire: Wire) -> None:
    error = await error_of(wire, "input_audio_buffer.commit")

    assert error["code"] == "input_audio_buffer_commit_empty"


async def test_a_cleared_buffer_is_empty(wire: Wire) -> None:
    await wire.update(audio={"input": {"turn_detection": None}})
    await wire.hear(silence(500))
    await wire.send("input_audio_buffer.clear")
    await wire.until("input_audio_buffer.cleared")

    error = await error_of(wire, "input_audio_buffer.commit")

    assert error["code"] == "input_audio_buffer_commit_empty"


async def test_audio_must_be_base64(wire: Wire) -> None:
    error = await error_of(wire, "input_audio_buffer.append", audio="*?*")

    assert (error["code"], error["param"]) == ("invalid_value", "audio")


async def test_audio_must_be_whole_samples(wire: Wire) -> None:
    error = await error_of(wire, "input_audio_buffer.append", audio=base64.b64encode(b"123").decode())

    assert "whole samples" in error["message"]
