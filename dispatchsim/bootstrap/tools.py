"""Build tools for machines without them: Go and node as Python packages, each in a folder of its own."""

from pathlib import Path

from dispatchsim.bootstrap.paths import BUILD, ROOT
from dispatchsim.bootstrap.python import ensure_venv, install


def ensure_tool(name: str, *, title: str) -> Path:
    """Install `requirements-<name>.txt` beside the project's own packages; return its bin folder."""
    folder = BUILD / "tools" / name
    ensure_venv(folder)
    install(folder, ROOT / f"requirements-{name}.txt", title=title)
    return folder / "bin"
