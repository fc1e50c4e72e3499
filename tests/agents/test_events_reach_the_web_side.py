import asyncio
import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents import leftovers
from agents.outbox import MAX_WAITING, Outbox
from agents.reporter import Reporter
from agents.spool import KEPT_S, LeftBehind, ReportAddress, Spool, find_left_behind, spool_folder
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentLeft, AgentReady, Heartbeat, TurnFinished, TurnWords
from tests.agents.stub_web import ReportedCall, StubWeb


def fill(outbox: Outbox, count: int) -> None:
    for _ in range(count):
        outbox.add(lambda seq: AgentReady(seq=seq, at=1.0))


def test_events_are_numbered_without_holes() -> None:
    outbox = Outbox()
    fill(outbox, 3)
    outbox.acknowledge(0)

    assert [event.seq for event in outbox.batch()] == [1, 2, 3]


def test_what_is_acknowledged_is_not_sent_again() -> None:
    outbox = Outbox()
    fill(outbox, 3)
    outbox.acknowledge(1)

    outbox.acknowledge(2)

    assert [event.seq for event in outbox.batch()] == [3]


def test_an_agent_that_takes_over_numbers_on_from_its_predecessor() -> None:
    outbox = Outbox()
    fill(outbox, 2)

    outbox.acknowledge(40)

    assert [event.seq for event in outbox.batch()] == [41, 42]


def test_a_refused_batch_is_sent_one_by_one() -> None:
    outbox = Outbox()
    fill(outbox, 5)
    outbox.acknowledge(1)

    outbox.on_refused(4)

    assert len(outbox.batch()) == 1


def test_an_event_that_is_refused_alone_leaves_no_hole() -> None:
    outbox = Outbox()
    fill(outbox, 1)

    outbox.on_refused(1)

    assert [(event.seq, event.type) for event in outbox.batch()] == [(1, "heartbeat")]


def test_partial_words_are_left_out_when_too_much_waits() -> None:
    outbox = Outbox()
    fill(outbox, MAX_WAITING)

    assert outbox.add(lambda seq: TurnWords(seq=seq, at=1.0, turn_id="t", text="x")) is None


@pytest.fixture
async def stub() -> AsyncIterator[StubWeb]:
    async with StubWeb() as stub:
        yield stub


@pytest.fixture
def call(stub: StubWeb) -> ReportedCall:
    call = ReportedCall(uuid.uuid4())
    stub.calls[call.call_id] = call
    return call


def address_of(stub: StubWeb, call_id: uuid.UUID) -> ReportAddress:
    url = f"http://127.0.0.1:{stub.port}/api/v1/ingest/{call_id}/events"
    return ReportAddress(call_id, Role.DRIVER, url, "token")


def is_gone() -> None:
    return


async def test_events_arrive_in_order(stub: StubWeb, call: ReportedCall) -> None:
    reporter = Reporter(address_of(stub, call.call_id), spool=None, on_gone=is_gone)
    reporter.start()
    for _ in range(5):
        reporter.add(lambda seq: Heartbeat(seq=seq, at=float(seq)))

    await reporter.flush(5.0)
    await reporter.aclose()

    assert [event.at for event in call.of(Role.DRIVER)] == [1.0, 2.0, 3.0, 4.0, 5.0]


async def test_nothing_is_lost_while_the_web_side_is_away(stub: StubWeb, call: ReportedCall) -> None:
    reporter = Reporter(address_of(stub, call.call_id), spool=None, on_gone=is_gone)
    stub.is_away = True
    reporter.start()
    reporter.add(lambda seq: AgentReady(seq=seq, at=1.0))
    is_delivered = await reporter.flush(0.1)

    stub.is_away = False
    await reporter.flush(5.0)
    await reporter.aclose()

    assert (is_delivered, [event.type for event in call.of(Role.DRIVER)]) == (False, ["agent.ready"])


async def test_a_conversation_that_is_gone_stops_the_reporter(stub: StubWeb) -> None:
    gone = asyncio.Event()
    reporter = Reporter(address_of(stub, uuid.uuid4()), spool=None, on_gone=gone.set)
    reporter.start()

    reporter.add(lambda seq: AgentReady(seq=seq, at=1.0))
    await asyncio.wait_for(gone.wait(), 5.0)
    await reporter.aclose()

    assert gone.is_set()


async def test_a_delivered_spool_leaves_no_file(stub: StubWeb, call: ReportedCall, tmp_path: Path) -> None:
    address = address_of(stub, call.call_id)
    reporter = Reporter(address, spool=Spool.create(address, tmp_path), on_gone=is_gone)
    reporter.start()
    reporter.add(lambda seq: AgentReady(seq=seq, at=1.0))

    await reporter.flush(5.0)
    await reporter.aclose()

    assert list(tmp_path.iterdir()) == []


def test_a_spool_file_is_its_owners_alone(tmp_path: Path) -> None:
    spool = Spool.create(ReportAddress(uuid.uuid4(), Role.DRIVER, "http://x", "token"), tmp_path)

    assert spool.path.stat().st_mode & 0o077 == 0
    spool.close(is_delivered=True)


def test_a_spool_file_in_use_is_not_left_behind(tmp_path: Path) -> None:
    spool = Spool.create(ReportAddress(uuid.uuid4(), Role.DRIVER, "http://x", "token"), tmp_path)

    assert list(find_left_behind(tmp_path, now=time.time())) == []
    spool.close(is_delivered=True)


