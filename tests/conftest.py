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
from django.conf import settings

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


def pytest_sessionstart() -> None:
    """Bring collected static files up to date, where there are any: pages would get the older ones."""
    from dispatchsim.management.static_build import collect_when_needed  # noqa: PLC0415  (needs Django's apps)

    if (settings.STATIC_ROOT / "staticfiles.json").is_file():
        collect_when_needed()
