"""Parts that die or are told to go in the middle of a call: it ends with a reason, or goes on."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.live.client import wait_until
from tests.live.process_tree import descendants, wait_gone
from tests.live.stack import ALL_PARTS, LONG_SHEET, READY_S, SHORT_SCENARIO, STOP_S, Stack

FAIL_S = 30.0
STOPPED_S = 15.0
COUNT_SERVERS = "select count(*) from dispatchsim_agentserver where pid = ? and state = 'ready'"
READ_FAREWELLS = """
select type, role, payload ->> 'reason' from dispatchsim_event
where conversation_id = ? and type in ('error', 'agent.left')
"""


def _read_farewells(stack: Stack, conversation_id: str) -> tuple[set[str], set[str]]:
    """What went wrong, as the agents of a call told it, and which of them have left."""
    told = stack.query(READ_FAREWELLS, UUID(conversation_id).hex)
    reasons = {reason for kind, _, reason in told if kind == "error"}
    return reasons, {role for kind, role, _ in told if kind == "agent.left"}


def _find_unfinished(stack: Stack) -> list[str]:
    """Statuses of the calls that are on, as the history shows them."""
    items: list[dict[str, Any]] = stack.api.get("conversations")["items"]
    return [item["status"] for item in items if item["status"] not in ("ended", "failed")]


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Stack]:
    """A ready system of its own, with time to let calls end."""
    stack = Stack(tmp_path_factory.mktemp("breakable"), DISPATCHSIM_DRAIN_S="120")
    with stack.running(prepared, *ALL_PARTS) as running:
        yield running


@dataclass(frozen=True)
class Broken:
    """What became of calls whose parts were killed in turn, each part started again before the next was killed."""

    after_web: dict[str, Any]
    said_before_web: list[dict[str, Any]]  # each turn that was finished when it was killed
    kept_by_web: list[dict[str, Any]]
    with_media: dict[str, Any]
    with_agents: dict[str, Any]
    agents_took_s: float  # from the kill until the call had failed
    with_model: dict[str, Any]
    said_before_model: list[dict[str, Any]]
    kept_by_model: list[dict[str, Any]]
    farewells_with_model: tuple[set[str], set[str]]
    unfinished: list[str]
    new: str  # a call on the mended system, that goes on


@pytest.fixture(scope="module")
def broken(breakable: Stack) -> Broken:
    """`kill -9` of web, with the supervisor, of LiveKit, of agent servers and of the voice model."""
    outlives_web = breakable.talk(scenario={"load_sheet": LONG_SHEET})
    said_before_web = breakable.api.finished(outlives_web)
    _restart_web(breakable)
    after_web = breakable.api.wait_for_turns(outlives_web, 5)
    kept_by_web = breakable.api.finished(outlives_web)

    with_media = _kill_and_wait(breakable, "media", outlives_web)

    ends_with_agents = breakable.talk(turns=1)
    killed_at = _kill_agents(breakable)
    ends_with_model = breakable.talk()  # on the new agents, while the other call still waits for the old ones
    with_agents = breakable.api.wait_for_end(ends_with_agents, limit_s=FAIL_S + 5)

    said_before_model = breakable.api.finished(ends_with_model)
    with_model = _kill_and_wait(breakable, "rehearsal", ends_with_model)
    return Broken(
        after_web=after_web,
        said_before_web=said_before_web,
        kept_by_web=kept_by_web,
        with_media=with_media,
        with_agents=with_agents,
        agents_took_s=breakable.floor_opened_at(with_agents) + with_agents["elapsed_s"] - killed_at,
        with_model=with_model,
        said_before_model=said_before_model,
        kept_by_model=breakable.api.finished(ends_with_model),
        farewells_with_model=_read_farewells(breakable, ends_with_model),
        unfinished=_find_unfinished(breakable),
        new=breakable.talk(),
    )


def _restart_web(stack: Stack) -> None:
    """Kill the web part and the supervisor, and start both again."""
    for part in ("supervisor", "web"):
        stack.kill(part)
    stack.start("web", "supervisor")
    stack.wait_ready()


def _kill_and_wait(stack: Stack, part: str, conversation_id: str) -> dict[str, Any]:
    """Kill what a call cannot do without; give the call's last status once the part is there again."""
    stack.kill(part)
    end = stack.api.wait_for_end(conversation_id, limit_s=FAIL_S)
    stack.start(part)
    stack.wait_ready()
    return end


