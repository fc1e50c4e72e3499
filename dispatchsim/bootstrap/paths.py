"""Where things are: the project, its virtual environment, the data folder, the cache of this user."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
BUILD = ROOT / "build"  # stamps, logs, tools and collected static files; safe to delete


def data_dir(environ: Mapping[str, str]) -> Path:
    """Tell where database, secrets and logs are kept; settings.py reads the same variable."""
    return Path(environ.get("DISPATCHSIM_DATA_DIR") or ROOT / "data").resolve()


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Tell where this user's built LiveKit servers are kept, shared by all clones."""
    if environ.get("XDG_CACHE_HOME"):
        return Path(environ["XDG_CACHE_HOME"]) / "dispatchsim"
    home = Path(environ.get("HOME") or os.path.expanduser("~"))
    base = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return base / "dispatchsim"
