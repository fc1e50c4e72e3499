"""Print a one-time sign-in link."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from dispatchsim.services.sign_in import LINK_LIFE_S, create_sign_in_link


class Command(BaseCommand):
    """Make a one-time sign-in link and print it."""

    help = "Print a one-time sign-in link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say for whom and for how long."""
        parser.add_argument("--user", default="", help="user name; the owner when left out")
        parser.add_argument("--life-s", type=float, default=LINK_LIFE_S, help="seconds until the link expires")

    def handle(self, *_args: Any, user: str, life_s: float, **_options: Any) -> None:
        """Print the link alone, so that scripts can take it."""
        person = User.objects.filter(username=user).first() if user else None
        if user and person is None:
            raise CommandError(f"There is no user {user!r}. Add one in the admin, or leave --user out.")
        if life_s <= 0:
            raise CommandError("--life-s must be more than 0.")
        self.stdout.write(create_sign_in_link(user=person, life_s=life_s))
