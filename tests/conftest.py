"""A clean environment for every test: no key, no address of the person's own, no data folder of theirs.

pytest-django would read the settings before this file if pyproject.toml named them; so they are named here,
after the environment has been scrubbed.
"""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import django
import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.environment import SCRUBBED

gc.disable()  # until all is imported: nothing of that is garbage
if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker inherits what is made here, and reads its settings first
    DATA_DIR = Path(tempfile.mkdtemp(prefix="dispatchsim-tests-"))
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)  # also when pytest stops on a usage error
    for name in SCRUBBED:
        os.environ.pop(name, None)
    os.environ |= {
        "DISPATCHSIM_DATA_DIR": str(DATA_DIR),
        "DISPATCHSIM_AGENTS_KEY": "agents-key-for-tests-" + "a" * 40,
        "DJANGO_SETTINGS_MODULE": "dispatchsim.settings",
        "LIVEKIT_API_SECRET": "livekit-secret-for-tests-" + "l" * 40,
        "REHEARSAL_API_KEY": "rehearsal-key-for-tests-" + "r" * 40,
        "SECRET_KEY": "secret-key-for-tests-" + "s" * 40,
    }
django.setup()
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes its time, by design
settings.WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for; else each client lists them all first
# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")


def pytest_sessionstart() -> None:
    """Bring collected static files up to date, where there are any: pages would get the older ones."""
    from dispatchsim.management.static_build import collect_when_needed  # noqa: PLC0415  (needs Django's apps)

    if (settings.STATIC_ROOT / "staticfiles.json").is_file():
        collect_when_needed()


def pytest_collection_finish() -> None:
    """Collect garbage from here on, without going through all modules and tests again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Bring the database back quickly after each test that commits."""
    from tests.database import copy_database, put_back  # noqa: PLC0415  (needs Django's apps)

    with django_db_blocker.unblock():
        copy = copy_database()
    with pytest.MonkeyPatch.context() as patch, closing(copy):
        put_back(copy, patch)
        yield


# Tests that wait for sound and browsers more than they compute, in three lines; more calls side by side than two of
# them hold keep each other waiting. A line is held by one worker, so that a stack that its tests share is started once.
LINES = {
    "own stacks": (
        "tests/live/test_agents_apart_and_late",
        "tests/live/test_stop_the_web",
        "tests/live/test_survive_faulty_models",
        "tests/live/test_survive_kills",
        "tests/live/test_watch_",
        "tests/security/test_observer_token",
        "tests/security/test_other_sites",
    ),
    "shared stack": ("tests/live/",),
    "looks": ("tests/looks/",),
}
# What keeps time comes last: by then the calls are over, and nothing else waits for the machine.
LAST = ("tests/agents/", "tests/rehearsal/", "tests/setup/", "tests/terminal/")


def line_of(nodeid: str) -> str:
    """Name the line of a test by its file; a file without a line is one of its own."""
    file = nodeid.partition("::")[0]
    return next((line for line, starts in LINES.items() if file.startswith(starts)), file)


class ByLine(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Give each line to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return line_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByLine:
    """Name the scheduler; without several workers pytest-xdist does not ask."""
    return ByLine(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers, begin with the long lines."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        places = {line: place for place, line in enumerate(LINES)}
        items.sort(key=lambda item: places.get(line_of(item.nodeid), len(LINES) + item.nodeid.startswith(LAST)))
