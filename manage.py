#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from dispatchsim.bootstrap import secrets

# These work on a system that was set up; without one, a line says so instead of a check for each thing that is missing.
NEED_A_SYSTEM = frozenset(
    {
        *("changepassword", "createsuperuser", "export_library", "import_library", "load_library"),
        *("rehearse", "sign_in_link", "supervise", "up"),
    }
)


def main() -> None:
    """Run a management command."""
    secrets.load()  # settings read the environment once, at import
    if sys.argv[1:2] and sys.argv[1] in NEED_A_SYSTEM and (missing := secrets.explain_unprepared(os.environ)):
        sys.exit(missing)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatchsim.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (settings come first)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
