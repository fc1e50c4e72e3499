"""Collected static files, made anew only when a source changed."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from dispatchsim.bootstrap.locking import only_one
from dispatchsim.bootstrap.stamps import Stamp, digest


def collect_when_needed() -> bool:
    """Collect static files if a source is new or changed; return whether that was so."""
    root = Path(settings.STATIC_ROOT)
    with only_one(root.with_suffix(".lock"), waiting_for="another stack that collects static files"):
        stamp = Stamp(root.with_suffix(".stamp"), digest([], *sorted(_sources())))
        if stamp.is_current() and (root / "staticfiles.json").is_file():
            return False
        stamp.remove()
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write()
        return True


def _sources() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            yield f"{name} {status.st_size} {status.st_mtime_ns}"
