"""The web side alone, under the server that runs in production, and plain HTTP to it."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

from tests.live.stack import Stack

PASSWORD = "a long pass phrase"
ADD_OPERATOR = f"""
from django.contrib.auth.models import Group, User
person = User.objects.create_user("oscar", password="{PASSWORD}")
person.groups.set(Group.objects.filter(name="operators"))
"""
ADD_CALL = """
from tests.pages.calls import running_call
print(running_call().pk)
"""


@dataclass(frozen=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: http.client.HTTPMessage
    body: str


class Site:
    """A running web part with one running call and one operator, signed in."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.origin = stack.web_url
        stack.manage("shell", "-c", ADD_OPERATOR)
        self.call = stack.manage("shell", "-c", ADD_CALL).split()[-1]
        self.csrf = self.cookies = ""
        self._sign_in()

    def send(
        self, method: str, path: str, body: str = "", kind: str = "application/x-www-form-urlencoded", **headers: str
    ) -> Reply:
        """Send exactly these headers, underscores as hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.ports.web, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body.encode(), {"Content-Type": kind, **named})
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read().decode(errors="replace"))
        finally:
            connection.close()

    def _sign_in(self) -> None:
        first = _cookies(self.send("GET", "/sign-in/"))
        token = next(value for name, value in first.items() if "csrf" in name)
        form = f"username=oscar&password={PASSWORD.replace(' ', '+')}&csrfmiddlewaretoken={token}"
        answer = self.send("POST", "/sign-in/", form, Cookie=_join(first), Origin=self.origin)
        assert answer.status == 302, answer
        jar = first | _cookies(answer)
        self.cookies = _join(jar)
        self.csrf = next(value for name, value in jar.items() if "csrf" in name)


def _cookies(reply: Reply) -> dict[str, str]:
    lines = reply.headers.get_all("Set-Cookie") or []
    return dict(line.partition(";")[0].split("=", 1) for line in lines)


def _join(jar: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items())
