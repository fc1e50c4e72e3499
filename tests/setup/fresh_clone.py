"""Run the README's two commands verbatim in an empty clone with empty caches, and time them.

    python tests/setup/fresh_clone.py [--skip-test] [--keep] [--port 8500]

Needs git, make and Python alone. Exit code 0 only when both commands did what the README says.
"""

import argparse
import http.client
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST_START_S = 1800.0
SECOND_START_S = 60.0
STOP_S = 15.0
MARK = "DISPATCHSIM_FRESH_CLONE"  # in the environment of everything that we start
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/\S+/")
# The person's own settings of this project must not decide what a fresh machine does.
OURS = re.compile(r"^(?:OPENAI_|LIVEKIT_|REHEARSAL_|DISPATCHSIM_|LANGFUSE_|OTEL_|SECRET_KEY$|DEBUG$|DATABASE_URL$)")


class ClaimError(Exception):
    """Something that the README promises did not happen."""


def main() -> int:
    """Try the two commands; return the exit code."""
    options = read_options()
    folder = Path(tempfile.mkdtemp(prefix="dispatchsim-fresh-"))
    try:
        run_commands, test_command = read_commands()
        clone = folder / "clone"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        environ = empty_environ(folder, port=options.port)
        try_run(run_commands, clone, environ, first=True)
        try_run(run_commands, clone, environ, first=False)
        if not options.skip_test:
            try_test(test_command, clone, environ)
    except ClaimError as error:
        tell(f"FAILED: {error}")
        return 1
    finally:
        if options.keep:
            tell(f"kept: {folder}")
        else:
            remove(folder)
    tell("both commands work" if not options.skip_test else "the first command works; the second was left out")
    return 0


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skip-test", action="store_true", help="leave the second command out")
    parser.add_argument("--keep", action="store_true", help="keep the clone and its caches")
    parser.add_argument("--port", type=int, default=0, help="PORT for the stack; a free one when left out")
    return parser.parse_args()


