"""One-time sign-in links. The token is told once and kept only as a hash."""

import hashlib
import secrets
import shlex
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from dispatchsim.bootstrap.ports import DEFAULT_PORT
from dispatchsim.models import SignInLink

LINK_LIFE_S = 3600.0  # long enough to find the terminal again
TOKEN_BYTES = 32
OWNER = "owner"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


def create_sign_in_link(*, user: User | None = None, life_s: float = LINK_LIFE_S) -> str:
    """Make a link that signs `user` (by default the owner) in, once. Returns its absolute address."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    with transaction.atomic():
        SignInLink.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
        SignInLink.objects.create(
            token_hash=_hash(token),
            user=user or get_owner(),
            expires_at=now + timedelta(seconds=life_s),
        )
    return settings.DISPATCHSIM_WEB_URL + reverse("sign_in_link", args=[token])


def link_command(*, is_public: bool = False) -> str:
    """Tell what to type for another link, with the variables that lead to this installation.

    `is_public` is for a page that strangers can open: it names the variables, and where they point stays untold.
    """
    where: dict[str, str] = {}
    if settings.PORT != DEFAULT_PORT:
        where["PORT"] = str(settings.PORT)
    if settings.DISPATCHSIM_DATA_DIR != settings.BASE_DIR / "data":
        where["DISPATCHSIM_DATA_DIR"] = str(settings.DISPATCHSIM_DATA_DIR)
    local = f"http://127.0.0.1:{settings.PORT}"
    if settings.DISPATCHSIM_WEB_URL not in ("", local):
        where["DISPATCHSIM_WEB_URL"] = settings.DISPATCHSIM_WEB_URL
    hides = is_public and urlsplit(settings.DISPATCHSIM_WEB_URL).hostname not in LOOPBACK_HOSTS
    words = [f"{name}={'…' if hides else shlex.quote(value)}" for name, value in where.items()]
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        words.append("DATABASE_URL=…")  # it has a password in it
    return " ".join([*words, ".venv/bin/python manage.py sign_in_link"])


def redeem_sign_in_link(token: str) -> User | None:
    """Use a link up. None when it is unknown, used, expired, or its person may no longer sign in.

    One UPDATE decides: of two who come at once, one changes the row.
    """
    now = timezone.now()
    fresh = SignInLink.objects.filter(token_hash=_hash(token), used_at=None, expires_at__gt=now, user__is_active=True)
    if fresh.update(used_at=now) != 1:
        return None
    return SignInLink.objects.select_related("user").get(token_hash=_hash(token)).user


def get_owner() -> User:
    """Give the person who runs this installation, made when first asked for."""
    owner, is_new = User.objects.get_or_create(
        username=OWNER, defaults={"is_staff": True, "is_superuser": True, "first_name": "Owner"}
    )
    if is_new:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    return owner


def set_password(*, person: User, password: str) -> None:
    """Give a person a password; it signs them out everywhere else, and their waiting links are void."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        SignInLink.objects.filter(user=person, used_at=None).delete()


def is_invited(person: User) -> bool:
    """Tell whether somebody came by an invitation and has no password yet; the owner needs none."""
    return not person.has_usable_password() and person.get_username() != OWNER


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
