#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from dispatchsim.bootstrap import secrets


def main() -> None:
    """Run a management command."""
    secrets.load()  # settings read the environment once, at import
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatchsim.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (settings come first)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
