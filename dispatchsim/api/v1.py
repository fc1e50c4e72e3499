"""Version 1 of the API: its routers, its errors, its reference."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from dispatchsim.api import conversations, ingest, library
from dispatchsim.api.auth import Needs
from dispatchsim.api.errors import add_error_handlers
from dispatchsim.services.accounts import VIEW_CONVERSATION


class DescribedApi(NinjaAPI):
    """Works its description out once for each place where it is mounted; that takes a third of a second."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._descriptions: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Give the description in OpenAPI's form; for reading alone."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._descriptions:
            self._descriptions[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._descriptions[prefix]


api = DescribedApi(
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
