"""Another site can make a browser send its cookies: forms, API calls and sockets from there are refused."""

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.live.stack import BESIDES_WEB, Stack
from tests.security.policy import weaknesses
from tests.security.web_alone import Site

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]
EVIL = "http://evil.example"
FORMS = (
    "/conversations/launch/",
    "/conversations/{call}/end/",
    "/conversations/{call}/token/",
    "/sign-out/",
    "/sign-in/",
)
OPERATIONS = ("conversations/create", "conversations/{call}/end", "conversations/{call}/token")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Site]:
    with Stack(tmp_path_factory.mktemp("web")).running(prepared, "web", without=BESIDES_WEB) as stack:
        yield Site(stack)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_another_site_is_refused_even_with_the_right_token(site: Site, path: str) -> None:
    form = f"csrfmiddlewaretoken={site.csrf}"

    answer = site.send("POST", path.format(call=site.call), form, Cookie=site.cookies, Origin=EVIL)

    assert answer.status == 403


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1.evil.example", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_an_origin_that_looks_alike_is_refused(site: Site, origin: str) -> None:
    form, path = f"csrfmiddlewaretoken={site.csrf}", f"/conversations/{site.call}/token/"

    assert site.send("POST", path, form, Cookie=site.cookies, Origin=origin).status == 403


@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_the_token_is_refused(site: Site, path: str) -> None:
    answer = site.send("POST", path.format(call=site.call), Cookie=site.cookies, Origin=site.origin)

    assert answer.status == 403


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_api_call_with_the_cookie_alone_is_refused(site: Site, operation: str, kind: str) -> None:
    body, path = json.dumps({"scenario": "chicken-to-dallas"}), f"/api/v1/{operation.format(call=site.call)}"

    answer = site.send("POST", path, body, kind, Cookie=site.cookies, Origin=site.origin)

    assert (answer.status, json.loads(answer.body)["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_api_call_of_another_site_is_refused_even_with_the_right_token(site: Site, operation: str) -> None:
    path = f"/api/v1/{operation.format(call=site.call)}"

    answer = site.send("POST", path, "{}", "application/json", Cookie=site.cookies, Origin=EVIL, X_CSRFToken=site.csrf)

    assert answer.status == 403


@pytest.mark.parametrize("path", ["/api/v1/conversations", "/conversations/", "/api/v1/openapi.json"])
def test_another_site_may_not_read_answers(site: Site, path: str) -> None:
    answer = site.send("GET", path, Cookie=site.cookies, Origin=EVIL)

    assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []


def test_our_own_form_passes(site: Site) -> None:
    form, path = f"csrfmiddlewaretoken={site.csrf}", f"/conversations/{site.call}/token/"

    assert site.send("POST", path, form, Cookie=site.cookies, Origin=site.origin).status == 200


def open_socket(site: Site, **headers: str) -> str:
    address = f"{site.origin.replace('http', 'ws')}/ws/conversations/{site.call}/"
    with connect(address, additional_headers=headers, open_timeout=20) as socket:
        return str(socket.recv(timeout=20))


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:1", "file://", "https://localhost"]
)
def test_a_socket_of_another_site_is_refused(site: Site, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        open_socket(site, Cookie=site.cookies, Origin=origin)

    assert refusal.value.response.status_code == 403


def test_a_socket_that_names_no_origin_is_refused_the_cookie(site: Site) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        open_socket(site, Cookie=site.cookies)


def test_a_socket_of_our_own_page_opens(site: Site) -> None:
    assert '"type"' in open_socket(site, Cookie=site.cookies, Origin=site.origin)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 302),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/api/v1/nowhere", {}, 404),
        ("GET", "/static/css/base.css", {}, 200),
        ("GET", "/static/nothing.css", {}, 404),
        ("GET", "/admin/login/", {}, 302),
        ("GET", "/api/v1/docs", {}, 200),
        ("GET", "/", {"Host": "evil.example"}, 400),
        ("POST", "/sign-in/", {}, 403),
        ("BREW", "/sign-in/", {}, 403),
        ("GET", "/sign-in/?next=%00", {}, 200),
        ("GET", "/%ff", {}, 404),
    ],
)
def test_every_kind_of_answer_carries_the_strict_policy(
    site: Site, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = site.send(method, path, **headers)

    assert (answer.status, weaknesses(dict(answer.headers))) == (status, [])
