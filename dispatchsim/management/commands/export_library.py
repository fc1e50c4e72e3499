"""Write scenarios and personas as library files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatchsim.services.library_content import KINDS, Entry, folder_of
from dispatchsim.services.library_files import FileFormat, write_entries, write_entry


class Command(BaseCommand):
    """Export the library: into a folder, one file an entry, or as one file."""

    help = "Write scenarios and personas as library files, which import_library and the admin read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where to and in which format."""
        parser.add_argument("path", nargs="?", help="a folder, or a .yaml or .json file; printed when left out")
        parser.add_argument(
            "--format", choices=[one.value for one in FileFormat], help="yaml, unless the file says json"
        )
        parser.add_argument("--only", nargs="+", metavar="SLUG", help="these entries alone")

    def handle(
        self,
        *_args: Any,
        path: str | None,
        format: str | None,  # noqa: A002  (the name of the option)
        only: list[str] | None,
        **_options: Any,
    ) -> None:
        """Write the files and tell how many."""
        entries = _find_entries(only)
        target = Path(path) if path else None
        suffix = target.suffix.lower() if target else ""
        file_format = FileFormat(format or ("json" if suffix == ".json" else "yaml"))
        if target is None:
            self.stdout.write(write_entries(entries, file_format), ending="")
            return
        try:
            if suffix in {".yaml", ".yml", ".json"}:
                target.write_text(write_entries(entries, file_format), encoding="utf-8")
            else:
                _write_folder(target, entries, file_format)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{len(entries)} written to {target}.")


def _find_entries(only: list[str] | None) -> list[Entry]:
    entries: list[Entry] = [entry for model in KINDS.values() for entry in model._default_manager.order_by("slug")]
    if only is None:
        return entries
    unknown = set(only) - {entry.slug for entry in entries}
    if unknown:
        raise CommandError(f"There is no scenario or persona named {', '.join(sorted(unknown))}.")
    return [entry for entry in entries if entry.slug in only]


def _write_folder(folder: Path, entries: list[Entry], file_format: FileFormat) -> None:
    for entry in entries:
        file = folder / folder_of(entry) / f"{entry.slug}.{file_format}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(write_entry(entry, file_format), encoding="utf-8")
