"""Where the LiveKit server comes from, in which order, and what half a build leaves."""

import os
from pathlib import Path

import pytest

from dispatchsim.bootstrap import media_server
from dispatchsim.bootstrap.errors import SetupError


def program(path: Path, text: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


@pytest.fixture(autouse=True)
def logs_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatchsim.bootstrap.shell.BUILD", tmp_path)


def fake_go(tmp_path: Path, build: str) -> None:
    program(
        tmp_path / "bin" / "go",
        f"case $1 in version) echo go version go1.26.1 test/test;; list) echo a/b; echo c/d;; build) {build};; esac",
    )


# `-o` is followed by the name of the draft.
WRITE_THE_DRAFT = 'while [ "$1" != -o ]; do shift; done; printf "%s" built > "$2"'


def test_a_server_that_is_named_comes_first(tmp_path: Path, environ: dict[str, str]) -> None:
    program(tmp_path / "bin" / "livekit-server")
    named = program(tmp_path / "own" / "server")

    assert media_server.find_server(environ | {"LIVEKIT_SERVER_BIN": str(named)}) == named


def test_a_name_that_is_no_program_is_told(environ: dict[str, str]) -> None:
    with pytest.raises(SetupError, match="LIVEKIT_SERVER_BIN"):
        media_server.find_server(environ | {"LIVEKIT_SERVER_BIN": "/nowhere/server"})


def test_a_server_on_path_comes_before_the_cache(tmp_path: Path, environ: dict[str, str]) -> None:
    program(media_server.cached_server(environ))
    on_path = program(tmp_path / "bin" / "livekit-server")

    assert media_server.find_server(environ) == on_path


def test_a_server_in_the_cache_is_used(environ: dict[str, str]) -> None:
    cached = program(media_server.cached_server(environ))

    assert media_server.find_server(environ) == cached


def test_without_any_there_is_none(environ: dict[str, str]) -> None:
    assert media_server.find_server(environ) is None


def test_a_build_ends_in_the_cache(tmp_path: Path, environ: dict[str, str]) -> None:
    fake_go(tmp_path, WRITE_THE_DRAFT)

    built = media_server.ensure_server(environ)

    assert built == media_server.cached_server(environ)
    assert os.access(built, os.X_OK)


def test_a_broken_build_leaves_no_half_program(tmp_path: Path, environ: dict[str, str]) -> None:
    fake_go(tmp_path, WRITE_THE_DRAFT + "; echo undefined: thing; exit 1")

    with pytest.raises(SetupError) as caught:
        media_server.ensure_server(environ)

    assert "undefined: thing" in caught.value.tail
    assert [path.name for path in (tmp_path / "cache" / "dispatchsim").iterdir() if path.suffix != ".lock"] == []


def test_a_go_that_is_too_old_is_not_used(tmp_path: Path) -> None:
    old = program(tmp_path / "go", "echo go version go1.21.3 test/test")

    assert media_server.go_version(str(old)) < media_server.OLDEST_GO
