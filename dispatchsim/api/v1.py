"""Version 1 of the API: its routers, its errors, its reference."""

from ninja import NinjaAPI

from dispatchsim.api import conversations, ingest, library
from dispatchsim.api.auth import Needs
from dispatchsim.api.errors import add_error_handlers
from dispatchsim.services.accounts import VIEW_CONVERSATION

api = NinjaAPI(
    title="Dispatchsim",
    version="1",
    urls_namespace="api",
    description="Launch calls between two AI voice agents, watch them, and find them again.",
    auth=Needs(VIEW_CONVERSATION),  # an operation that names no right of its own needs this one
)
add_error_handlers(api)
api.add_router("", conversations.router)
api.add_router("", library.router)
api.add_router("ingest", ingest.router, auth=None)  # agents come with tokens of their own
