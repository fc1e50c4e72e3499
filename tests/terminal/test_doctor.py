"""`manage.py doctor`: each finding says how bad it is and what to do."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from dispatchsim.bootstrap.locking import find_holder, holding
from dispatchsim.bootstrap.ports import read_ports
from dispatchsim.domain.conversation import VoiceProvider
from dispatchsim.gateways.livekit import LiveKitRooms, use_rooms
from dispatchsim.gateways.voice_model import VoiceModelState
from dispatchsim.management.commands.doctor import (
    check_agents,
    check_livekit,
    check_sound,
    check_stack,
    check_supervisor,
    check_voice,
    describe,
    judge_port,
    judge_voice,
)
from dispatchsim.management.doctoring import Mark, fail, has_failed, warn
from dispatchsim.management.media_config import build_media_config, write_media_config
from dispatchsim.management.storage import check_secrets_file, check_space, check_storage
from dispatchsim.management.versions import check_packages, check_python, wanted_media_server
from dispatchsim.services.supervisors import record_heartbeat, say_goodbye
from tests.setup.real_media import free_port, running_server

LOCK = "django==5.2.19 \\\n    --hash=sha256:aa\nlivekit==1.1.21 ; sys_platform != 'win32' \\\n    --hash=sha256:bb\n"
PORTS = read_ports({"PORT": "30000"})


def test_packages_as_locked_are_fine() -> None:
    finding = check_packages(LOCK, {"django": "5.2.19", "livekit": "1.1.21"})

    assert finding.mark is Mark.OK


def test_another_version_than_the_lock_is_named() -> None:
    finding = check_packages(LOCK, {"django": "5.2.1", "livekit": "1.1.21"})

    assert (finding.mark, finding.detail) == (Mark.FAIL, "django is 5.2.1, not 5.2.19.")


def test_a_package_for_other_systems_may_be_missing() -> None:
    assert check_packages(LOCK, {"django": "5.2.19"}).mark is Mark.OK


@pytest.mark.parametrize(("version", "mark"), [((3, 10), Mark.FAIL), ((3, 12), Mark.OK), ((3, 15), Mark.WARN)])
def test_pythons_outside_the_tried_range_are_told(version: tuple[int, int], mark: Mark) -> None:
    assert check_python(version).mark is mark


def test_the_wanted_media_server_is_the_one_of_go_mod() -> None:
    assert wanted_media_server("require github.com/livekit/livekit-server v1.13.5 // indirect\n") == "1.13.5"


@pytest.mark.parametrize(("free_bytes", "mark"), [(5_000_000, Mark.FAIL), (500_000_000, Mark.WARN), (2**33, Mark.OK)])
def test_little_space_is_told_before_it_is_none(free_bytes: int, mark: Mark, tmp_path: Path) -> None:
    assert check_space(tmp_path, free_bytes).mark is mark


def test_a_data_folder_that_is_not_there_yet_is_no_failure(tmp_path: Path) -> None:
    findings = check_storage(tmp_path / "data")

    assert [finding.mark for finding in findings] == [Mark.WARN]
    assert not (tmp_path / "data").exists()


def test_secrets_that_others_can_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("SECRET_KEY=x\n", encoding="utf-8")
    (tmp_path / "secrets.env").chmod(0o644)

    assert check_secrets_file(tmp_path).todo == f"chmod 600 {tmp_path / 'secrets.env'}"


def test_the_folder_and_ports_that_were_looked_at_are_named(tmp_path: Path) -> None:
    finding = check_stack(tmp_path, 8100, is_running=False, holder="")

    assert finding.detail.startswith(f"{tmp_path}, ports 8100 to 8103: no stack runs there")


def test_a_stack_on_this_folder_with_other_ports_is_told_by_its_process(tmp_path: Path) -> None:
    with holding(tmp_path / "up.lock", when_held=pytest.fail):
        holder = find_holder(tmp_path / "up.lock")

    assert str(os.getpid()) in check_stack(tmp_path, 8100, is_running=False, holder=holder).todo
    assert find_holder(tmp_path / "up.lock") == ""


def test_a_port_in_use_by_this_stack_is_fine() -> None:
    assert judge_port("LiveKit", 30001, is_unused=False, is_ours=True, ports=PORTS).mark is Mark.OK


def test_a_port_in_use_by_a_stranger_fails_and_another_one_is_proposed() -> None:
    finding = judge_port("LiveKit", 30001, is_unused=False, is_ours=False, ports=PORTS)

    assert finding.mark is Mark.FAIL
    assert "PORT=30" in finding.todo


def test_a_refused_key_is_told_as_such() -> None:
    state = VoiceModelState(is_reachable=True, is_key_accepted=False, detail="The server refuses the key.")

    assert judge_voice("openai", state, "Check the key.", make=fail).detail == "The server refuses the key."


@pytest.mark.parametrize("key", ["", "a-key-that-the-first-start-made"])
def test_a_rehearsal_model_that_does_not_run_is_told_as_such_with_or_without_its_key(
    key: str, settings: Settings
) -> None:
    settings.REHEARSAL_URL, settings.REHEARSAL_API_KEY = f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}/v1", key

    finding = check_voice(VoiceProvider.REHEARSAL, is_running=False)

    assert (finding.mark, finding.detail, finding.todo) == (
        Mark.WARN,
        "not running; it needs no key of yours.",
        "Start it with `make run`.",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("is_running", "mark"), [(True, Mark.FAIL), (False, Mark.WARN)])
def test_absent_agents_fail_only_where_the_system_runs(is_running: bool, mark: Mark) -> None:
    assert [finding.mark for finding in check_agents(is_running=is_running)] == [mark, mark]


def test_every_finding_with_a_fault_says_what_to_do() -> None:
    assert describe(warn("space", "0.5 GiB free.", "Make room.")).endswith("→ Make room.")


def test_warnings_alone_are_no_failure() -> None:
    assert not has_failed([warn("space", "0.5 GiB free.", "Make room.")])


@pytest.mark.django_db
def test_it_looks_at_everything_while_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("doctor")

    looked_at = capsys.readouterr().out
    named = ("python", "packages", "data folder", "port ", "livekit", "voice model rehearsal", "agent server driver")
    assert [name for name in named if name not in looked_at] == []
    assert logging.getLogger().isEnabledFor(logging.ERROR)  # who called it is still told of errors


@pytest.mark.django_db
def test_a_supervisor_that_looked_just_now_is_fine() -> None:
    now = timezone.now()
    record_heartbeat(now - timedelta(seconds=4))

    finding = check_supervisor(now, is_running=True)

    assert finding.mark is Mark.OK
    assert finding.detail.endswith("looked 4 s ago")


@pytest.mark.django_db
@pytest.mark.parametrize(("is_running", "mark"), [(True, Mark.FAIL), (False, Mark.WARN)])
def test_a_supervisor_that_stopped_looking_fails_only_where_the_system_runs(is_running: bool, mark: Mark) -> None:
    now = timezone.now()
    record_heartbeat(now - timedelta(seconds=20))

    assert check_supervisor(now, is_running=is_running).mark is mark


@pytest.mark.django_db
def test_a_supervisor_that_said_goodbye_is_missed_at_once() -> None:
    now = timezone.now()
    record_heartbeat(now)

    say_goodbye()

    assert check_supervisor(now, is_running=True).mark is Mark.FAIL


@pytest.fixture
def real_rooms() -> Iterator[None]:
    with use_rooms(LiveKitRooms()):
        yield


@contextmanager
def running_livekit(folder: Path, settings: Settings, **sound: object) -> Iterator[None]:
    """Run a LiveKit alone, and point the settings to it."""
    port = free_port(socket.SOCK_STREAM)
    config: dict[str, Any] = build_media_config(
        http_port=port,
        udp_port=free_port(socket.SOCK_DGRAM),
        api_key=settings.LIVEKIT_API_KEY,
        api_secret=settings.LIVEKIT_API_SECRET,
    )
    write_media_config(folder / "livekit.yaml", config | {"rtc": config["rtc"] | sound})
    settings.LIVEKIT_URL = f"ws://127.0.0.1:{port}"
    with running_server(folder / "livekit.yaml", port):
        yield


@pytest.mark.live
@pytest.mark.usefixtures("real_rooms")
def test_a_tone_comes_through_a_livekit_whose_udp_is_open(tmp_path: Path, settings: Settings) -> None:
    with running_livekit(tmp_path, settings):
        assert check_sound().mark is Mark.OK


@pytest.mark.live
@pytest.mark.usefixtures("real_rooms")
def test_a_livekit_whose_udp_is_closed_is_told_though_it_answers(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatchsim.management.line.LIMIT_S", 4.0)

    # It listens for sound on no interface, as if a firewall stood before each of them.
    with running_livekit(tmp_path, settings, interfaces={"includes": ["none-of-this-name"]}):
        answers, sound = check_livekit(is_running=True), check_sound()

    assert (answers.mark, sound.mark) == (Mark.OK, Mark.FAIL)
    assert ("could not connect" in sound.detail, "Let UDP through" in sound.todo) == (True, True)


@pytest.mark.usefixtures("real_rooms")
def test_a_livekit_that_is_not_there_is_told_with_what_to_do(settings: Settings) -> None:
    settings.LIVEKIT_URL = f"ws://127.0.0.1:{free_port(socket.SOCK_STREAM)}"

    found = check_livekit(is_running=True), check_sound()

    assert [(finding.mark, bool(finding.todo)) for finding in found] == [(Mark.FAIL, True)] * 2