def read_commands() -> tuple[str, str]:
    """Take the first two shell blocks of the README, as they stand there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return blocks[0], blocks[1]


def empty_environ(folder: Path, *, port: int) -> dict[str, str]:
    """Build an environment whose home and caches are empty; how this machine reaches its registries stays."""
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name) and name != "VIRTUAL_ENV"}
    home = Path.home()
    configured = {
        "PIP_CONFIG_FILE": home / ".config" / "pip" / "pip.conf",
        "NPM_CONFIG_USERCONFIG": home / ".npmrc",
        "GOENV": home / ".config" / "go" / "env",
    }
    empty = {
        "HOME": "home",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "PIP_CACHE_DIR": "cache/pip",
        "NPM_CONFIG_CACHE": "cache/npm",
        "GOCACHE": "cache/go-build",
        "GOMODCACHE": "cache/go-mod",
        "GOPATH": "go",
        "PLAYWRIGHT_BROWSERS_PATH": "cache/playwright",
    }
    for place in empty.values():
        (folder / place).mkdir(parents=True, exist_ok=True)
    environ = kept | {name: str(path) for name, path in configured.items() if path.is_file() and name not in kept}
    environ |= {name: str(folder / place) for name, place in empty.items()}
    return environ | {"PORT": str(port or free_block()), MARK: folder.name}


def try_run(command: str, clone: Path, environ: dict[str, str], *, first: bool) -> None:
    """Start the stack, use its link, stop it by Ctrl-C, and look for what stayed."""
    name = "first" if first else "second"
    begun = time.monotonic()
    with started(command, clone, environ) as (process, lines):
        link = wait_for_link(process, lines, limit_s=FIRST_START_S if first else SECOND_START_S)
        tell(f"{name} `{command.strip()}`: sign-in link after {time.monotonic() - begun:.1f} s")
        check_ready(int(environ["PORT"]))
        check_link(link)
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        wait_for_end(process, limit_s=STOP_S)
        tell(f"{name} run: Ctrl-C ended it in {time.monotonic() - begun:.1f} s")
    left = processes_left(environ[MARK])
    if left:
        raise ClaimError(f"processes left after Ctrl-C: {left}")


def try_test(command: str, clone: Path, environ: dict[str, str]) -> None:
    """Run the tests to their end."""
    begun = time.monotonic()
    done = subprocess.run(["sh", "-ec", command], cwd=clone, env=environ, stdin=subprocess.DEVNULL, check=False)
    tell(f"`{command.strip()}`: exit code {done.returncode} after {time.monotonic() - begun:.1f} s")
    if done.returncode != 0:
        raise ClaimError("the tests do not pass in a fresh clone")
    left = processes_left(environ[MARK])
    if left:
        raise ClaimError(f"processes left after the tests: {left}")


@contextmanager
def started(command: str, clone: Path, environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run a command as the leader of a terminal's foreground group would; never leave it behind."""
    lines: list[str] = []
    process = subprocess.Popen(
        ["sh", "-ec", command],
        cwd=clone,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    reader = threading.Thread(target=pass_on, args=(process, lines), daemon=True)
    reader.start()
    try:
        yield process, lines
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(STOP_S + 5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        reader.join(5)


def pass_on(process: subprocess.Popen[str], lines: list[str]) -> None:
    """Show what the command prints, and keep it."""
    for line in process.stdout or ():
        lines.append(line.rstrip())
        print(f"    {line.rstrip()}", flush=True)


def wait_for_link(process: subprocess.Popen[str], lines: list[str], *, limit_s: float) -> str:
    """Wait until a sign-in link is printed."""
    give_up_at = time.monotonic() + limit_s
    while time.monotonic() < give_up_at:
        found = next((match[0] for line in list(lines) if (match := LINK.search(line))), None)
        if found:
            return found
        if process.poll() is not None:
            raise ClaimError(f"it ended with exit code {process.returncode} before a link was printed")
        time.sleep(0.1)
    raise ClaimError(f"no sign-in link within {limit_s:.0f} s")


def check_ready(port: int) -> None:
    """Ask `/readyz`, which the link promises to be good."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    if answer.status != http.client.OK:
        raise ClaimError(f"/readyz answers {answer.status}: {body}")


def check_link(link: str) -> None:
    """Open the link as a browser does: it must end on the launch page, signed in."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with opener.open(link, timeout=10) as page:
        text = page.read().decode()
    if "Generate conversation" not in text:
        raise ClaimError("the sign-in link does not lead to the launch page")


def wait_for_end(process: subprocess.Popen[str], *, limit_s: float) -> None:
    """Wait for the command to end."""
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        raise ClaimError(f"it was still there {limit_s:.0f} s after Ctrl-C") from None


def processes_left(mark: str) -> list[str]:
    """List processes that carry our mark in their environment (or, on macOS, in what `ps` shows of it)."""
    if Path("/proc").is_dir():
        return [f"{pid} {command}" for pid, command in marked_in_proc(f"{MARK}={mark}".encode())]
    listed = subprocess.run(["ps", "-axEww", "-o", "pid=,command="], capture_output=True, text=True, check=False)
    return [line[:100] for line in listed.stdout.splitlines() if f"{MARK}={mark}" in line]


def marked_in_proc(mark: bytes) -> Iterator[tuple[int, str]]:
    """Find processes by a mark in their environment or, where that was scrubbed, by our folder in their command."""
    folder = mark.split(b"=")[1]
    for place in Path("/proc").iterdir():
        if not place.name.isdigit() or int(place.name) == os.getpid():
            continue
        try:
            command = (place / "cmdline").read_bytes()
            environ = (place / "environ").read_bytes()
        except OSError:
            continue
        if command and (mark in environ or folder in command):
            yield int(place.name), command.replace(b"\0", b" ").decode(errors="replace")[:100]


def free_block() -> int:
    """Find a port whose three successors are free as well."""
    for port in range(18_500, 60_000, 100):
        if all(can_bind(port + offset) for offset in range(4)):
            return port
    raise ClaimError("no four free ports in a row")


def can_bind(port: int) -> bool:
    """Whether the port can be taken, for TCP and UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def remove(folder: Path) -> None:
    """Remove everything; Go writes its module cache read-only."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def tell(text: str) -> None:
    """Print a result."""
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
