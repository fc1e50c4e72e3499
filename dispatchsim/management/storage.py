"""Whether data can be kept: folder, free space, secrets, database."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dispatchsim.management.doctoring import Finding, fail, ok, warn

GIB = 1024**3
LOW_BYTES, LEAST_BYTES = 1 * GIB, GIB // 10  # a call is some hundred kilobytes; logs and databases grow


def check_storage(folder: Path) -> list[Finding]:
    """Look at the data folder and what is in it."""
    if not folder.is_dir():
        return [warn("data folder", f"{folder} is not there yet.", "`make run` makes it.")]
    return [check_writing(folder), check_space(folder, shutil.disk_usage(folder).free), check_secrets_file(folder)]


def check_writing(folder: Path) -> Finding:
    """Write a file and take it away again."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        todo = "Give the folder to the user who runs the system, or set DISPATCHSIM_DATA_DIR to another one."
        return fail("data folder", f"{folder} cannot be written: {error.strerror}.", todo)
    return ok("data folder", f"{folder} can be written")


def check_space(folder: Path, free_bytes: int) -> Finding:
    """Judge the free space."""
    told = f"{free_bytes / GIB:.1f} GiB free"
    todo = f"Make room on the disk of {folder}, or set DISPATCHSIM_DATA_DIR to a folder on another one."
    if free_bytes < LEAST_BYTES:
        return fail("free space", f"{told}.", todo)
    return warn("free space", f"{told}.", todo) if free_bytes < LOW_BYTES else ok("free space", told)


def check_secrets_file(folder: Path) -> Finding:
    """See that nobody else can read the secrets."""
    path = folder / "secrets.env"
    if not path.is_file():
        return warn("secrets", "none are kept yet.", "`make run` makes them.")
    others = stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    if others:
        return warn("secrets", "others on this machine can read them.", f"chmod 600 {path}")
    return ok("secrets", "readable by their owner alone")


def has_database() -> bool:
    """Tell whether there is one to open; SQLite would make an empty one."""
    return connection.vendor != "sqlite" or Path(connection.settings_dict["NAME"]).is_file()


def check_database() -> Finding:
    """Open the database and see whether its tables are the newest."""
    if not has_database():
        return warn("database", "not there yet.", "`make run` makes it.")
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return warn(
                "database", f"{len(waiting)} migrations wait.", "`make run` or `manage.py migrate` applies them."
            )
    except DatabaseError as error:
        return fail("database", f"It cannot be used: {error}.", "Check DATABASE_URL, or the data folder and its owner.")
    return ok("database", f"{connection.vendor}, tables up to date")