async def test_events_of_a_process_that_is_gone_are_delivered(
    stub: StubWeb, call: ReportedCall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool.create(address_of(stub, call.call_id), tmp_path)
    spool.append(AgentLeft(seq=1, at=1.0))
    spool.close(is_delivered=False)
    monkeypatch.setattr(leftovers, "spool_folder", lambda data_folder: tmp_path)

    await leftovers.deliver_left_behind()

    assert ([event.type for event in call.of(Role.DRIVER)], os.listdir(tmp_path)) == (["agent.left"], [])


def test_a_file_cut_short_by_a_crash_is_removed(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"conversation_id": "')

    assert (list(find_left_behind(tmp_path, now=time.time())), os.listdir(tmp_path)) == ([], [])


def find_all(folder: Path, *, now: float | None = None) -> list[LeftBehind]:
    left_behind = list(find_left_behind(folder, now=time.time() if now is None else now))
    for left in left_behind:
        left.spool.close(is_delivered=False)
    return left_behind


def leave_behind(folder: Path, *texts: str) -> Path:
    spool = Spool.create(ReportAddress(uuid.uuid4(), Role.DRIVER, "http://x", "token"), folder)
    for number, text in enumerate(texts, start=1):
        spool.append(TurnFinished(seq=number, at=1.0, turn_id=f"t-{number}", text=text))
    spool.close(is_delivered=False)
    return spool.path


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\r"])
def test_a_turn_may_hold_any_separator(tmp_path: Path, separator: str) -> None:
    texts = ["hello", f"one{separator}two }}", "three"]
    leave_behind(tmp_path, *texts)

    assert [getattr(event, "text", None) for left in find_all(tmp_path) for event in left.events] == texts


def test_of_a_file_that_a_kill_cut_short_only_the_last_line_is_lost(tmp_path: Path) -> None:
    path = leave_behind(tmp_path, "one", "two", "drei Stück")
    path.write_bytes(path.read_bytes().split("\u00fc".encode())[0] + b"\xc3")

    assert [event.seq for left in find_all(tmp_path) for event in left.events] == [1, 2]


def test_an_event_of_another_version_holds_up_none_of_the_others(tmp_path: Path) -> None:
    path = leave_behind(tmp_path, "one", "two", "three")
    lines = path.read_text().split("\n")
    lines[2] = json.dumps({"type": "turn.unheard_of", "seq": 2})
    path.write_text("\n".join(lines))

    kinds = [(event.seq, event.type) for left in find_all(tmp_path) for event in left.events]

    assert kinds == [(1, "turn.finished"), (2, "heartbeat"), (3, "turn.finished")]


@pytest.mark.parametrize("head", [{"conversation_id": str(uuid.UUID(int=1))}, [], {"conversation_id": 5}, None])
def test_a_file_of_another_version_does_not_keep_the_next_from_being_found(tmp_path: Path, head: object) -> None:
    (tmp_path / "0.jsonl").write_text(json.dumps(head) + "\n")
    leave_behind(tmp_path, "one")

    assert [len(left.events) for left in find_all(tmp_path)] == [1]


def test_a_file_that_waits_for_longer_than_a_day_is_dropped_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = leave_behind(tmp_path, "one")

    found = find_all(tmp_path, now=path.stat().st_mtime + KEPT_S + 1)

    assert (found, os.listdir(tmp_path), "older than a day" in caplog.text) == ([], [], True)


def test_a_file_that_waits_for_less_than_a_day_is_kept(tmp_path: Path) -> None:
    path = leave_behind(tmp_path, "one")

    assert len(find_all(tmp_path, now=path.stat().st_mtime + KEPT_S - 60)) == 1


def test_the_spool_lies_among_the_data_of_the_installation(tmp_path: Path) -> None:
    assert spool_folder(tmp_path / "data") == tmp_path / "data" / "spool"


def test_the_spool_folder_is_its_owners_alone(tmp_path: Path) -> None:
    assert spool_folder(tmp_path).stat().st_mode & 0o777 == 0o700


def test_a_link_is_no_spool_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "spool").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PermissionError):
        spool_folder(tmp_path)


def test_a_folder_that_others_may_read_is_no_spool_folder(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool").chmod(0o755)

    with pytest.raises(PermissionError):
        spool_folder(tmp_path)


async def test_what_an_agent_that_takes_over_leaves_behind_has_its_new_numbers(
    stub: StubWeb, call: ReportedCall, tmp_path: Path
) -> None:
    call.stored[Role.DRIVER] = 40
    address = address_of(stub, call.call_id)
    reporter = Reporter(address, spool=Spool.create(address, tmp_path), on_gone=is_gone)
    for _ in range(2):
        reporter.add(lambda seq: Heartbeat(seq=seq, at=1.0))
    reporter.start()
    await reporter.flush(5.0)
    stub.is_away = True
    reporter.add(lambda seq: AgentLeft(seq=seq, at=1.0))

    await reporter.aclose()

    assert [[event.seq for event in left.events] for left in find_all(tmp_path)] == [[41, 42, 43]]


def test_a_file_that_is_written_anew_is_still_its_owners(tmp_path: Path) -> None:
    spool = Spool.create(ReportAddress(uuid.uuid4(), Role.DRIVER, "http://x", "token"), tmp_path)

    spool.rewrite([AgentReady(seq=41, at=1.0)])

    assert (find_all(tmp_path), len(os.listdir(tmp_path))) == ([], 1)
    spool.close(is_delivered=True)
