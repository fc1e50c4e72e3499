"""The browser's parts: pinned npm packages, never run, only served."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from dispatchsim.bootstrap.console import step
from dispatchsim.bootstrap.paths import ROOT
from dispatchsim.bootstrap.shell import run_logged
from dispatchsim.bootstrap.stamps import Stamp, digest
from dispatchsim.bootstrap.tools import ensure_tool

MODULES = ROOT / "node_modules"


def node_stamp() -> Stamp:
    """Tell the stamp of installed npm packages; `npm ci` wipes the folder and with it the stamp."""
    return Stamp(MODULES / ".dispatchsim-stamp", digest([ROOT / "package.json", ROOT / "package-lock.json"]))


def ensure_node_modules() -> None:
    """Install what package-lock.json names, unless that is done already."""
    stamp = node_stamp()
    if stamp.is_current():
        return
    stamp.remove()
    npm, environ = _find_npm(os.environ)
    with step("JavaScript packages"):
        run_logged(
            [npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit"],
            log="npm.log",
            failure="The JavaScript packages could not be installed",
            cwd=ROOT,
            environ=environ,
        )
    stamp.write()


def _find_npm(environ: Mapping[str, str]) -> tuple[Path, dict[str, str]]:
    """Use npm from PATH, else the one that a Python package carries."""
    found = shutil.which("npm", path=environ.get("PATH"))
    if found and shutil.which("node", path=environ.get("PATH")):
        return Path(found), dict(environ)
    folder = ensure_tool("node", title="Node.js, as this machine has none")
    return folder / "npm", {**environ, "PATH": f"{folder}{os.pathsep}{environ.get('PATH', '')}"}
