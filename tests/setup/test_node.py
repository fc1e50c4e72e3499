"""Where npm comes from: the machine's own, else the one that a Python package carries."""

import os
from pathlib import Path

import pytest

from dispatchsim.bootstrap import node


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Node.js of a Python package; the list tells what was installed."""
    installed: list[str] = []

    def install(name: str, *, title: str) -> Path:
        installed.append(name)
        return tmp_path / "tools" / name / "bin"

    monkeypatch.setattr(node, "ensure_tool", install)
    return installed


def environ_with(folder: Path, *names: str) -> dict[str, str]:
    folder.mkdir()
    for name in names:
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder), "npm_config_cache": "kept"}


def test_npm_of_the_machine_is_used(tmp_path: Path, bundled: list[str]) -> None:
    environ = environ_with(tmp_path / "bin", "npm", "node")

    assert node._find_npm(environ) == (tmp_path / "bin" / "npm", environ)
    assert bundled == []


@pytest.mark.parametrize("present", [(), ("npm",), ("node",)])
def test_a_machine_without_both_gets_those_of_a_python_package(
    tmp_path: Path, bundled: list[str], present: tuple[str, ...]
) -> None:
    environ = environ_with(tmp_path / "bin", *present)

    npm, changed = node._find_npm(environ)

    assert (npm, bundled) == (tmp_path / "tools" / "node" / "bin" / "npm", ["node"])
    assert changed == {**environ, "PATH": f"{npm.parent}{os.pathsep}{tmp_path / 'bin'}"}
