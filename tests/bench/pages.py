"""How long pages and API take to answer."""

import http.cookiejar
import statistics
import time
import urllib.request

from tests.live.stack import Stack


def page_times_ms(stack: Stack, *, conversation_id: str, count: int) -> dict[str, tuple[float, float]]:
    """Ask each page `count` times as a signed-in person; give median and slowest in milliseconds."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    opener.open(stack.sign_in_link(), timeout=30).read()
    paths = {
        "new call": "/",
        "history": "/conversations/",
        "finished call": f"/conversations/{conversation_id}/",
        "API status": f"/api/v1/conversations/{conversation_id}/status",
        "API transcript": f"/api/v1/conversations/{conversation_id}/transcript",
        "readyz": "/readyz",
        "healthz": "/healthz",
    }
    return {name: _ask(opener, stack.web_url + path, count) for name, path in paths.items()}


def _ask(opener: urllib.request.OpenerDirector, url: str, count: int) -> tuple[float, float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        opener.open(url, timeout=30).read()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), max(times)
