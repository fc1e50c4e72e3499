"""Which operation answers whom: an author, an operator, a viewer, a stranger, nobody, a script."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.api.calls import CREATE, make_call, post
from tests.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rooms", "voice_model", "library")]
READS = ("conversations", "scenarios", "personas", "conversations/{id}/status", "conversations/{id}/transcript")
WRITES = ("conversations/create", "conversations/{id}/end")


def call(client: Client, operation: str) -> int:
    path = "/api/v1/" + operation.format(id=make_call().pk)
    if operation in READS:
        return int(client.get(path).status_code)
    body = {"scenario": "chicken-to-dallas"} if operation.endswith("create") else None
    return int(post(client, path, body).status_code)


@pytest.mark.parametrize("operation", [*READS, "conversations/{id}/token"])
@pytest.mark.parametrize(("name", "status"), [("author", 200), ("operator", 200), ("viewer", 200), ("stranger", 403)])
def test_viewers_may_look_and_listen(request: pytest.FixtureRequest, operation: str, name: str, status: int) -> None:
    person: User = request.getfixturevalue(name)

    assert call(signed_in(person), operation) == status


@pytest.mark.parametrize(
    ("name", "is_allowed"), [("author", True), ("operator", True), ("viewer", False), ("stranger", False)]
)
@pytest.mark.parametrize(("operation", "status"), [("conversations/create", 201), ("conversations/{id}/end", 200)])
def test_operators_may_launch_and_end(
    request: pytest.FixtureRequest, operation: str, status: int, name: str, is_allowed: bool
) -> None:
    person: User = request.getfixturevalue(name)

    assert call(signed_in(person), operation) == (status if is_allowed else 403)


@pytest.mark.parametrize("operation", [*READS, *WRITES, "conversations/{id}/token"])
def test_nobody_is_asked_to_sign_in(client: Client, operation: str) -> None:
    assert call(client, operation) == 401


@pytest.mark.parametrize("operation", [*READS, *WRITES, "conversations/{id}/token"])
def test_a_script_with_the_token_may_do_what_operators_may(script: Client, operation: str) -> None:
    assert call(script, operation) in (200, 201)


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic b3duZXI6eA==", "wrong"])
@pytest.mark.usefixtures("api_token")
def test_a_wrong_token_is_refused_even_with_a_session(operator: User, header: str) -> None:
    answer = signed_in(operator).get("/api/v1/scenarios", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_no_token_works_while_none_is_set(client: Client, settings: Settings) -> None:
    settings.DISPATCHSIM_API_TOKEN = ""

    assert client.get("/api/v1/scenarios", headers={"Authorization": "Bearer "}).status_code == 401


def test_a_refusal_says_how_to_get_in(client: Client) -> None:
    answer = client.get("/api/v1/scenarios")

    assert (answer.headers["WWW-Authenticate"], set(answer.json())) == ("Bearer", {"code", "message", "hint"})


def test_a_stranger_is_told_whom_to_ask(stranger: User) -> None:
    body = signed_in(stranger).get("/api/v1/scenarios").json()

    assert (body["code"], "administrator" in body["hint"]) == ("not_allowed", True)


def test_a_session_needs_the_csrf_token_to_change_something(operator: User) -> None:
    browser = signed_in(operator, enforce_csrf_checks=True)

    answer = post(browser, CREATE, {"scenario": "chicken-to-dallas"})

    assert (answer.status_code, "CSRF" in answer.json()["message"]) == (403, True)


def test_a_session_with_the_csrf_token_may_launch(operator: User, settings: Settings) -> None:
    browser = signed_in(operator, enforce_csrf_checks=True)
    browser.get("/api/v1/docs")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value

    answer = post(browser, CREATE, {"scenario": "chicken-to-dallas"}, **{"X-CSRFToken": token})

    assert answer.status_code == 201


def test_a_script_needs_no_csrf_token(api_token: str) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {api_token}"})

    assert post(browser, CREATE, {"scenario": "chicken-to-dallas"}).status_code == 201


def test_rights_are_looked_at_before_the_input(stranger: User) -> None:
    assert post(signed_in(stranger), CREATE, {"nonsense": 1}).status_code == 403


def test_a_closed_account_is_nobody(operator: User) -> None:
    browser = signed_in(operator)
    User.objects.filter(pk=operator.pk).update(is_active=False)

    assert browser.get(f"/api/v1/conversations/{uuid4()}/status").status_code == 401
