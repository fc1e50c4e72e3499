"""Secrets are made once, are long, and only their owner can read them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from dispatchsim.bootstrap import secrets
from dispatchsim.bootstrap.paths import ROOT


def test_a_first_start_makes_every_secret(tmp_path: Path) -> None:
    environ = {"DISPATCHSIM_DATA_DIR": str(tmp_path / "data")}

    path = secrets.prepare(environ)

    assert set(secrets.read_secrets(path)) == set(secrets.NAMES)


def test_secrets_are_long_enough_for_django_and_jwt(tmp_path: Path) -> None:
    path = secrets.prepare({"DISPATCHSIM_DATA_DIR": str(tmp_path)})

    assert min(len(value) for value in secrets.read_secrets(path).values()) >= 50


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = secrets.prepare({"DISPATCHSIM_DATA_DIR": str(tmp_path)})

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_secrets(tmp_path: Path) -> None:
    environ = {"DISPATCHSIM_DATA_DIR": str(tmp_path)}
    first = secrets.read_secrets(secrets.prepare(dict(environ)))

    second = secrets.read_secrets(secrets.prepare(dict(environ)))

    assert first == second


def test_a_file_that_lost_a_secret_gets_that_one_back(tmp_path: Path) -> None:
    environ = {"DISPATCHSIM_DATA_DIR": str(tmp_path)}
    secrets.secrets_file(environ).write_text("SECRET_KEY=kept\n", encoding="utf-8")

    path = secrets.prepare(environ)

    found = secrets.read_secrets(path)
    assert found["SECRET_KEY"] == "kept"
    assert set(found) == set(secrets.NAMES)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {"DISPATCHSIM_DATA_DIR": str(tmp_path), "SECRET_KEY": "from the environment"}

    secrets.prepare(environ)

    assert environ["SECRET_KEY"] == "from the environment"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    environ = {"DISPATCHSIM_DATA_DIR": str(tmp_path), "SECRET_KEY": ""}

    secrets.prepare(environ)

    assert len(environ["SECRET_KEY"]) >= 50


def test_a_plain_shell_reads_what_is_there_and_makes_nothing(tmp_path: Path) -> None:
    environ = {"DISPATCHSIM_DATA_DIR": str(tmp_path)}

    secrets.load(environ)

    assert environ == {"DISPATCHSIM_DATA_DIR": str(tmp_path)}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_never_set_up_is_told_in_one_line_with_what_to_do(tmp_path: Path) -> None:
    environ = {**os.environ, "DISPATCHSIM_DATA_DIR": str(tmp_path)}
    for name in secrets.NAMES:
        environ.pop(name, None)

    done = subprocess.run(
        [sys.executable, "manage.py", "sign_in_link"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout + done.stderr == secrets.explain_unprepared(environ) + "\n"
    assert str(tmp_path) in done.stderr


def test_secrets_of_the_environment_need_no_folder(tmp_path: Path) -> None:
    assert secrets.explain_unprepared({"DISPATCHSIM_DATA_DIR": str(tmp_path), "SECRET_KEY": "s" * 50}) == ""
