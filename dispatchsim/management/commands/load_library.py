"""Load the scenarios and personas that come with the project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.services.library import load_library


class Command(BaseCommand):
    """Load each library file once; authors' edits and deletions stay."""

    help = "Load the scenarios and personas that come with the project, each once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let a person ask for deleted entries."""
        parser.add_argument("--again", nargs="+", default=[], metavar="SLUG", help="bring back deleted entries")

    def handle(self, *_args: Any, again: list[str], **_options: Any) -> None:
        """Load and tell what is new."""
        try:
            loaded = load_library(again=again)
        except DispatchsimError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        for name in loaded.created:
            self.stdout.write(f"added {name}")
        self.stdout.write(f"{len(loaded.created)} added, {len(loaded.kept)} left as they are.")
