"""A clean environment for every test: no key, no address of the person's own, no data folder of theirs.

pytest-django would read the settings before this file if pyproject.toml named them; so they are named here,
after the environment has been scrubbed.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.environment import SCRUBBED

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
settings.WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for; else each client lists them all first
# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")


def pytest_sessionstart() -> None:
    """Bring collected static files up to date, where there are any: pages would get the older ones."""
    from dispatchsim.management.static_build import collect_when_needed  # noqa: PLC0415  (needs Django's apps)

    if (settings.STATIC_ROOT / "staticfiles.json").is_file():
        collect_when_needed()


# Lines of tests that wait for sound and browsers more than they compute: side by side they leave the cores to the rest.
WAITING_LINES = ("own stacks", "shared stack", "looks")


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers: live tests in one line for each kind of stack, long lines first, other tests by file."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    lines = {item.nodeid: _line_of(item) for item in items}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(lines[item.nodeid]))
    places = {line: place for place, line in enumerate(WAITING_LINES)}
    items.sort(key=lambda item: places.get(lines[item.nodeid], len(places)))


def _line_of(item: pytest.Item) -> str:
    if "site" in getattr(item, "fixturenames", ()):
        return "looks"
    if item.get_closest_marker("live"):
        return "shared stack" if "stack" in getattr(item, "fixturenames", ()) else "own stacks"
    return item.path.stem
