"""Who may do what: three groups of people, and scripts with the API token."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User
from django.db import DEFAULT_DB_ALIAS, transaction

from dispatchsim.domain.errors import NotAllowedError

LAUNCH = "dispatchsim.launch_conversation"
END = "dispatchsim.end_conversation"
LABEL = "dispatchsim.label_conversation"
DELETE = "dispatchsim.delete_conversation"
VIEW_CONVERSATION = "dispatchsim.view_conversation"
VIEW_SCENARIO = "dispatchsim.view_scenario"
VIEW_PERSONA = "dispatchsim.view_persona"
WRITE_SCENARIO = "dispatchsim.change_scenario"
WRITE_PRICES = "dispatchsim.add_modelprice"

_VIEWER = frozenset(
    f"dispatchsim.view_{model}"
    for model in ("conversation", "agentseat", "agentserver", "event", "turn", "scenario", "persona")
)
_OPERATOR = _VIEWER | {LAUNCH, END, LABEL}
_AUTHOR = (
    _OPERATOR
    | {DELETE}
    | {f"dispatchsim.{action}_{model}" for action in ("add", "change", "delete") for model in ("scenario", "persona")}
    | {f"dispatchsim.{action}_modelprice" for action in ("view", "add", "change", "delete")}
)
# Viewers listen and read; operators launch, end and label as well; authors also write the library and prices, and
# delete calls. Prices decide what a budget lets pass: who spends does not set them.
GROUP_PERMISSIONS: dict[str, frozenset[str]] = {"viewers": _VIEWER, "operators": _OPERATOR, "authors": _AUTHOR}


class Access(StrEnum):
    """What a person may do: each may also do what stands above it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    AUTHOR = "author"
    OWNER = "owner"

    @property
    def sentence(self) -> str:
        """Say it in a few words."""
        return _ACCESS_SENTENCES[self]


_ACCESS_SENTENCES = {
    Access.VIEWER: "listens to calls and reads them",
    Access.OPERATOR: "also launches, ends and labels calls",
    Access.AUTHOR: "also writes scenarios, personas and prices, and deletes calls",
    Access.OWNER: "may do everything, and says who else may do what",
}
_GROUPS = {Access.AUTHOR: "authors", Access.OPERATOR: "operators", Access.VIEWER: "viewers"}  # the highest first


@dataclass(frozen=True)
class Caller:
    """Who asks: a signed-in person, or a script with the API token and an operator's rights."""

    user: User | None

    def has(self, permission: str) -> bool:
        """Tell whether the caller holds a right such as `dispatchsim.launch_conversation`."""
        if self.user is None:
            return permission in GROUP_PERMISSIONS["operators"]
        return self.user.has_perm(permission)

    def require(self, permission: str) -> None:
        """Refuse a caller without this right."""
        if not self.has(permission):
            raise NotAllowedError(
                f"This needs the right {permission.removeprefix('dispatchsim.').replace('_', ' ')!r}.",
                hint="Ask an administrator to add you to the group viewers, operators or authors.",
            )


def is_api_token(token: str) -> bool:
    """Compare with DISPATCHSIM_API_TOKEN in constant time; an empty setting fits nothing."""
    expected = settings.DISPATCHSIM_API_TOKEN
    return bool(expected) and secrets.compare_digest(token.encode(), expected.encode())


def find_person(user: AbstractBaseUser | AnonymousUser) -> User | None:
    """Give the signed-in person behind a request's user, if there is one."""
    return user if isinstance(user, User) and user.is_authenticated else None


def may_enter_library(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell who comes into the admin: staff, and authors without anybody having made them staff."""
    person = find_person(user)
    return person is not None and person.is_active and (person.is_staff or person.has_perm(WRITE_SCENARIO))


def find_access(person: User) -> Access | None:
    """Give what a person may do; None for nothing yet, and for rights that somebody put together one by one."""
    if person.is_superuser:
        return Access.OWNER
    if person.is_staff or person.user_permissions.exists():
        return None
    groups = {group.name for group in person.groups.all()}
    return next((access for access, name in _GROUPS.items() if name in groups), None)


def give_access(*, person: User, access: Access) -> None:
    """Let a person do this much and nothing else."""
    with transaction.atomic():
        person.is_superuser = person.is_staff = access is Access.OWNER
        person.save(update_fields=["is_superuser", "is_staff"])
        person.groups.set(Group.objects.filter(name=_GROUPS.get(access, "")))
        person.user_permissions.clear()


def on_migrated(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Bring the groups in step with the code after every `migrate`."""
    if using == DEFAULT_DB_ALIAS:
        create_permissions(sender, verbosity=0, using=using)
        sync_groups()


def sync_groups() -> None:
    """Create the groups and give each exactly its rights; people keep their groups."""
    for name, codes in GROUP_PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(_find_permissions(codes))


def _find_permissions(codes: frozenset[str]) -> Iterator[Permission]:
    names = [code.partition(".")[2] for code in codes]
    return Permission.objects.filter(content_type__app_label="dispatchsim", codename__in=names).iterator()
