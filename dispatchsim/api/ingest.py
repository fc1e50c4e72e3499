"""What agents and agent servers report."""

# ruff: noqa: ARG001  (the framework passes the request, wanted or not)

import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status
from ninja.security.base import AuthBase
from pydantic import JsonValue

from dispatchsim.api.errors import ErrorBody
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import NotAuthenticatedError, TooLargeError
from dispatchsim.domain.events import AgentServerHeartbeat, BatchAcknowledged, EventBatch, ToolRequest
from dispatchsim.services.agent_servers import record_heartbeat
from dispatchsim.services.briefs import read_report_token
from dispatchsim.services.freight_tools import use_tool
from dispatchsim.services.ingest import store_batch

router = Router(tags=["ingest"])
MAX_BODY_BYTES = 1024 * 1024  # 200 events of a talkative model are a tenth of it
_REFUSALS = {401: ErrorBody, 413: ErrorBody, 422: ErrorBody}


class ReportRequest(HttpRequest):
    """A request whose report token was read."""

    auth: Role


class _BearerAuth(AuthBase):
    openapi_type = "http"
    openapi_scheme = "bearer"

    def read_token(self, request: HttpRequest) -> str:
        """Read the bearer token, once the body is known to be of a sane size: refused before it is parsed."""
        declared = request.headers.get("Content-Length", "0")
        if not declared.isdigit() or int(declared) > MAX_BODY_BYTES or len(request.body) > MAX_BODY_BYTES:
            raise TooLargeError("The body is too large.", hint=f"Send at most {MAX_BODY_BYTES} bytes at once.")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticatedError("There is no bearer token.")
        return token.strip()


class ReportToken(_BearerAuth):
    """The token of a brief: one conversation, one role."""

    openapi_description = "The `report_token` of the agent's brief."

    def __call__(self, request: HttpRequest) -> Role:
        """Give the role that the token speaks for, or refuse."""
        token = self.read_token(request)
        match = request.resolver_match
        return read_report_token(token, conversation_id=match.kwargs["conversation_id"] if match else UUID(int=0))


class AgentsKey(_BearerAuth):
    """The key that all agent servers share."""

    openapi_description = "DISPATCHSIM_AGENTS_KEY."

    def __call__(self, request: HttpRequest) -> bool:
        """Let an agent server pass, or refuse."""
        token, key = self.read_token(request), settings.DISPATCHSIM_AGENTS_KEY
        if not key or not secrets.compare_digest(token.encode(), key.encode()):
            raise NotAuthenticatedError("The agents' key is not valid.", hint="It must be DISPATCHSIM_AGENTS_KEY.")
        return True


@router.post(
    "/{uuid:conversation_id}/events",
    auth=ReportToken(),
    response={200: BatchAcknowledged, 404: ErrorBody, **_REFUSALS},
    summary="Report what happened",
)
def report_events(request: ReportRequest, conversation_id: UUID, batch: EventBatch) -> BatchAcknowledged:
    """Store a batch of one agent's events; a repeat changes nothing."""
    if batch.role is not request.auth:
        raise NotAuthenticatedError("The report token belongs to the other agent.")
    return store_batch(conversation_id=conversation_id, batch=batch)


@router.post(
    "/{uuid:conversation_id}/tools/{name}",
    auth=ReportToken(),
    response={200: dict[str, JsonValue], 404: ErrorBody, **_REFUSALS},
    summary="Use a tool",
)
def run_tool(request: ReportRequest, conversation_id: UUID, name: str, call: ToolRequest) -> dict[str, JsonValue]:
    """Use one of the agent's tools; what is not allowed comes back with `ok` false and a reason."""
    return use_tool(conversation_id=conversation_id, role=request.auth, name=name, request=call)


@router.post("/agent-servers", auth=AgentsKey(), response={204: None, **_REFUSALS}, summary="Say that you are there")
def report_agent_server(request: HttpRequest, beat: AgentServerHeartbeat) -> Status[None]:
    """Note that an agent server is registered with LiveKit, drains or stops."""
    record_heartbeat(beat)
    return Status(204, None)
