"""A finished step is left out next time; half a step, or one made from other inputs, is done again."""

import subprocess
import sys
from pathlib import Path

import pytest

from dispatchsim.bootstrap import python
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.shell import run_logged
from dispatchsim.bootstrap.stamps import Stamp, digest


def fake_venv(folder: Path, pip_code: str) -> Path:
    """Make an environment whose Python records that it was asked to install."""
    program = folder / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho asked >> {folder}/asked\n{pip_code}\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


def times_asked(folder: Path) -> int:
    asked = folder / "asked"
    return len(asked.read_text(encoding="utf-8").splitlines()) if asked.exists() else 0


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("example==1.0 \\\n    --hash=sha256:00\n", encoding="utf-8")
    return path


def test_a_second_install_of_the_same_lock_does_nothing(tmp_path: Path, lock: Path) -> None:
    folder = fake_venv(tmp_path / "venv", "exit 0")

    python.install(folder, lock, title="Packages")
    python.install(folder, lock, title="Packages")

    assert times_asked(folder) == 1


def test_a_changed_lock_is_installed_again(tmp_path: Path, lock: Path) -> None:
    folder = fake_venv(tmp_path / "venv", "exit 0")
    python.install(folder, lock, title="Packages")
    lock.write_text("example==1.1 \\\n    --hash=sha256:11\n", encoding="utf-8")

    python.install(folder, lock, title="Packages")

    assert times_asked(folder) == 2


def test_an_install_that_failed_leaves_no_stamp(tmp_path: Path, lock: Path) -> None:
    folder = fake_venv(tmp_path / "venv", "echo broken wheel; exit 1")

    with pytest.raises(SetupError):
        python.install(folder, lock, title="Packages")

    assert not python.locked_stamp(folder, lock).is_current()


def test_a_failure_after_a_success_forgets_the_success(tmp_path: Path, lock: Path) -> None:
    folder = fake_venv(tmp_path / "venv", "exit 1")
    python.locked_stamp(folder, lock).write()
    lock.write_text("example==2 \\\n    --hash=sha256:22\n", encoding="utf-8")

    with pytest.raises(SetupError):
        python.install(folder, lock, title="Packages")

    assert list(folder.glob("stamp-*")) == []


def test_half_a_virtual_environment_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to("/nowhere/python3")

    python.ensure_venv(folder)

    assert python.is_sound(folder)


def test_a_sound_virtual_environment_is_kept(tmp_path: Path) -> None:
    folder = fake_venv(tmp_path / "venv", "exit 0")
    python.finished_mark(folder).write()

    python.ensure_venv(folder)

    assert times_asked(folder) == 1  # only whether it still starts


def test_a_failure_shows_the_last_lines_and_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatchsim.bootstrap.shell.BUILD", tmp_path)

    with pytest.raises(SetupError) as caught:
        run_logged([sys.executable, "-c", "print('cannot find gcc'); raise SystemExit(1)"], log="x.log", failure="Bad")

    assert caught.value.tail == ("cannot find gcc",)
    assert caught.value.log == tmp_path / "logs" / "x.log"


def test_a_missing_network_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatchsim.bootstrap.shell.BUILD", tmp_path)
    code = "print('dial tcp: lookup proxy: no such host'); raise SystemExit(1)"

    with pytest.raises(SetupError, match="no way to the package registry"):
        run_logged([sys.executable, "-c", code], log="x.log", failure="Bad")


def test_a_cancelled_command_takes_its_children_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatchsim.bootstrap.shell.BUILD", tmp_path)
    code = "import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    seen: list[int] = []

    def cancel(line: str) -> None:
        seen.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_logged([sys.executable, "-c", code], log="x.log", failure="Bad", on_line=cancel)

    state = subprocess.run(["ps", "-o", "stat=", "-p", str(seen[0])], capture_output=True, text=True, check=False)
    assert state.stdout.strip()[:1] in ("", "Z")  # gone, or dead and not yet collected


def test_a_stamp_of_other_inputs_is_not_current(tmp_path: Path) -> None:
    Stamp(tmp_path / "stamp", digest([], "3.11")).write()

    assert not Stamp(tmp_path / "stamp", digest([], "3.12")).is_current()
