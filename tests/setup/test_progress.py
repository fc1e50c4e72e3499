"""Each long step of the set-up shows what it does and how far it is."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from dispatchsim.bootstrap import console
from dispatchsim.bootstrap.console import Step, step
from dispatchsim.bootstrap.media_server import GoProgress
from dispatchsim.bootstrap.python import PipProgress, count_locked, install


class FakeStep(Step):
    """Keeps what it is told instead of showing it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def progress(self, detail: str) -> None:
        self.told.append(detail)


def tell(reader: type[PipProgress | GoProgress], *lines: str, total: int) -> list[str]:
    """Let a reader read lines of its tool; give what it shows."""
    shown = FakeStep()
    read = reader(shown, total=total)
    for line in lines:
        read(line)
    return shown.told


def test_pip_is_told_as_packages_of_all_packages() -> None:
    told = tell(
        PipProgress,
        "Collecting django==5.2.19 (from -r requirements.txt (line 1))",
        "  Downloading django-5.2.19-py3-none-any.whl (8.3 MB)",
        "Requirement already satisfied: livekit==1.1.21 in .venv/lib (from -r requirements.txt (line 9))",
        "Installing collected packages: django",
        total=96,
    )

    assert told == ["1/96 django", "2/96 livekit", "unpacking 2 packages"]


def test_packages_for_other_systems_are_not_waited_for() -> None:
    told = tell(
        PipProgress,
        "Ignoring tzdata: markers 'sys_platform == \"win32\"' don't match your environment",
        "Collecting django==5.2.19 (from -r requirements.txt (line 1))",
        "Collecting livekit==1.1.21 (from -r requirements.txt (line 9))",
        "Installing collected packages: django, livekit",
        total=3,
    )

    assert told == ["1/2 django", "2/2 livekit", "unpacking 2 packages"]


def test_go_is_told_as_packages_of_all_packages() -> None:
    told = tell(GoProgress, "internal/cpu", "github.com/pion/ice/v4", total=700)

    assert told == ["1/700 internal/cpu", "2/700 github.com/pion/ice/v4"]


def test_the_packages_of_a_lock_are_counted(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1 \\\n    --hash=sha256:0\n    # via b\nb==2 ; python_version < '4' \\\n    --hash=sha256:1\n")

    assert count_locked(lock) == 2


def test_a_pipe_is_told_of_progress_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([0.0, 1.0, 16.0, 16.0, 16.0, 20.0, 20.0])
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: next(now)))

    with step("Python packages") as current:
        current.progress("1/96 django")
        current.progress("50/96 livekit")

    assert capsys.readouterr().out.splitlines() == [
        "· Python packages",
        "  Python packages: 50/96 livekit (16 s)",
        "✓ Python packages (20.0 s)",
    ]


def test_an_install_shows_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PLAIN_PROGRESS_S", 0.0)
    monkeypatch.setattr("dispatchsim.bootstrap.shell.BUILD", tmp_path)
    pip = tmp_path / "venv" / "bin" / "python"
    pip.parent.mkdir(parents=True)
    pip.write_text("#!/bin/sh\necho 'Collecting a==1 (from -r requirements.txt)'\n", encoding="utf-8")
    pip.chmod(0o755)
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1 \\\n    --hash=sha256:0\nb==2 \\\n    --hash=sha256:1\n", encoding="utf-8")

    install(tmp_path / "venv", lock, title="Python packages")

    assert "Python packages: 1/2 a" in capsys.readouterr().out
