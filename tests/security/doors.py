"""Every door of the web side, by its route, and who stands before it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from channels.routing import URLRouter
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from dispatchsim.api.v1 import api
from dispatchsim.asgi import application
from dispatchsim.domain.conversation import Role
from dispatchsim.models import AgentServer, ModelPrice, Persona, Scenario
from dispatchsim.models.model_price import KINDS
from tests.pages.calls import running_call

MATRIX = Path(__file__).with_name("matrix.txt")
PEOPLE = ("nobody", "stranger", "viewer", "operator", "author", "owner", "script")
SOCKET = "SOCKET"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Row:
    """What each person gets at one door."""

    method: str
    route: str
    expected: dict[str, str]

    def __str__(self) -> str:
        answers = "".join(f"{self.expected[person]:<9}" for person in PEOPLE)
        return f"{self.method:<7}{answers}{self.route}"


@cache
def read_matrix() -> dict[tuple[str, str], Row]:
    """Read the table; a line is a method, the answers in the order of PEOPLE, and the route."""
    rows = {}
    for line in MATRIX.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            method, *answers, route = line.split(maxsplit=len(PEOPLE) + 1)
            rows[method, route] = Row(method, route, dict(zip(PEOPLE, answers, strict=True)))
    return rows


def find_doors() -> set[tuple[str, str]]:
    """Find every route with GET and POST, every operation of the API, and every socket."""
    plain = {(method, route) for route in _routes(get_resolver().url_patterns) for method in ("GET", "POST")}
    return plain | _find_operations() | {(SOCKET, route) for route in _find_sockets()}


def _routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{before}/{str(pattern.pattern).lstrip('^')}".replace("//", "/")
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route.removesuffix("$")


def _find_operations() -> set[tuple[str, str]]:
    by_shape = {_shape(route): route for route in _routes(get_resolver().url_patterns)}
    paths = api.get_openapi_schema()["paths"]
    return {(method.upper(), by_shape[_shape(path)]) for path, operations in paths.items() for method in operations}


def _shape(path: str) -> str:
    return re.sub(r"<[^>]+>|\{[^}]+\}", "*", path)


def _find_sockets(app: Any = None) -> Iterator[str]:
    app = application.application_mapping["websocket"] if app is None else app
    while not isinstance(app, URLRouter):  # sessions, sign-in
        app = getattr(app, "inner", None) or app.application
    for route in app.routes:
        assert isinstance(route, URLPattern)
        yield f"/{route.pattern}"


def build_path(route: str) -> str:
    """Fill the parameters of a route with things that exist."""
    return PARAMETER.sub(lambda match: _value(route, match[1] or match[2]), route)


def _value(route: str, name: str) -> str:
    match name:
        case "conversation_id" | "room_id":
            return str(running_call().pk)
        case "object_id" | "id" | "pk":
            return str(_make_thing(route).pk)
        case "content_type_id":
            return str(ContentType.objects.get_for_model(Scenario).pk)
        case "number":
            return "1"
        case "app_label":
            return "dispatchsim"
        case _:
            return "nothing-of-that-name"


def _make_thing(route: str) -> Model:
    make = _THINGS.get(route.split("/")[3], lambda: Scenario.objects.all()[0])
    thing: Model = make()
    return thing


def _make_agent_server() -> Model:
    return AgentServer.objects.create(server_id="AW_1", role=Role.DRIVER, last_seen_at=timezone.now())


def _make_price() -> Model:
    return ModelPrice.objects.create(model="gpt-of-tomorrow", **dict.fromkeys(KINDS, 1))


_THINGS: Mapping[str, Callable[[], Any]] = {
    "group": lambda: Group.objects.get(name="viewers"),
    "user": lambda: User.objects.get(username="sam"),
    "persona": lambda: Persona.objects.all()[0],
    "conversation": running_call,
    "agentserver": _make_agent_server,
    "modelprice": _make_price,
}
