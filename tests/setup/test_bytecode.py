"""Each module is compiled once, also for a person who wants no bytecode beside the sources."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dispatchsim.bootstrap.python import keep_bytecode


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with one module."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "once.py").write_text("HERE = __cached__\n")
    return folder


def import_module(sources: Path, environ: dict[str, str]) -> Path:
    """Import the module in a Python of its own; give where its bytecode belongs."""
    command = [sys.executable, "-c", "import once; print(once.HERE)"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=sources, env=plain | environ, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def test_bytecode_is_kept_apart_from_sources_for_who_wants_none_there(sources: Path, tmp_path: Path) -> None:
    environ = {"PYTHONDONTWRITEBYTECODE": "1"}
    keep_bytecode(environ, tmp_path / "bytecode")

    bytecode = import_module(sources, environ)

    assert bytecode.is_file()
    assert bytecode.is_relative_to(tmp_path / "bytecode")
    assert [file.name for file in sources.iterdir()] == ["once.py"]


def test_a_place_that_the_person_named_is_kept(sources: Path, tmp_path: Path) -> None:
    environ = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(tmp_path / "own")}
    keep_bytecode(environ, tmp_path / "bytecode")

    assert import_module(sources, environ).is_relative_to(tmp_path / "own")


def test_without_such_a_wish_nothing_is_changed() -> None:
    environ = {"PATH": "/bin"}

    keep_bytecode(environ)

    assert environ == {"PATH": "/bin"}
