"""Parts that die or are told to go in the middle of a call: it ends with a reason, or goes on."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.client import wait_until
from tests.live.process_tree import connected_to, descendants, wait_gone
from tests.live.stack import ALL_PARTS, SHORT_SCENARIO, STOP_S, Stack

FAIL_S = 30.0
HURRY_S = 2.5  # a person who ends a call; one second without the load of the other tests


def _talk(stack: Stack, *, turns: int = 2) -> str:
    conversation_id = stack.api.create(SHORT_SCENARIO)
    status = stack.api.wait_for_turns(conversation_id, turns, limit_s=90)
    assert status["status"] == "live", status
    return conversation_id


def _find_unfinished(stack: Stack) -> list[str]:
    """Statuses of the calls that are on, as the history shows them."""
    items: list[dict[str, Any]] = stack.api.get("conversations")["items"]
    return [item["status"] for item in items if item["status"] not in ("ended", "failed")]


def test_an_agent_killed_in_the_middle_of_a_call_fails_it_within_thirty_seconds(stack: Stack) -> None:
    """F4: `failed` with the reason, peer and room gone, every finished turn kept."""
    conversation_id = _talk(stack, turns=3)
    jobs = connected_to(stack.ports.rehearsal, descendants(stack.processes["agents"].pid))
    finished = [turn for turn in stack.api.turns(conversation_id) if turn["is_final"]]

    had_room = stack.has_room(conversation_id)
    victim, peer = jobs
    victim.kill()
    killed_at = time.monotonic()
    end = stack.api.wait_for_end(conversation_id, limit_s=FAIL_S)
    took_s = time.monotonic() - killed_at

    assert (end["status"], end["end_reason"]) == ("failed", "agent_vanished"), end
    assert took_s < FAIL_S
    assert stack.api.turns(conversation_id)[: len(finished)] == finished
    wait_gone([peer])
    assert (had_room, stack.has_room(conversation_id)) == (True, False)


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Stack]:
    """A ready system of its own, with time to let calls end."""
    stack = Stack(tmp_path_factory.mktemp("breakable"), DISPATCHSIM_DRAIN_S="120")
    with stack.running(prepared, *ALL_PARTS) as running:
        yield running


def test_a_call_survives_the_web_and_ends_with_what_it_needs_and_new_calls_work(breakable: Stack) -> None:
    """F5: `kill -9` of web, with the supervisor, of LiveKit, of agent servers and of the voice model in turn."""
    outlives_web = _talk(breakable)
    turns_before = breakable.api.turns(outlives_web)[:1]

    for part in ("supervisor", "web"):
        breakable.kill(part)
    breakable.start("web", "supervisor")
    breakable.wait_ready()
    after_web = breakable.api.wait_for_turns(outlives_web, 5)
    breakable.kill("media")
    ends_with_media = breakable.api.wait_for_end(outlives_web, limit_s=FAIL_S)
    breakable.start("media")
    breakable.wait_ready()

    ends_with_agents = _talk(breakable)
    orphans = descendants(breakable.processes["agents"].pid)
    breakable.kill("agents")
    wait_gone(orphans)
    breakable.start("agents")
    killed = breakable.api.wait_for_end(ends_with_agents, limit_s=FAIL_S + 5)
    breakable.wait_ready()

    ends_with_model = _talk(breakable)
    finished = [turn for turn in breakable.api.turns(ends_with_model) if turn["is_final"]]
    breakable.kill("rehearsal")
    mute = breakable.api.wait_for_end(ends_with_model, limit_s=FAIL_S)
    breakable.start("rehearsal")
    breakable.wait_ready()
    new = _talk(breakable)
    breakable.api.post(f"conversations/{new}/end")
    breakable.api.wait_for_end(new)

    assert after_web["status"] == "live"
    assert breakable.api.turns(outlives_web)[:1] == turns_before
    assert ends_with_media["end_reason"] in ("livekit_unavailable", "room_vanished"), ends_with_media
    assert (killed["status"], killed["end_reason"]) == ("failed", "agent_vanished"), killed
    assert (mute["status"], mute["end_reason"]) == ("failed", "voice_model_unreachable"), mute
    assert breakable.api.turns(ends_with_model)[: len(finished)] == finished
    assert _find_unfinished(breakable) == []


def test_a_stopping_system_lets_the_call_end_and_takes_no_new_one(breakable: Stack) -> None:
    """F6: SIGTERM during a call. Stays stopped, so it comes after F5."""
    running = _talk(breakable)

    breakable.processes["agents"].send_signal(signal.SIGTERM)
    wait_until(breakable.missing, lambda missing: len(missing or ()) >= 2, limit_s=10, what="the drain to be told")
    late = breakable.api.create(SHORT_SCENARIO)
    end = breakable.api.wait_for_end(running)
    waiting = breakable.api.status(late)
    code = breakable.processes.pop("agents").wait(timeout=STOP_S)
    breakable.api.post(f"conversations/{late}/end")
    codes = breakable.stop("supervisor", by=signal.SIGTERM) | {"agents": code}

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
    assert not any(agent["joined"] for agent in waiting["agents"].values())
    assert codes == {"agents": 0, "supervisor": 0}
    assert _find_unfinished(breakable) == []


def test_a_person_who_ends_a_call_does_not_wait_for_the_sentence(stack: Stack) -> None:
    conversation_id = _talk(stack)
    pressed_at = time.monotonic()

    stack.api.post(f"conversations/{conversation_id}/end")
    end = stack.api.wait_for_end(conversation_id)
    took_s = time.monotonic() - pressed_at

    assert (end["status"], end["end_reason"]) == ("ended", "person_ended")
    assert took_s < HURRY_S, took_s