def _kill_agents(stack: Stack) -> float:
    """Kill the agent servers, see that no job outlives them, start new ones; tell when they were killed."""
    orphans = descendants(stack.processes["agents"].pid)
    killed_at = time.time()
    stack.kill("agents")
    wait_gone(orphans)
    stack.start("agents")
    # /readyz believes in the old ones for a while.
    wait_until(
        lambda: stack.query(COUNT_SERVERS, stack.processes["agents"].pid),
        lambda rows: rows == [(2,)],
        limit_s=READY_S,
        what="the new agent servers",
    )
    return killed_at


def test_a_call_survives_the_web_and_the_supervisor(broken: Broken) -> None:
    """F5: they come back while the call goes on."""
    assert broken.after_web["status"] == "live"
    assert broken.said_before_web
    assert broken.kept_by_web[: len(broken.said_before_web)] == broken.said_before_web


def test_a_call_ends_with_the_media_server(broken: Broken) -> None:
    """F5: LiveKit is killed, and new calls work with the next one."""
    assert broken.with_media["end_reason"] in ("livekit_unavailable", "room_vanished"), broken.with_media


def test_a_call_fails_with_its_agent_servers(broken: Broken) -> None:
    """F5: the agent servers are killed, and new calls work with the next ones."""
    assert (broken.with_agents["status"], broken.with_agents["end_reason"]) == ("failed", "agent_vanished")
    assert broken.agents_took_s < FAIL_S + 5


def test_a_call_fails_with_its_voice_model_and_keeps_what_was_said(broken: Broken) -> None:
    """F5: the voice model is killed, and new calls work with the next one."""
    assert (broken.with_model["status"], broken.with_model["end_reason"]) == ("failed", "voice_model_unreachable")
    assert broken.farewells_with_model == ({"voice_model_unreachable"}, {"dispatcher", "driver"})
    assert broken.said_before_model
    assert broken.kept_by_model[: len(broken.said_before_model)] == broken.said_before_model


def test_after_all_that_no_call_is_left_unfinished(broken: Broken) -> None:
    """F5: no row is live without a live room."""
    assert broken.unfinished == []


def test_a_stopping_system_lets_the_call_end_and_takes_no_new_one(breakable: Stack, broken: Broken) -> None:
    """F6: SIGTERM during a call, the first after all that was killed."""
    breakable.processes["agents"].send_signal(signal.SIGTERM)
    wait_until(breakable.missing, lambda missing: len(missing or ()) >= 2, limit_s=10, what="the drain to be told")
    late = breakable.api.create(SHORT_SCENARIO)
    end = breakable.api.wait_for_end(broken.new)
    waiting = breakable.api.status(late)
    code = breakable.processes.pop("agents").wait(timeout=STOP_S)
    breakable.api.post(f"conversations/{late}/end")
    codes = breakable.stop("supervisor", by=signal.SIGTERM) | {"agents": code}

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
    assert not any(agent["joined"] for agent in waiting["agents"].values())
    assert codes == {"agents": 0, "supervisor": 0}
    assert _find_unfinished(breakable) == []


def test_agent_servers_that_are_stopped_at_once_end_their_calls_with_a_reason(breakable: Stack) -> None:
    """SIGINT during a call. F6 left the supervisor and the agent servers stopped."""
    breakable.start("supervisor", "agents")
    breakable.wait_ready()
    stopped = breakable.talk(turns=1)
    told_at = time.monotonic()

    codes = breakable.stop("agents", by=signal.SIGINT)
    took_s = time.monotonic() - told_at
    end = breakable.api.wait_for_end(stopped)

    assert codes == {"agents": 0}
    assert took_s < STOPPED_S
    assert end["end_reason"] == "stopped"
    assert _read_farewells(breakable, stopped) == ({"stopped"}, {"dispatcher", "driver"})
