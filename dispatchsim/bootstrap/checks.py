"""`make check`, `make fix` and `make lock`: what keeps the code in shape."""

import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from dispatchsim.bootstrap.console import GREEN, RED, paint, say
from dispatchsim.bootstrap.paths import BUILD, ROOT, VENV, VENV_PYTHON

Command = list[str | Path]
BIN = VENV / "bin"
LOCKS = ("requirements", "requirements-dev", "requirements-go", "requirements-node")
PYTHONS = ("3.11", "3.12", "3.13")  # that a person may have
DJANGO_VERSION = "5.2"


def check() -> int:
    """Run every check, even after one failed; return the exit code."""
    production = production_environ(os.environ)
    manage: Command = [VENV_PYTHON, "manage.py"]
    checks: list[tuple[str, Command, Mapping[str, str]]] = [
        ("ruff check", [BIN / "ruff", "check", "."], os.environ),
        ("ruff format", [BIN / "ruff", "format", "--check", "."], os.environ),
        ("mypy", [VENV_PYTHON, "-m", "mypy"], production),
        ("import-linter", [BIN / "lint-imports"], os.environ),
        ("templates", [BIN / "djade", "--target-version", DJANGO_VERSION, "--check", *templates()], os.environ),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], production),
        ("production settings", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production),
    ]
    failed = [name for name, command, environ in checks if not _passes(name, command, environ)]
    if failed:
        say(paint(f"✗ Failed: {', '.join(failed)}. `make fix` mends what can be mended by itself.", RED))
        return 1
    say(paint("✓ All checks passed", GREEN))
    return 0


def fix() -> int:
    """Let the tools mend what they can; return the exit code."""
    commands: list[Command] = [
        [BIN / "ruff", "check", "--fix", "."],
        [BIN / "ruff", "format", "."],
        [BIN / "djade", "--target-version", DJANGO_VERSION, *templates()],
    ]
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=False)
    return 0


def lock() -> int:
    """Turn requirements*.in into hashed locks that name no package registry; return the exit code."""
    for name in LOCKS:
        constraint: Command = ["-c", "requirements.txt"] if name == "requirements-dev" else []
        command: Command = [BIN / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"]
        say(f"· {name}.txt")
        done = subprocess.run([*command, *constraint, "-o", f"{name}.txt", f"{name}.in"], cwd=ROOT, check=False)
        if done.returncode != 0:
            return done.returncode
    return max(_find_wheels(version) for version in PYTHONS)


def _find_wheels(version: str) -> int:
    """See that a machine with this Python and no compiler can install the locks; return the exit code."""
    say(f"· wheels for Python {version}")
    command: Command = [BIN / "uv", "pip", "install", "--quiet", "--dry-run", "--target", BUILD / "wheels"]
    command += ["--only-binary", ":all:", "--require-hashes", "--python-platform", "x86_64-manylinux_2_28"]
    command += ["--python-version", version, *(part for name in LOCKS for part in ("-r", f"{name}.txt"))]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def templates() -> list[Path]:
    """List the templates that are HTML; prompts are plain text and keep their spaces."""
    return sorted((ROOT / "templates").rglob("*.html"))


def production_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Build the environment of an example production host, with throw-away secrets."""
    made_up = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "LIVEKIT_API_SECRET", "REHEARSAL_API_KEY")}
    kept = {
        name: value for name, value in environ.items() if name not in ("DEBUG", "DATABASE_URL", "REDIS_URL", "PORT")
    }
    return {
        **kept,
        **made_up,
        "DISPATCHSIM_AGENTS_KEY": secrets.token_urlsafe(48),
        "DISPATCHSIM_DATA_DIR": str(ROOT / "build" / "check-data"),
        "DISPATCHSIM_WEB_URL": "https://calls.example.org",
        "ALLOWED_HOSTS": "calls.example.org",
        "LIVEKIT_URL": "wss://livekit.example.org",
    }


def _passes(name: str, command: Command, environ: Mapping[str, str]) -> bool:
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environ), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    is_good = done.returncode == 0
    say(f"{paint('✓', GREEN) if is_good else paint('✗', RED)} {name}")
    if not is_good:
        say(done.stdout.rstrip())
    return is_good
