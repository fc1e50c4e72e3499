"""Take library files in, all of them or none."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatchsim.services.library_content import KINDS
from dispatchsim.services.library_files import ReadFile, read_file
from dispatchsim.services.library_import import ImportPlan, Outcome, apply_import, plan_import

_SUFFIXES = {".yaml", ".yml", ".json"}


class Command(BaseCommand):
    """Import files and folders as `export_library` writes them."""

    help = "Import scenarios and personas from library files or folders: all of them, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what to read, and whether to look only."""
        parser.add_argument("paths", nargs="+", type=Path, help="files, or folders with scenarios/ and personas/")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, and write nothing")

    def handle(self, *_args: Any, paths: list[Path], dry_run: bool, **_options: Any) -> None:
        """Check, write, and tell what is new and what changed."""
        files = [file for path in paths for file in _read(path)]
        plan = plan_import(files)
        if plan.problems:
            told = "\n".join(f"  {problem}" for problem in plan.problems)
            raise CommandError(f"Nothing was imported.\n{told}")
        if not dry_run:
            plan = apply_import(files)
        self._tell(plan)
        self.stdout.write(f"{plan.summary}{'; nothing was written' if dry_run else ''}.")

    def _tell(self, plan: ImportPlan) -> None:
        for planned in plan.to_write:
            fields = ", ".join(change.field for change in planned.changes)
            told = "new" if planned.outcome is Outcome.NEW else f"changed: {fields}"
            self.stdout.write(f"{planned.name} {told}")
        for doubt in plan.doubts:
            self.stderr.write(f"warning: {doubt}")


def _read(path: Path) -> list[ReadFile]:
    try:
        if not path.is_dir():
            return [read_file(f"{path.parent.name}/{path.name}", path.read_bytes())]
        found = sorted(file for kind in KINDS for file in (path / kind).glob("*") if file.suffix.lower() in _SUFFIXES)
        return [read_file(f"{file.parent.name}/{file.name}", file.read_bytes()) for file in found]
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
