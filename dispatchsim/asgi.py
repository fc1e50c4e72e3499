"""ASGI entry: pages and API over HTTP, the live feed over WebSocket."""

import asyncio
import atexit
import os
import sys

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatchsim.settings")
django_application = get_asgi_application()  # sets Django up: consumers need its models

from dispatchsim.consumers import ConversationConsumer, refuse  # noqa: E402


@atexit.register
def end_tasks() -> None:
    """End the tasks that daphne leaves behind: Python 3.11 crashes when it collects pending ones at exit."""
    loop: asyncio.AbstractEventLoop | None = getattr(sys.modules.get("daphne.server"), "twisted_loop", None)
    if loop is None or loop.is_running():
        return
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(_drop(tasks))


async def _drop(tasks: set[asyncio.Task[object]]) -> None:
    """Wait a little, and fetch the results: nobody is there any more to be told of a request that was aborted."""
    done, _ = await asyncio.wait(tasks, timeout=1.0)  # a task that waits for a thread does not let itself be cancelled
    for task in done:
        if not task.cancelled():
            task.exception()


# Channels' stubs know neither `path` nor plain ASGI functions as routes.
_sockets = [
    path("ws/conversations/<uuid:conversation_id>/", ConversationConsumer.as_asgi()),  # type: ignore[arg-type]
    path("<path:address>", refuse),  # type: ignore[arg-type]
]
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AuthMiddlewareStack(URLRouter(_sockets)),  # type: ignore[arg-type]
    }
)
