"""ASGI entry: pages and API over HTTP, the live feed over WebSocket."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatchsim.settings")
django_application = get_asgi_application()  # sets Django up: consumers need its models

from dispatchsim.consumers import ConversationConsumer, refuse  # noqa: E402

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
