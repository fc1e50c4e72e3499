"""Every route and every operation by everybody, against `matrix.txt`."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.services.sign_in import get_owner
from tests.api.conftest import API_TOKEN
from tests.api.fake_rooms import FakeRooms
from tests.library_rows import add_library
from tests.people import make_person
from tests.security.doors import PEOPLE, SOCKET, Row, build_path, find_doors, read_matrix
from tests.security.policy import weaknesses

pytestmark = pytest.mark.django_db
Door = tuple[str, str]
ROWS = [row for row in read_matrix().values() if row.method != SOCKET]
OTHER_METHODS = ("PUT", "PATCH", "DELETE")
REFUSALS = frozenset({"in", "302", "400", "401", "403", "404", "405", "410"})


@dataclass(frozen=True)
class Answer:
    """What a person was answered, without the page: a thousand of them are kept."""

    status: int
    headers: dict[str, str]

    def __str__(self) -> str:
        """Give the status, or `in` for being sent to sign in."""
        is_sent_away = self.status == 302 and self.headers["Location"].startswith(("/sign-in/", "/admin/login/"))
        return "in" if is_sent_away else str(self.status)


class Visits:
    """Everybody knocks at every door once; each visit leaves things as they were."""

    def __init__(self) -> None:
        self._people: dict[str, User | None] = {
            "nobody": None,
            "stranger": make_person("sam"),
            "viewer": make_person("vera", "viewers"),
            "operator": make_person("oscar", "operators"),
            "author": make_person("ada", "authors"),  # nobody made her staff
            "owner": get_owner(),
            "clerk": make_person("carl", is_staff=True),  # comes into the admin, and has no right there
            "script": None,
        }
        self._cookies = {name: sign_in(person) for name, person in self._people.items()}
        self._answers: dict[tuple[str, str, str], Answer] = {}

    def row(self, method: str, route: str) -> Row:
        """Measure a row of the matrix."""
        return Row(method, route, {name: str(self.answer(name, method, route)) for name in PEOPLE})

    def answer(self, name: str, method: str, route: str) -> Answer:
        """Give what this person is answered."""
        if (name, method, route) not in self._answers:
            with transaction.atomic():
                self._answers[name, method, route] = self._knock(name, method, route)
                transaction.set_rollback(True)
        return self._answers[name, method, route]

    def _knock(self, name: str, method: str, route: str) -> Answer:
        headers = {"Authorization": f"Bearer {API_TOKEN}"} if name == "script" else {}
        client = Client(raise_request_exception=False, headers=headers)  # a server error is an answer too
        client.cookies.load(self._cookies[name])
        kind = "application/json" if route.startswith("/api/") else "application/x-www-form-urlencoded"
        given = client.generic(method, build_path(route), content_type=kind)
        return Answer(given.status_code, dict(given.items()))


def sign_in(person: User | None) -> dict[str, str]:
    """Give the cookies of a person who has signed in."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return {name: cookie.value for name, cookie in client.cookies.items()}


@pytest.fixture(scope="module")
def visits(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Visits]:
    with (
        django_db_blocker.unblock(),
        override_settings(DISPATCHSIM_API_TOKEN=API_TOKEN),
        use_rooms(FakeRooms()),
        transaction.atomic(),
    ):
        add_library()
        yield Visits()
        transaction.set_rollback(True)


def name_of(row: Row) -> str:
    return f"{row.method} {row.route}"


def test_every_door_has_a_row(visits: Visits) -> None:
    missing = sorted(find_doors() - set(read_matrix()), key=lambda door: (door[1], door[0]))

    rows = [name_of_door(door) if door[0] == SOCKET else str(visits.row(*door)) for door in missing]
    assert rows == [], "add to matrix.txt, once each answer is what it should be:\n" + "\n".join(rows)


def name_of_door(door: Door) -> str:
    return " ".join(door)


def test_every_row_has_a_door() -> None:
    assert set(read_matrix()) - find_doors() == set()


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_everybody_gets_what_the_matrix_says(visits: Visits, row: Row) -> None:
    assert str(visits.row(row.method, row.route)) == str(row)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_every_answer_carries_the_strict_policy(visits: Visits, row: Row) -> None:
    found = {name: weaknesses(visits.answer(name, row.method, row.route).headers) for name in PEOPLE}

    assert {name: weak for name, weak in found.items() if weak} == {}


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_other_methods_open_nothing(visits: Visits, method: str) -> None:
    routes = [row.route for row in ROWS if row.method == "POST" and (method, row.route) not in read_matrix()]
    behind_a_right = [route for route in routes if read_matrix()["POST", route].expected["stranger"] in REFUSALS]

    found = {route: str(visits.answer("stranger", method, route)) for route in behind_a_right}
    assert {route: answer for route, answer in found.items() if answer not in REFUSALS} == {}


def test_staff_without_a_right_reads_and_changes_nothing_in_the_admin(visits: Visits) -> None:
    doors = [(row.method, row.route) for row in ROWS if row.route.startswith(("/admin/auth/", "/admin/dispatchsim/"))]

    found = {door: str(visits.answer("clerk", *door)) for door in doors}
    assert {door: answer for door, answer in found.items() if answer not in REFUSALS} == {}
