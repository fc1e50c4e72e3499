"""Static files, log lines and the shape of errors, under the server that runs for real."""

import logging
import re
from pathlib import Path

import pytest
import structlog
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from pytest_django import Settings

from dispatchsim.gateways.logs import HIDDEN, build_formatter, hide_secrets
from dispatchsim.gateways.static_files import HashedStaticFilesStorage
from dispatchsim.middleware import shape_api_error

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STYLES = ROOT / "static" / "css" / "admin.css"


@pytest.fixture
def plain_files(settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = True


@pytest.mark.usefixtures("plain_files")
async def test_a_static_file_is_answered_whole_under_asgi(async_client: AsyncClient) -> None:
    answer = await async_client.get("/static/css/admin.css")

    assert (answer.status_code, answer.streaming, answer.content) == (200, False, STYLES.read_bytes())


@pytest.mark.usefixtures("plain_files")
def test_a_static_file_is_answered_whole_under_wsgi(client: Client) -> None:
    answer = client.get("/static/css/admin.css")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')


@pytest.mark.usefixtures("plain_files")
def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    first = client.get("/static/css/admin.css")

    answer = client.get("/static/css/admin.css", headers={"If-None-Match": first.headers["ETag"]})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.usefixtures("plain_files")
def test_a_static_file_carries_the_security_policy(client: Client) -> None:
    assert "default-src 'none'" in client.get("/static/css/admin.css").headers["Content-Security-Policy"]


def test_every_static_file_that_a_template_names_is_there() -> None:
    names = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", path.read_text(encoding="utf-8"))
    }

    assert names
    assert [name for name in names if finders.find(name) is None] == []


def test_scripts_that_import_each_other_find_the_hashed_names(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text('import { go } from "./part.js";\ngo();\n', encoding="utf-8")
    (tmp_path / "js" / "part.js").write_text("export function go() {}\n", encoding="utf-8")
    storage = HashedStaticFilesStorage(location=tmp_path, base_url="/static/")

    list(storage.post_process({name: (storage, name) for name in ("js/main.js", "js/part.js")}))

    collected = (tmp_path / storage.stored_name("js/main.js")).read_text(encoding="utf-8")
    assert re.search(r'from "\./part\.[0-9a-f]{12}\.js"', collected)


def test_a_file_that_was_not_collected_keeps_its_name(tmp_path: Path) -> None:
    storage = HashedStaticFilesStorage(location=tmp_path, base_url="/static/")

    assert storage.stored_name("js/new.js") == "js/new.js"


@pytest.mark.django_db
def test_a_log_line_tells_the_route_and_not_the_address(client: Client) -> None:
    with structlog.testing.capture_logs() as lines:
        client.get("/sign-in/some-secret-token-of-a-link/?next=/secret")

    line = next(line for line in lines if line["event"] == "request answered")
    assert line["route"] == "/sign-in/<str:token>/"
    assert "secret" not in str(line)


@pytest.mark.parametrize(
    ("fields", "hidden"),
    [
        ({"token": "abcdefgh"}, "abcdefgh"),
        ({"event": "Gone: /sign-in/abcdefgh12/"}, "abcdefgh12"),
        ({"event": "GET /rtc?access_token=eyJhbGciOi.x.y&auto=1"}, "eyJhbGciOi"),
        ({"detail": "sent Authorization: Bearer abc.def-ghi"}, "abc.def-ghi"),
    ],
)
def test_credentials_are_blanked_out_of_log_lines(fields: dict[str, str], hidden: str) -> None:
    line = hide_secrets(None, "info", dict(fields))

    assert hidden not in str(line)
    assert HIDDEN in str(line)


def test_facts_stay_in_log_lines() -> None:
    assert hide_secrets(None, "info", {"event": "call ended", "turns": 4}) == {"event": "call ended", "turns": 4}


def test_lines_of_other_libraries_get_the_same_form() -> None:
    record = logging.LogRecord("daphne.server", logging.INFO, "", 0, "Listening on %s", ("8000",), None)

    line = build_formatter().format(record)

    assert 'event="Listening on 8000"' in line
    assert "logger=daphne.server" in line


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "bad_request"), (404, "not_found"), (405, "method_not_allowed"), (500, "internal_server_error")],
)
def test_an_error_page_under_the_api_becomes_json(status: int, code: str) -> None:
    request: HttpRequest = RequestFactory().get("/api/v1/nowhere")

    answer = shape_api_error(request, HttpResponse("<h1>no</h1>", status=status))

    assert isinstance(answer, HttpResponse)
    assert f'"code": "{code}"' in answer.content.decode()


def test_an_error_page_elsewhere_stays_a_page() -> None:
    request: HttpRequest = RequestFactory().get("/nowhere")

    answer = shape_api_error(request, HttpResponse("<h1>no</h1>", status=404))

    assert isinstance(answer, HttpResponse)
    assert answer.content == b"<h1>no</h1>"
